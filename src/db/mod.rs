//! The one door to the database: opening it by its address, lending connections, and transactions.
//!
//! Code above this module speaks to a [`Conn`], which is `SQLite` or `PostgreSQL`, and never takes a connection itself.
//! [`Db`] lends one for the length of a transaction or a statement:
//!
//! | door | for | sees |
//! | --- | --- | --- |
//! | [`Db::read`], [`Db::read_blocking`] | pages | one moment, of a replica where there is one |
//! | [`Db::ask`], [`Db::ask_blocking`] | pages of a single statement | the same |
//! | [`Db::read_newest`], [`Db::read_newest_blocking`] | whatever has to see every write before it | one moment, of the primary |
//! | [`Db::write`], [`Db::write_blocking`] | changes | all of the work is done, or nothing of it |
//! | [`Db::alone`], [`Db::alone_or_not`] | work that one of several instances does | |

mod alone;
mod bulk;
mod commits;
mod conn;
mod error;
mod listener;
mod migrations;
mod password_file;
mod place;
mod pool;
mod quick;
mod replica;
mod server;
mod stored;
mod tls;
mod url;
mod wal_index;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::web;
use diesel::QueryResult;
use diesel::r2d2::Pool;

use alone::Alone;
use place::{Access, Place};
use pool::Connections;
use quick::Quick;
use replica::Replica;

pub(crate) use bulk::{BinaryRows, FEW, MANY, PutOff, insert_all, settle};
pub use commits::Commits;
pub use conn::Conn;
pub use error::DbError;
pub use listener::Listener;
pub(crate) use stored::stored;
pub use url::{DatabaseUrl, PostgresUrl};
pub use wal_index::WalIndex;

/// How long a request waits for a free connection, and for whoever holds a lock on the embedded database.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that read at the same time: on `SQLite` as many as there are cores to use them, on `PostgreSQL` some
/// more, for they wait on the network.
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

/// Runs one diesel expression on whichever database a [`Conn`] is: for statements that diesel cannot build once for
/// both, such as `ON CONFLICT` and inserts of a slice.
macro_rules! on_either {
    ($conn:expr, $inner:ident => $statement:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($inner) => $statement,
            $crate::db::Conn::Postgres($inner) => $statement,
        }
    };
}
pub(crate) use on_either;

/// The database of a running program. Clones share its connections.
#[derive(Clone)]
pub struct Db {
    place: Arc<Place>,
    readers: Connections,
    writers: Connections,
    /// A copy for pages.
    replica: Option<Arc<Replica>>,
    /// Threads for pages of a single statement.
    quick: Arc<Quick>,
}

impl Db {
    /// Opens the database, creating an embedded one that is not there yet, and applies the migrations it lacks.
    ///
    /// # Errors
    /// [`DbError::Open`], [`DbError::Migrate`] or [`DbError::Newer`].
    pub fn open(url: &DatabaseUrl) -> Result<Self, DbError> {
        let place = Arc::new(Place::new(url)?);
        migrations::apply(place.connect(Access::Write)?, &place.to_string())?;
        let connections = |access, size| {
            let pool = Pool::builder().max_size(size).connection_timeout(PATIENCE);
            Connections::new(&place, access, pool)
        };
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let (readers, writers, at_a_time) = match &*place {
            Place::Sqlite(_) => (
                connections(Access::Read, SQLITE_READERS),
                connections(Access::Write, 1),
                cores.min(SQLITE_READERS as usize),
            ),
            Place::Postgres(_) => {
                let shared = connections(Access::Write, POSTGRES_CONNECTIONS);
                let at_a_time = (2 * cores).min(POSTGRES_CONNECTIONS as usize);
                (shared.clone(), shared, at_a_time)
            }
        };
        let quick = Quick::new(at_a_time).map_err(|error| DbError::Open {
            url: place.to_string(),
            cause: error.to_string(),
        })?;
        Ok(Self {
            place,
            readers,
            writers,
            replica: None,
            quick: Arc::new(quick),
        })
    }

    /// Lets pages read from a copy of the database, wherever it can be read.
    ///
    /// # Errors
    /// [`DbError::Open`] when its address cannot be used. Whether the replica answers is another matter: as long as it does
    /// not, pages are read from the primary.
    pub fn with_replica(self, url: &DatabaseUrl) -> Result<Self, DbError> {
        let replica = Replica::new(Place::new(url)?, POSTGRES_CONNECTIONS);
        Ok(Self {
            replica: Some(Arc::new(replica)),
            ..self
        })
    }

    /// Reads in one transaction, so that all that `work` sees is of one moment, which may be some time ago where there is a
    /// replica. When the replica fails, `work` is done again on the primary. Blocks.
    ///
    /// # Errors
    /// [`DbError::Busy`], or what `work` answers.
    pub fn read_blocking<T, E: From<DbError> + fmt::Display>(
        &self,
        work: impl Fn(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let replica = self.replica.as_ref();
        replica
            .and_then(|replica| replica.read(&work))
            .unwrap_or_else(|| self.read_newest_blocking(work))
    }

    /// Reads in one transaction all that was ever written. Blocks.
    ///
    /// # Errors
    /// [`DbError::Busy`], or what `work` answers.
    pub fn read_newest_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        in_transaction(&self.readers, Access::Read, work)
    }

    /// Writes in one transaction: all of `work`, or nothing of it when it answers an error. Blocks.
    ///
    /// # Errors
    /// [`DbError::Busy`], or what `work` answers.
    pub fn write_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        in_transaction(&self.writers, Access::Write, work)
    }

    /// Reads with a single statement, which needs no transaction to be of one moment, and on `PostgreSQL` saves two of three
    /// round trips. Otherwise as [`Db::read_blocking`].
    ///
    /// # Errors
    /// [`DbError::Busy`], or [`DbError::Query`] with what the statement answers.
    pub fn ask_blocking<T>(
        &self,
        statement: impl Fn(&mut Conn) -> QueryResult<T>,
    ) -> Result<T, DbError> {
        let replica = self.replica.as_ref();
        match replica.and_then(|replica| replica.ask(&statement)) {
            Some(answer) => Ok(answer?),
            None => Ok(self.readers.ask(self.readers.patience(), statement)??),
        }
    }

    /// [`Db::read_blocking`] on a thread of its own, for request handlers.
    ///
    /// # Errors
    /// [`DbError::Busy`], [`DbError::Cancelled`], or what `work` answers.
    pub async fn read<T, E>(
        &self,
        work: impl Fn(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + fmt::Display + Send + 'static,
    {
        let db = self.clone();
        web::block(move || db.read_blocking(work))
            .await
            .unwrap_or_else(|_| Err(DbError::Cancelled.into()))
    }

    /// [`Db::ask_blocking`] on a thread for questions that take a moment, for request handlers.
    ///
    /// # Errors
    /// [`DbError::Busy`], [`DbError::Cancelled`], or [`DbError::Query`] with what the statement answers.
    pub async fn ask<T: Send + 'static>(
        &self,
        statement: impl Fn(&mut Conn) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, DbError> {
        let db = self.clone();
        let answer = self.quick.run(move || db.ask_blocking(statement)).await;
        answer.unwrap_or(Err(DbError::Cancelled))
    }

    /// [`Db::read_newest_blocking`] on a thread of its own, for request handlers.
    ///
    /// # Errors
    /// [`DbError::Busy`], [`DbError::Cancelled`], or what `work` answers.
    pub async fn read_newest<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        web::block(move || db.read_newest_blocking(work))
            .await
            .unwrap_or_else(|_| Err(DbError::Cancelled.into()))
    }

    /// [`Db::write_blocking`] on a thread of its own, for request handlers.
    ///
    /// # Errors
    /// [`DbError::Busy`], [`DbError::Cancelled`], or what `work` answers.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        web::block(move || db.write_blocking(work))
            .await
            .unwrap_or_else(|_| Err(DbError::Cancelled.into()))
    }

    /// Whether several instances may work on it, each on a machine of its own.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(&*self.place, Place::Postgres(_))
    }

    /// Does work of a name that only one of all instances on this database does at a time; the others wait. What another one
    /// may have done meanwhile has to be looked at within `work`. An instance that dies lets the next one in. Blocks.
    ///
    /// # Errors
    /// [`DbError::Open`], or what `work` answers.
    pub fn alone<T, E: From<DbError>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let _alone = Alone::wait(&self.place, name)?;
        work()
    }

    /// Does work of a name unless another instance on this database is at it: then nothing is done. Blocks.
    ///
    /// # Errors
    /// [`DbError::Open`], or what `work` answers.
    pub fn alone_or_not<T, E: From<DbError>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        match Alone::begin(&self.place, name)? {
            Some(_alone) => work().map(Some),
            None => Ok(None),
        }
    }
}

fn in_transaction<T, E: From<DbError>>(
    connections: &Connections,
    access: Access,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    let mut link = connections
        .begin(access, connections.patience())
        .map_err(DbError::from)?;
    let worked = work(&mut link.conn);
    link.end(worked)
}
