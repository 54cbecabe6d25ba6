//! Statements on a thread of their own: the database works on some rows while the next ones are put together.

use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{Scope, ScopedJoinHandle};

use diesel::QueryResult;
use diesel::result::Error;

use crate::db::Conn;

/// Statements that may wait, each with a whole batch of rows.
const WAITING: usize = 1;

type Job = Box<dyn FnOnce(&mut Conn) -> QueryResult<()> + Send>;

/// Does what it is given, in that order but for what is urgent, until something fails.
pub(super) struct Desk<'scope> {
    give: SyncSender<Job>,
    give_first: Sender<Job>,
    thread: ScopedJoinHandle<'scope, QueryResult<()>>,
}

impl<'scope> Desk<'scope> {
    /// Opens it on a connection, for as long as the scope lasts.
    pub(super) fn open<'conn: 'scope>(
        scope: &'scope Scope<'scope, '_>,
        conn: &'conn mut Conn,
    ) -> Self {
        let (give, given) = mpsc::sync_channel(WAITING);
        let (give_first, urgent) = mpsc::channel();
        let thread = scope.spawn(move || work_off(conn, &given, &urgent));
        Self {
            give,
            give_first,
            thread,
        }
    }

    /// Does something sooner or later.
    ///
    /// # Errors
    /// When something failed before: [`Desk::close`] says what.
    pub(super) fn later(
        &self,
        job: impl FnOnce(&mut Conn) -> QueryResult<()> + Send + 'static,
    ) -> QueryResult<()> {
        self.give.send(Box::new(job)).map_err(|_| gone())
    }

    /// Does everything that was given before, then this, and answers.
    ///
    /// # Errors
    /// This one's, or as [`Desk::later`].
    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Conn) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        let (job, replied) = asking(question);
        self.give.send(job).map_err(|_| gone())?;
        replied.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Does this before anything that waits, and answers.
    ///
    /// # Errors
    /// As [`Desk::ask`].
    pub(super) fn ask_first<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Conn) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        let (job, replied) = asking(question);
        self.give_first.send(job).map_err(|_| gone())?;
        // Where nothing waits, this wakes it; where something does, it looks by itself.
        let _ = self.give.try_send(Box::new(|_| Ok(())));
        replied.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Waits until everything is done.
    ///
    /// # Errors
    /// Of the statement that failed.
    pub(super) fn close(self) -> QueryResult<()> {
        drop(self.give);
        let done = self.thread.join();
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

fn work_off(conn: &mut Conn, given: &Receiver<Job>, urgent: &Receiver<Job>) -> QueryResult<()> {
    given.iter().try_for_each(|job| {
        urgent.try_iter().try_for_each(|job| job(conn))?;
        job(conn)
    })
}

/// What asks a question, and where its answer comes.
fn asking<T: Send + 'static>(
    question: impl FnOnce(&mut Conn) -> QueryResult<T> + Send + 'static,
) -> (Job, Receiver<QueryResult<T>>) {
    let (reply, replied) = mpsc::sync_channel(1);
    let job = Box::new(move |conn: &mut Conn| {
        // Who asked waits for it.
        let _ = reply.send(question(conn));
        Ok(())
    });
    (job, replied)
}

/// What is said where an earlier statement failed.
const fn gone() -> Error {
    Error::RollbackTransaction
}
