//! The place of a database, and connecting to it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::server::Server;
use super::{Conn, DatabaseUrl, DbError, PATIENCE};

/// A file, or a server together with the way there.
pub(super) enum Place {
    Sqlite(PathBuf),
    Postgres(Server),
}

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// `busy_timeout` comes first, so that the switch to the write-ahead log waits for its turn as well. The log of a large
/// import is cut back by the next write after it.
const SQLITE_WRITER: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000;
    PRAGMA journal_size_limit = 16777216;";

/// Readers ask for a few rows at a time, which the system's own cache holds: little memory of their own is enough.
const SQLITE_READER: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -2000;";

impl Place {
    /// The place that an address means. A file's folder is created where it is missing.
    ///
    /// # Errors
    /// [`DbError::Open`].
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self, DbError> {
        let failed = |cause| DbError::Open {
            url: url.to_string(),
            cause,
        };
        match url {
            DatabaseUrl::Sqlite(path) => {
                create_folder(path).map_err(failed)?;
                Ok(Self::Sqlite(path.clone()))
            }
            DatabaseUrl::Postgres(url) => Server::new(url).map(Self::Postgres).map_err(failed),
        }
    }

    /// Connects.
    ///
    /// # Errors
    /// [`DbError::Open`].
    pub(super) fn connect(&self, access: Access) -> Result<Conn, DbError> {
        let connected = match self {
            Self::Sqlite(path) => open_file(path, access).map(Conn::Sqlite),
            Self::Postgres(server) => server.connect().map(Conn::Postgres),
        };
        connected.map_err(|cause| DbError::Open {
            url: self.to_string(),
            cause,
        })
    }
}

/// The place as messages may show it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(server) => write!(f, "{server}"),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn create_folder(file: &Path) -> Result<(), String> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot create the folder {}: {error}", folder.display())),
        _ => Ok(()),
    }
}

fn open_file(path: &Path, access: Access) -> Result<SqliteConnection, String> {
    let path = path.to_str().ok_or("its path is not UTF-8")?;
    let mut conn = SqliteConnection::establish(path).map_err(|error| error.to_string())?;
    let settings = match access {
        Access::Read => SQLITE_READER,
        Access::Write => SQLITE_WRITER,
    };
    // Of several programs that switch a new file to the write-ahead log together `SQLite` refuses some at once.
    let until = Instant::now() + PATIENCE;
    while let Err(error) = conn.batch_execute(settings) {
        let error = error.to_string();
        if !error.contains("locked") || Instant::now() > until {
            return Err(error);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(conn)
}
