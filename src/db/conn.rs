//! A connection to either database.

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The embedded database.
    Sqlite(diesel::SqliteConnection),
    /// The database server.
    Postgres(diesel::PgConnection),
}
