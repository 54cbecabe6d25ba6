//! Compressing kept pages once more, as well as it can be done, when there is nothing better to do.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

use super::Pages;
use super::page::Page;

/// Pages that wait at most; more are left as they are.
const WAITING: usize = 1000;

/// A page and its key.
type Job = (String, Weak<Page>);

/// The thread that polishes, which starts with the first page and ends with this value.
#[derive(Default)]
pub(super) struct Polisher(OnceLock<SyncSender<Job>>);

impl Polisher {
    /// Lets a page be polished some time later, unless it is gone by then.
    pub(super) fn take(&self, pages: &Arc<Pages>, key: &str, page: &Arc<Page>) {
        let jobs = self.0.get_or_init(|| start(Arc::downgrade(pages)));
        // Nothing is lost where too many wait.
        let _ = jobs.try_send((key.to_owned(), Arc::downgrade(page)));
    }
}

fn start(pages: Weak<Pages>) -> SyncSender<Job> {
    let (sender, jobs) = sync_channel(WAITING);
    let thread = thread::Builder::new().name("polisher".to_owned());
    if let Err(error) = thread.spawn(move || polish(&pages, &jobs)) {
        log::warn!("pages stay compressed as they are: {error}");
    }
    sender
}

fn polish(pages: &Weak<Pages>, jobs: &Receiver<Job>) {
    step_back();
    while let Ok((key, page)) = jobs.recv() {
        let Some(page) = page.upgrade() else {
            continue;
        };
        let Some(polished) = page.polished() else {
            continue;
        };
        let Some(pages) = pages.upgrade() else {
            return;
        };
        // Should another page take its place in between, that one is lost, and this one holds no longer than it did.
        if pages.peek(&key).is_some_and(|now| Arc::ptr_eq(&now, &page)) {
            let _ = pages.replace(key, Arc::new(polished), true);
        }
    }
}

/// Lets every other thread go first.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 19) {
        log::debug!("compressing runs at no lower priority: {error}");
    }
}
