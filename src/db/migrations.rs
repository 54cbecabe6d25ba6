//! The migrations that the binary carries, and bringing a database up to date with them.
//!
//! Several programs may start together. One of them migrates while the others wait, and then find the work done. Each
//! migration is one transaction together with the note that it was applied, so that a program which ends in between
//! leaves a database that the next one can go on with.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::alone::lock_session;
use super::{Conn, DbError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Applies the migrations that the database at `url` lacks. The connection is used up: the locks of this work end with it.
pub(super) fn apply(conn: Conn, url: &str) -> Result<(), DbError> {
    let applied = match conn {
        Conn::Sqlite(mut conn) => apply_to_file(&mut conn),
        Conn::Postgres(mut conn) => lock_session(&mut conn, "migrations")
            .map_err(Failure::from)
            .and_then(|()| newer(&mut conn, &POSTGRES))
            .and_then(|newer| match newer {
                None => run_pending(&mut conn, POSTGRES).map(|()| None),
                found => Ok(found),
            }),
    };
    match applied {
        Ok(None) => Ok(()),
        Ok(Some(version)) => Err(DbError::Newer {
            url: url.to_owned(),
            version,
        }),
        Err(error) => Err(DbError::Migrate {
            url: url.to_owned(),
            cause: error.to_string(),
        }),
    }
}

fn run_pending<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<(), Failure> {
    conn.run_pending_migrations(migrations).map(|_| ())
}

/// On a file the transaction itself is the lock, and holds all that is missing. Where nothing is missing nothing is
/// written, and nobody waits. Else whoever comes later waits for as long as the first program may take, with its migrations
/// and with what it writes right after them, and then looks again.
fn apply_to_file(conn: &mut diesel::SqliteConnection) -> Result<Option<String>, Failure> {
    conn.batch_execute("PRAGMA busy_timeout = 600000")?;
    let newer = newer(conn, &SQLITE)?;
    if newer.is_none() && conn.has_pending_migration(SQLITE)? {
        conn.immediate_transaction(|conn| run_pending(conn, SQLITE))?;
    }
    Ok(newer)
}

/// The first migration that the database has and this program does not know.
fn newer<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: &EmbeddedMigrations,
) -> Result<Option<String>, Failure> {
    let known: Vec<Box<dyn Migration<DB>>> = migrations.migrations()?;
    let known: BTreeSet<String> = known
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = conn.applied_migrations()?;
    let versions = applied.iter().map(ToString::to_string);
    Ok(versions.filter(|version| !known.contains(version)).min())
}
