//! A copy of the primary that pages read from: behind it by a moment or by minutes, and never in the way.
//!
//! Whatever the replica cannot do, the primary does: when it does not answer, when it lacks a table that the primary got
//! just now, when replication interrupts a statement. The replica is then left alone for a few seconds, so that nobody
//! waits for it, and one reader tries it again.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::r2d2::{NopErrorHandler, Pool};
use diesel::result::{Error, QueryResult};

use super::place::{Access, Place};
use super::pool::Connections;
use super::{Conn, DbError};

/// How long a page waits for the replica before it turns to the primary.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a replica that failed is left alone.
const REST: Duration = Duration::from_secs(3);

/// A replica.
pub(super) struct Replica {
    place: Arc<Place>,
    connections: Connections,
    /// Since it failed: when it is tried again.
    rests_until: Mutex<Option<Instant>>,
}

/// One reader's turn with the replica.
struct Turn {
    /// Whether it only tries a replica that had failed. Such a reader does not wait.
    is_trial: bool,
}

impl Replica {
    /// A replica of so many connections at most. It need not be there.
    pub(super) fn new(place: Place, size: u32) -> Self {
        let place = Arc::new(place);
        let pool = Pool::builder()
            .max_size(size)
            .connection_timeout(PATIENCE)
            // One warning for all failures is written here.
            .error_handler(Box::new(NopErrorHandler));
        Self {
            connections: Connections::new(&place, Access::Read, pool),
            place,
            rests_until: Mutex::default(),
        }
    }

    /// Reads in one transaction; nothing where the primary has to be read instead.
    pub(super) fn read<T, E: From<DbError> + fmt::Display>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let turn = self.turn()?;
        let mut link = match self.connections.begin(Access::Read, self.patience(&turn)) {
            Ok(link) => link,
            Err(failure) => return self.fail(&failure),
        };
        let worked = work(&mut link.conn);
        // Work may also answer an error of its own, such as that there is no such page.
        let has_failed = worked.is_err() && link.has_failed();
        match link.end(worked) {
            Err(error) if has_failed || link.is_gone => self.fail(&error),
            answer => {
                self.succeed(&turn);
                Some(answer)
            }
        }
    }

    /// Reads with one statement; nothing where the primary has to be read instead.
    pub(super) fn ask<T>(
        &self,
        statement: impl Fn(&mut Conn) -> QueryResult<T>,
    ) -> Option<QueryResult<T>> {
        let turn = self.turn()?;
        match self.connections.ask(self.patience(&turn), statement) {
            Ok(answer @ (Ok(_) | Err(Error::NotFound))) => {
                self.succeed(&turn);
                Some(answer)
            }
            Ok(Err(error)) => self.fail(&error),
            Err(failure) => self.fail(&failure),
        }
    }

    /// A turn, unless the replica rests. Of those who come when it has rested, the first one tries it.
    fn turn(&self) -> Option<Turn> {
        let mut rests_until = self.lock();
        match *rests_until {
            None => Some(Turn { is_trial: false }),
            Some(until) if Instant::now() < until => None,
            Some(_) => {
                *rests_until = Some(Instant::now() + REST);
                Some(Turn { is_trial: true })
            }
        }
    }

    fn patience(&self, turn: &Turn) -> Duration {
        if turn.is_trial {
            Duration::ZERO
        } else {
            self.connections.patience()
        }
    }

    fn succeed(&self, turn: &Turn) {
        if turn.is_trial {
            *self.lock() = None;
            log::info!("pages are read from the replica {} again", self.place);
        }
    }

    fn fail<T>(&self, cause: &dyn fmt::Display) -> Option<T> {
        let before = self.lock().replace(Instant::now() + REST);
        if before.is_none() {
            log::warn!(
                "pages are read from the primary until the replica {} can be read again: {cause}",
                self.place
            );
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        // The value is whole whatever happened to the thread that held it.
        self.rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
