//! The one door to the database: opening it by its address, lending connections, and transactions.
//!
//! Code above this module speaks to a [`Conn`], which is `SQLite` or `PostgreSQL`, and never takes a connection itself:
//! [`Db::read`], [`Db::read_blocking`] and [`Db::write_blocking`] lend one for the length of a transaction.

mod bulk;
mod commits;
mod conn;
mod listener;
mod migrations;
mod stored;
mod wal_index;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use actix_web::web;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::sqlite::SqliteConnection;

pub(crate) use bulk::{FEW, MANY, insert_all};
pub use commits::Commits;
pub use conn::Conn;
pub use listener::Listener;
pub(crate) use stored::stored;
pub use wal_index::WalIndex;

/// How long a request waits for a free connection, and a writer for another writer's transaction.
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

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// `postgres://…`, secrets included.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some((scheme, _)) => Err(format!(
                "'{scheme}://' is no database that payband speaks; give a file path or postgres://…"
            )),
            None if text.is_empty() => Err("it is empty; give a file path or postgres://…".into()),
            None => Ok(Self::Sqlite(text.into())),
        }
    }
}

/// The address as messages may show it: a password is left out.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let without_user = url.rsplit_once('@').map_or_else(
                    || url.split_once("://").map_or("", |(_, rest)| rest),
                    |(_, rest)| rest,
                );
                let without_options = without_user.split('?').next().unwrap_or_default();
                write!(f, "postgres://{without_options}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What can go wrong between the program and its database. Each writes itself as one sentence.
#[derive(Debug)]
pub enum DbError {
    /// It could not be opened.
    Open {
        /// Where it was looked for, without secrets.
        url: String,
        /// What the database or the disk said.
        cause: String,
    },
    /// Its tables could not be brought up to date.
    Migrate {
        /// Where it is, without secrets.
        url: String,
        /// What the database said.
        cause: String,
    },
    /// A newer payband wrote it.
    Newer {
        /// Where it is, without secrets.
        url: String,
        /// The first migration that this program does not know.
        version: String,
    },
    /// No connection became free in time.
    Busy,
    /// A statement failed.
    Query(diesel::result::Error),
    /// The thread that worked for the request is gone.
    Cancelled,
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { url, cause } => write!(f, "cannot open the database {url}: {cause}"),
            Self::Migrate { url, cause } => {
                write!(f, "cannot bring the database {url} up to date: {cause}")
            }
            Self::Newer { url, version } => write!(
                f,
                "the database {url} was written by a newer payband (it has the migration {version}); \
                 run that version, or give another DATABASE_URL"
            ),
            Self::Busy => f.write_str("no connection to the database became free in time"),
            Self::Query(error) if error.to_string().contains("database is locked") => {
                f.write_str("another program is writing to the database; try again when it is done")
            }
            Self::Query(error) => write!(f, "the database refused a statement: {error}"),
            Self::Cancelled => f.write_str("the work on the database was cancelled"),
        }
    }
}

impl std::error::Error for DbError {}

impl From<diesel::result::Error> for DbError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Query(error)
    }
}

/// The database of a running program: a pool that reads and one that writes. Clones share both.
#[derive(Clone)]
pub struct Db {
    url: DatabaseUrl,
    readers: Pool<Opener>,
    writers: Pool<Opener>,
}

impl Db {
    /// Opens the database, creating an embedded one that is not there yet, and applies the migrations it lacks.
    ///
    /// # Errors
    /// [`DbError::Open`], [`DbError::Migrate`] or [`DbError::Newer`].
    pub fn open(url: &DatabaseUrl) -> Result<Self, DbError> {
        if let DatabaseUrl::Sqlite(path) = url
            && let Some(folder) = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|error| DbError::Open {
                url: url.to_string(),
                cause: format!("cannot create the folder {}: {error}", folder.display()),
            })?;
        }
        let mut first = connect(url, Access::Write)?;
        migrations::apply(&mut first, url)?;
        drop(first);
        Ok(match url {
            DatabaseUrl::Sqlite(_) => Self {
                url: url.clone(),
                readers: pool(url, Access::Read, SQLITE_READERS),
                writers: pool(url, Access::Write, 1),
            },
            DatabaseUrl::Postgres(_) => {
                let shared = pool(url, Access::Write, POSTGRES_CONNECTIONS);
                Self {
                    url: url.clone(),
                    readers: shared.clone(),
                    writers: shared,
                }
            }
        })
    }

    /// Reads in one transaction, so that all that `work` sees is of one moment. Blocks: for commands and tests.
    ///
    /// # Errors
    /// [`DbError::Busy`], or what `work` answers.
    pub fn read_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = lend(&self.readers)?;
        transaction(&mut conn, Access::Read, work)
    }

    /// Writes in one transaction: all of `work`, or nothing of it when it answers an error. Blocks.
    ///
    /// # Errors
    /// [`DbError::Busy`], or what `work` answers.
    pub fn write_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = lend(&self.writers)?;
        transaction(&mut conn, Access::Write, work)
    }

    /// [`Db::read_blocking`] on a thread of its own, for request handlers.
    ///
    /// # Errors
    /// [`DbError::Busy`], [`DbError::Cancelled`], or what `work` answers.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        web::block(move || db.read_blocking(work))
            .await
            .unwrap_or_else(|_| Err(DbError::Cancelled.into()))
    }
}

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// Opens connections for a pool.
#[derive(Debug)]
struct Opener {
    url: DatabaseUrl,
    access: Access,
}

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = DbError;

    fn connect(&self) -> Result<Conn, DbError> {
        connect(&self.url, self.access)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), DbError> {
        Ok(conn.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

fn pool(url: &DatabaseUrl, access: Access, size: u32) -> Pool<Opener> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(PATIENCE)
        // An open file does not go away; a server may.
        .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
        .build_unchecked(Opener {
            url: url.clone(),
            access,
        })
}

fn lend(pool: &Pool<Opener>) -> Result<PooledConnection<Opener>, DbError> {
    pool.get().map_err(|_| DbError::Busy)
}

fn connect(url: &DatabaseUrl, access: Access) -> Result<Conn, DbError> {
    let failed = |cause: &dyn fmt::Display| DbError::Open {
        url: url.to_string(),
        cause: cause.to_string().trim_end().replace('\n', " "),
    };
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path
                .to_str()
                .ok_or_else(|| failed(&"its path is not UTF-8"))?;
            let mut conn = SqliteConnection::establish(path).map_err(|error| failed(&error))?;
            conn.batch_execute(match access {
                Access::Read => SQLITE_READER,
                Access::Write => SQLITE_WRITER,
            })
            .map_err(|error| failed(&error))?;
            Ok(Conn::Sqlite(conn))
        }
        DatabaseUrl::Postgres(address) => {
            let mut conn =
                diesel::PgConnection::establish(address).map_err(|error| failed(&error))?;
            conn.batch_execute("SET TIME ZONE 'UTC'")
                .map_err(|error| failed(&error))?;
            Ok(Conn::Postgres(conn))
        }
    }
}

/// `busy_timeout` comes first, so that the switch to the write-ahead log waits for its turn as well.
const SQLITE_WRITER: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000;";

const SQLITE_READER: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8000;
    PRAGMA mmap_size = 268435456;";

fn transaction<T, E: From<DbError>>(
    conn: &mut Conn,
    access: Access,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    let begin = match (&*conn, access) {
        (Conn::Sqlite(_), Access::Write) => "BEGIN IMMEDIATE",
        (Conn::Postgres(_), Access::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        (Conn::Sqlite(_), Access::Read) | (Conn::Postgres(_), Access::Write) => "BEGIN",
    };
    conn.batch_execute(begin).map_err(DbError::from)?;
    match work(conn) {
        Ok(value) => {
            conn.batch_execute("COMMIT").map_err(|error| {
                roll_back(conn);
                DbError::from(error)
            })?;
            Ok(value)
        }
        Err(error) => {
            roll_back(conn);
            Err(error)
        }
    }
}

/// Ends a transaction that failed. Where even that fails the connection is gone, and the work with it.
fn roll_back(conn: &mut Conn) {
    if let Err(error) = conn.batch_execute("ROLLBACK") {
        log::warn!("a transaction could not be rolled back: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_path_or_postgres() {
        let kind = |text: &str| text.parse::<DatabaseUrl>();
        assert_eq!(
            kind("data/payband.db"),
            Ok(DatabaseUrl::Sqlite("data/payband.db".into()))
        );
        assert!(matches!(
            kind("postgres://h/db"),
            Ok(DatabaseUrl::Postgres(_))
        ));
        assert!(kind("mysql://h/db").unwrap_err().contains("mysql"));
        assert!(kind("").is_err());
    }

    #[test]
    fn an_address_hides_its_password() {
        let url: DatabaseUrl = "postgres://me:secret@db.example:5432/jobs?sslmode=require"
            .parse()
            .unwrap();
        assert_eq!(url.to_string(), "postgres://db.example:5432/jobs");
        assert!(!format!("{url:?}").contains("secret"));
    }
}
