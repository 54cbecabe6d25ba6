//! Accounts in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Editor, EditorRole, Email};
use crate::db::Conn;
use crate::ids::EditorId;
use crate::schema::editors;

/// What signing in asks of an account.
#[derive(Clone, Debug, Queryable)]
pub struct Credentials {
    /// Whose they are.
    pub id: EditorId,
    /// Argon2id; none until an invitation is accepted.
    pub password_hash: Option<String>,
    /// Since when the account cannot be used.
    pub disabled_at: Option<NaiveDateTime>,
}

/// Adds an account; without a password nobody can sign in with it yet.
///
/// # Errors
/// When the database fails, as every query here; also when the address has an account.
pub fn create(
    conn: &mut Conn,
    email: &Email,
    name: &str,
    role: EditorRole,
    password_hash: Option<&str>,
    now: NaiveDateTime,
) -> QueryResult<EditorId> {
    diesel::insert_into(editors::table)
        .values((
            editors::email.eq(email.as_str()),
            editors::name.eq(name),
            editors::role.eq(role),
            editors::password_hash.eq(password_hash),
            editors::created_at.eq(now),
        ))
        .returning(editors::id)
        .get_result(conn)
}

/// The account of an address.
///
/// # Errors
/// When the database fails.
pub fn by_email(conn: &mut Conn, email: &Email) -> QueryResult<Option<Editor>> {
    editors::table
        .filter(editors::email.eq(email.as_str()))
        .select(Editor::as_select())
        .first(conn)
        .optional()
}

/// What signing in with that address asks.
///
/// # Errors
/// When the database fails.
pub fn credentials(conn: &mut Conn, email: &Email) -> QueryResult<Option<Credentials>> {
    editors::table
        .filter(editors::email.eq(email.as_str()))
        .select((editors::id, editors::password_hash, editors::disabled_at))
        .first(conn)
        .optional()
}

/// The name of an account.
///
/// # Errors
/// When the database fails; also when there is no such account.
pub fn name(conn: &mut Conn, id: EditorId) -> QueryResult<String> {
    editors::table.find(id).select(editors::name).first(conn)
}
