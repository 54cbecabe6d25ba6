//! Threads of their own for questions that take a moment, so that what takes long does not hold them up.
//!
//! They are few: more threads than processors take turns in the middle of their questions, and all answers come later.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// How long a thread that nobody asks stays: starting one costs more than a question.
const STAY: Duration = Duration::from_hours(1);

/// The threads; each question waits for those before it.
#[derive(Debug)]
pub(super) struct Quick {
    /// Of which only the threads for blocking work are used. `None` once it is dropped.
    runtime: Option<Runtime>,
}

impl Quick {
    /// So many threads, which start when they are needed.
    ///
    /// # Errors
    /// When the system gives no more of what that takes.
    pub(super) fn new(threads: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(threads)
            .thread_keep_alive(STAY)
            .thread_name("quick")
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
        })
    }

    /// Does work on one of them; `None` where it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        self.runtime.as_ref()?.spawn_blocking(work).await.ok()
    }
}

impl Drop for Quick {
    fn drop(&mut self) {
        // Waiting for its threads is not allowed where requests are served.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use actix_web::web;

    use super::*;

    #[test]
    fn what_takes_long_does_not_hold_up_a_question_of_a_moment() {
        let worker = Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        worker.block_on(async {
            let quick = Quick::new(1).unwrap();
            let (finish, until_then) = mpsc::channel();
            let long = web::block(move || until_then.recv());
            assert_eq!(quick.run(|| 1).await, Some(1));
            finish.send(2).unwrap();
            assert_eq!(long.await.unwrap(), Ok(2));
        });
    }

    #[actix_web::test]
    async fn work_that_panics_answers_nothing_and_the_next_is_done() {
        let quick = Quick::new(1).unwrap();
        let nothing = quick.run(|| std::panic::resume_unwind(Box::new(())));
        assert_eq!(nothing.await, None::<()>);
        assert_eq!(quick.run(|| 1).await, Some(1));
    }
}
