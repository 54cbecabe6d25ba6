//! Work that one instance does while the others wait for it.

use std::fs::{File, TryLockError};
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::{PgConnection, sql_query};

use super::DbError;
use super::place::Place;

/// The right to do something alone. It ends when this is dropped, and when the process ends, however it does.
pub(super) enum Alone {
    /// A session of the server that holds an advisory lock.
    Session(#[expect(dead_code, reason = "it is held, not used")] PgConnection),
    /// A locked file beside the embedded database.
    File(#[expect(dead_code, reason = "it is held, not used")] File),
}

impl Alone {
    /// Begins at once; `None` where another instance on the same database is at that work.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub(super) fn begin(place: &Place, work: &str) -> Result<Option<Self>, DbError> {
        let failed = |cause| DbError::Open {
            url: place.to_string(),
            cause,
        };
        match place {
            Place::Sqlite(path) => {
                let (file, is_locked) = try_file(path, work).map_err(failed)?;
                Ok(is_locked.then_some(Self::File(file)))
            }
            Place::Postgres(server) => {
                let mut session = server.connect().map_err(failed)?;
                let is_locked = try_session(&mut session, work)?;
                Ok(is_locked.then_some(Self::Session(session)))
            }
        }
    }

    /// Waits until no other instance on the same database is at that work.
    ///
    /// # Errors
    /// [`DbError::Open`], or [`DbError::Query`] when the connection breaks off meanwhile.
    pub(super) fn wait(place: &Place, work: &str) -> Result<Self, DbError> {
        match place {
            Place::Sqlite(path) => {
                lock_file(path, work)
                    .map(Self::File)
                    .map_err(|cause| DbError::Open {
                        url: place.to_string(),
                        cause,
                    })
            }
            Place::Postgres(server) => {
                let mut session = server.connect().map_err(|cause| DbError::Open {
                    url: place.to_string(),
                    cause,
                })?;
                lock_session(&mut session, work)?;
                Ok(Self::Session(session))
            }
        }
    }
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Waits until no other session holds the lock on that work. This one then holds it until it ends.
pub(super) fn lock_session(session: &mut PgConnection, work: &str) -> QueryResult<()> {
    if !try_session(session, work)? {
        say_waiting(work);
        sql_query("SELECT pg_advisory_lock(hashtextextended($1, 7707))")
            .bind::<Text, _>(work)
            .execute(session)?;
    }
    Ok(())
}

fn try_session(session: &mut PgConnection, work: &str) -> QueryResult<bool> {
    let tried: Locked =
        sql_query("SELECT pg_try_advisory_lock(hashtextextended($1, 7707)) AS locked")
            .bind::<Text, _>(work)
            .get_result(session)?;
    Ok(tried.locked)
}

/// The same by a file beside the database. The database's own file will not do: closing it would undo `SQLite`'s locks.
fn lock_file(database: &Path, work: &str) -> Result<File, String> {
    let (file, is_locked) = try_file(database, work)?;
    if !is_locked {
        say_waiting(work);
        let failed = |error| format!("cannot lock {}-{work}.lock: {error}", database.display());
        file.lock().map_err(failed)?;
    }
    Ok(file)
}

/// The file, and whether it is locked now.
fn try_file(database: &Path, work: &str) -> Result<(File, bool), String> {
    let mut path = database.as_os_str().to_owned();
    path.push(format!("-{work}.lock"));
    let path = Path::new(&path);
    let failed = |error| format!("cannot lock {}: {error}", path.display());
    let file = File::create(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok((file, true)),
        Err(TryLockError::WouldBlock) => Ok((file, false)),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn say_waiting(work: &str) {
    log::info!("another payband on this database is at work ({work}); waiting for it");
}
