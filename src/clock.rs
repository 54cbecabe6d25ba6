//! What happens by itself while the site is served: named jobs, each again and again after a while, one after the other on a
//! thread of their own.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, SubsecRound, Utc};

use crate::db::{Db, DbError};

/// The time, UTC, in whole seconds.
#[must_use]
pub fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(0)
}

/// Something to do again and again. Several instances may do it at the same time: it has to bear that.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// What the log calls it.
    pub name: &'static str,
    /// How long to wait from one time to the next.
    pub every: Duration,
    /// What it does. It looks first whether there is anything to do: whoever writes makes others wait.
    pub work: fn(&Db) -> Result<(), DbError>,
}

/// The running clock. It ends when this is dropped, after the job that it is at.
#[derive(Debug)]
pub struct Clock {
    /// Dropped to end the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Clock {
    /// Starts the clock. Each job is done at once, and then again and again.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(db: &Db, jobs: Vec<Job>) -> std::io::Result<Self> {
        let db = db.clone();
        let (end, ended) = channel::<()>();
        let thread = std::thread::Builder::new()
            .name("clock".to_owned())
            .spawn(move || {
                let mut turns: Vec<(Instant, Job)> =
                    jobs.into_iter().map(|job| (Instant::now(), job)).collect();
                while let Some(next) = turns.iter().map(|(due, _)| *due).min() {
                    let wait = next.saturating_duration_since(Instant::now());
                    if ended.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                    for (due, job) in &mut turns {
                        if *due <= Instant::now() {
                            run(&db, job);
                            *due = Instant::now() + job.every;
                        }
                    }
                }
            })?;
        Ok(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A job that panicked has said so.
            let _ = thread.join();
        }
    }
}

fn run(db: &Db, job: &Job) {
    if let Err(error) = (job.work)(db) {
        log::warn!("{}: {error}; it is tried again later", job.name);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    static TIMES: AtomicU32 = AtomicU32::new(0);

    #[test]
    fn jobs_are_done_again_and_again_until_the_clock_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock.db");
        let db = Db::open(&file.to_str().unwrap().parse().unwrap()).unwrap();
        let often = Job {
            name: "counting",
            every: Duration::from_millis(1),
            work: |_| {
                TIMES.fetch_add(1, Ordering::Relaxed);
                // What fails is tried again.
                Err(DbError::Busy)
            },
        };
        let seldom = Job {
            name: "waiting",
            every: Duration::from_hours(1),
            work: |_| Ok(()),
        };
        let clock = Clock::start(&db, vec![often, seldom]).unwrap();
        let start = Instant::now();
        while TIMES.load(Ordering::Relaxed) < 3 {
            assert!(start.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(clock);
        let times = TIMES.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(TIMES.load(Ordering::Relaxed), times);
    }
}
