//! Pools of connections, and work on a connection that is alive.
//!
//! Connections are not tried before they are lent: that would be a round trip more for each page. The first statement
//! shows whether the server is still there. Where it is not, the connection is thrown away and the next one taken, until
//! the pool has to make a new one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{Builder, ManageConnection, Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error, QueryResult};

use super::place::{Access, Place};
use super::{Conn, DbError};

/// A connection that is lent, and goes back when it is dropped.
pub(super) type Lent = PooledConnection<Opener>;

/// Connections of one place, for one use. Clones share them.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool<Opener>,
}

/// Why there is no connection to work with.
#[derive(Debug)]
pub(super) enum Failure {
    /// None became free in time, and no new one could be made.
    NoConnection(String),
    /// The first statement was refused.
    Statement(Error),
}

/// Opens connections for a pool.
#[derive(Debug)]
pub(super) struct Opener {
    place: Arc<Place>,
    access: Access,
}

/// A connection of a pool.
pub(super) struct Link {
    pub(super) conn: Conn,
    /// Whether a statement has shown that the other end is gone.
    pub(super) is_gone: bool,
}

impl ManageConnection for Opener {
    type Connection = Link;
    type Error = DbError;

    fn connect(&self) -> Result<Link, DbError> {
        let conn = self.place.connect(self.access)?;
        Ok(Link {
            conn,
            is_gone: false,
        })
    }

    fn is_valid(&self, link: &mut Link) -> Result<(), DbError> {
        Ok(link.execute("SELECT 1")?)
    }

    fn has_broken(&self, link: &mut Link) -> bool {
        // Work that panicked left its transaction open.
        std::thread::panicking() || link.is_gone
    }
}

impl Connections {
    /// Makes a pool as it is described; its connections are made when they are needed.
    pub(super) fn new(place: &Arc<Place>, access: Access, pool: Builder<Opener>) -> Self {
        let opener = Opener {
            place: place.clone(),
            access,
        };
        Self {
            pool: pool
                // Those that nobody waits for may still be in the making when the program ends.
                .min_idle(Some(0))
                .test_on_check_out(false)
                .build_unchecked(opener),
        }
    }

    /// How long to wait for a connection.
    pub(super) fn patience(&self) -> Duration {
        self.pool.connection_timeout()
    }

    fn lend(&self, patience: Duration) -> Result<Lent, Failure> {
        self.pool
            .get_timeout(patience)
            .map_err(|error| Failure::NoConnection(error.to_string()))
    }

    /// Begins a transaction. Nothing was done before it, so that nothing is done twice.
    pub(super) fn begin(&self, access: Access, patience: Duration) -> Result<Lent, Failure> {
        let (link, begun) = self.on_live(patience, |link| {
            let begin = match (&link.conn, access) {
                (Conn::Sqlite(_), Access::Write) => "BEGIN IMMEDIATE",
                // Who reads does not wait for a table longer than for a connection.
                (Conn::Postgres(_), Access::Read) => {
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '5s'"
                }
                (Conn::Sqlite(_), Access::Read) | (Conn::Postgres(_), Access::Write) => "BEGIN",
            };
            link.execute(begin)
        })?;
        begun.map(|()| link).map_err(Failure::Statement)
    }

    /// Runs one statement that reads.
    pub(super) fn ask<T>(
        &self,
        patience: Duration,
        statement: impl Fn(&mut Conn) -> QueryResult<T>,
    ) -> Result<QueryResult<T>, Failure> {
        let (_, answer) = self.on_live(patience, |link| {
            let answer = statement(&mut link.conn);
            link.note(answer)
        })?;
        Ok(answer)
    }

    /// Runs a statement on one connection after the other, until one is alive: all that were idle may have gone with the
    /// server, and the one after them is new.
    fn on_live<T>(
        &self,
        patience: Duration,
        statement: impl Fn(&mut Link) -> QueryResult<T>,
    ) -> Result<(Lent, QueryResult<T>), Failure> {
        let mut left = self.pool.max_size();
        loop {
            let mut link = self.lend(patience)?;
            let answer = statement(&mut link);
            if !link.is_gone || left == 0 {
                return Ok((link, answer));
            }
            left -= 1;
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection(cause) => f.write_str(cause),
            Self::Statement(error) => write!(f, "{error}"),
        }
    }
}

impl From<Failure> for DbError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoConnection(_) => Self::Busy,
            Failure::Statement(error) => Self::Query(error),
        }
    }
}

impl Link {
    /// Executes SQL that answers nothing.
    pub(super) fn execute(&mut self, sql: &str) -> QueryResult<()> {
        let done = self.conn.batch_execute(sql);
        self.note(done)
    }

    /// Remembers of an answer whether the other end is gone.
    fn note<T>(&mut self, answer: QueryResult<T>) -> QueryResult<T> {
        self.is_gone |= matches!(
            answer,
            Err(Error::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _
            ))
        );
        answer
    }

    /// Ends a transaction: with all of its work, or with nothing of it.
    pub(super) fn end<T, E: From<DbError>>(&mut self, worked: Result<T, E>) -> Result<T, E> {
        match worked {
            Ok(value) => {
                if let Err(error) = self.execute("COMMIT") {
                    self.roll_back();
                    return Err(DbError::from(error).into());
                }
                Ok(value)
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    /// Ends a transaction that failed. Where the connection is gone the work is gone with it; one that cannot be rolled back
    /// is of no use any more either.
    fn roll_back(&mut self) {
        if let Err(error) = self.execute("ROLLBACK")
            && !self.is_gone
        {
            log::warn!("a transaction could not be rolled back: {error}");
            self.is_gone = true;
        }
    }

    /// Whether a statement failed since the transaction began. `PostgreSQL` then refuses every other one.
    pub(super) fn has_failed(&mut self) -> bool {
        self.execute("SELECT 1").is_err()
    }
}
