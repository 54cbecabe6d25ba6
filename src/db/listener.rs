//! Being told of commits on `PostgreSQL`: a thread with a connection of its own that listens for notifications.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use super::place::{Access, Place};
use super::{Conn, DbError};

/// How often it looks for notifications.
const POLL: Duration = Duration::from_millis(15);

/// How often it asks the server, told or not: for a server that is gone without a word, and for notifications that
/// something between here and there keeps to itself, as some connection poolers do.
const BEAT: Duration = Duration::from_secs(1);

/// How long it counts as listening after it last asked the server and got an answer, milliseconds.
const TRUSTED: u64 = 5_000;

/// The longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Listens for as long as it lives.
pub struct Listener {
    ear: Arc<Ear>,
}

/// What the thread and its owner share.
struct Ear {
    since: Instant,
    /// Until when it counts as listening, milliseconds from `since`; 0 while it does not.
    trusted_until: AtomicU64,
    stopped: AtomicBool,
}

impl Listener {
    /// Starts to listen on the channel.
    pub(super) fn start(
        place: Arc<Place>,
        channel: &'static str,
        told: impl FnMut(&mut Conn) -> Result<(), DbError> + Send + 'static,
    ) -> Self {
        let ear = Arc::new(Ear {
            since: Instant::now(),
            trusted_until: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        });
        let thread = thread::Builder::new().name("listener".to_owned()).spawn({
            let ear = Arc::clone(&ear);
            move || ear.keep_listening(&place, channel, told)
        });
        if let Err(error) = thread {
            log::warn!("commits cannot be noticed: {error}");
        }
        Self { ear }
    }

    /// Whether it would have been told by now of what was committed a moment ago.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.ear.now() < self.ear.trusted_until.load(Ordering::Acquire)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ear.stopped.store(true, Ordering::Relaxed);
    }
}

impl Ear {
    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Listens on one connection after another, until it is stopped.
    fn keep_listening(
        &self,
        place: &Place,
        channel: &str,
        mut told: impl FnMut(&mut Conn) -> Result<(), DbError>,
    ) {
        let mut pause = POLL;
        while let Err(error) = self.listen(place, channel, &mut told) {
            if self.trusted_until.swap(0, Ordering::AcqRel) > 0 {
                pause = POLL;
            }
            if pause == POLL {
                log::warn!("commits are not noticed for now: {error}");
            }
            self.rest(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Listens on one connection, until it is stopped or the connection breaks.
    fn listen(
        &self,
        place: &Place,
        channel: &str,
        told: &mut impl FnMut(&mut Conn) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        if self.is_stopped() {
            return Ok(());
        }
        let mut conn = place.connect(Access::Read)?;
        conn.batch_execute(&format!("LISTEN {channel}"))?;
        loop {
            let asked_at = self.now();
            told(&mut conn)?;
            self.trusted_until
                .store(asked_at + TRUSTED, Ordering::Release);
            let beat = Instant::now() + BEAT;
            while !is_notified(&mut conn)? && Instant::now() < beat {
                if self.is_stopped() {
                    return Ok(());
                }
                thread::sleep(POLL);
            }
        }
    }

    /// Pauses, but not for longer than it runs.
    fn rest(&self, pause: Duration) {
        let end = Instant::now() + pause;
        while !self.is_stopped() && Instant::now() < end {
            thread::sleep(POLL);
        }
    }
}

/// Whether notifications have come; takes them all.
fn is_notified(conn: &mut Conn) -> Result<bool, DbError> {
    let mut any = false;
    if let Conn::Postgres(conn) = conn {
        for notification in conn.notifications_iter() {
            notification?;
            any = true;
        }
    }
    Ok(any)
}
