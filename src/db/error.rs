//! What can go wrong between the program and its database.

use std::fmt;

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

impl DbError {
    /// Whether the same work may succeed a moment later: somebody else is using the database.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Busy => true,
            Self::Query(error) => {
                let said = error.to_string();
                said.contains("database is locked") || said.contains("due to lock timeout")
            }
            _ => false,
        }
    }
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
            Self::Query(_) if self.is_busy() => {
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
