//! The migrations that the binary carries, and bringing a database up to date with them.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, DatabaseUrl, DbError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Applies the migrations that the database lacks. Safe when several programs start together: `PostgreSQL` lets them in
/// one after the other, and on `SQLite` the one that loses the race finds the work done when it looks again.
pub(super) fn apply(conn: &mut Conn, url: &DatabaseUrl) -> Result<(), DbError> {
    match conn {
        Conn::Sqlite(conn) => {
            refuse_newer(conn, &SQLITE, url)?;
            run_pending(conn, SQLITE)
                .or_else(|_| run_pending(conn, SQLITE))
                .map_err(|error| failed(url, &error))
        }
        Conn::Postgres(conn) => {
            let lock = |conn: &mut diesel::PgConnection, sql| {
                conn.batch_execute(sql).map_err(|error| failed(url, &error))
            };
            lock(conn, "SELECT pg_advisory_lock(7707001)")?;
            let done = refuse_newer(conn, &POSTGRES, url)
                .and_then(|()| run_pending(conn, POSTGRES).map_err(|error| failed(url, &error)));
            lock(conn, "SELECT pg_advisory_unlock(7707001)")?;
            done
        }
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn run_pending<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<(), Failure> {
    conn.run_pending_migrations(migrations).map(|_| ())
}

fn refuse_newer<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: &EmbeddedMigrations,
    url: &DatabaseUrl,
) -> Result<(), DbError> {
    let known: Vec<Box<dyn Migration<DB>>> = migrations
        .migrations()
        .map_err(|error| failed(url, &error))?;
    let known: BTreeSet<String> = known
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = conn
        .applied_migrations()
        .map_err(|error| failed(url, &error))?;
    match applied
        .iter()
        .map(ToString::to_string)
        .filter(|version| !known.contains(version))
        .min()
    {
        None => Ok(()),
        Some(version) => Err(DbError::Newer {
            url: url.to_string(),
            version,
        }),
    }
}

fn failed(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> DbError {
    DbError::Migrate {
        url: url.to_string(),
        cause: error.to_string(),
    }
}
