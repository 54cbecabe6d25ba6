//! Accounts in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Editor, EditorRole, Email};
use crate::db::Conn;
use crate::ids::EditorId;
use crate::schema::{editors, events};

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

/// An account.
///
/// # Errors
/// When the database fails; also when there is no such account.
pub fn by_id(conn: &mut Conn, id: EditorId) -> QueryResult<Editor> {
    editors::table
        .find(id)
        .select(Editor::as_select())
        .first(conn)
}

/// Whether there is any account.
///
/// # Errors
/// When the database fails.
pub fn exist(conn: &mut Conn) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(editors::table.select(editors::id))).get_result(conn)
}

/// The hash of an account's password; none until an invitation is accepted.
///
/// # Errors
/// When the database fails; also when there is no such account.
pub fn password_hash(conn: &mut Conn, id: EditorId) -> QueryResult<Option<String>> {
    editors::table
        .find(id)
        .select(editors::password_hash)
        .first(conn)
}

/// An account as administrators see it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose it is.
    pub editor: Editor,
    /// How it stands.
    pub state: State,
    /// When somebody last signed in with it, UTC.
    pub signed_in_at: Option<NaiveDateTime>,
}

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can be used.
    Active,
    /// It has no password yet.
    Invited,
    /// It cannot be used.
    Disabled,
}

impl State {
    /// The state in a word.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Invited => "Invited",
            Self::Disabled => "Disabled",
        }
    }
}

/// All accounts, by name.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn) -> QueryResult<Vec<Account>> {
    let signed_in: Vec<(i64, Option<NaiveDateTime>)> = events::table
        .filter(events::did.eq("signed_in"))
        .filter(events::thing.eq("account"))
        .group_by(events::thing_id)
        .select((events::thing_id, diesel::dsl::max(events::happened_at)))
        .load(conn)?;
    let rows: Vec<(Editor, Option<String>, Option<NaiveDateTime>)> = editors::table
        .order((editors::name, editors::id))
        .select((
            Editor::as_select(),
            editors::password_hash,
            editors::disabled_at,
        ))
        .load(conn)?;
    let account = |(editor, password_hash, disabled_at): (Editor, Option<_>, Option<_>)| Account {
        signed_in_at: signed_in
            .iter()
            .find(|(id, _)| *id == editor.id.0)
            .and_then(|(_, at)| *at),
        state: match (disabled_at, password_hash) {
            (Some(_), _) => State::Disabled,
            (None, None) => State::Invited,
            (None, Some(_)) => State::Active,
        },
        editor,
    };
    Ok(rows.into_iter().map(account).collect())
}
