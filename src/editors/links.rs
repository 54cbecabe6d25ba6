//! Links that let somebody in once: to create the first administrator, to accept an invitation, to set a new password.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::Editor;
use super::tokens::Token;
use crate::db::Conn;
use crate::ids::EditorId;
use crate::market::words::vocabulary;
use crate::schema::{editors, one_time_links};

vocabulary! {
    /// What a link is for.
    Purpose, "a purpose of a link" {
        /// To create the first account.
        FirstAdministrator = "first_administrator", "First administrator";
        /// To set the first password of an account.
        Invitation = "invitation", "Invitation";
        /// To set another password.
        Password = "password", "New password";
    }
}

/// How long a link holds that is for an account.
const LASTS: TimeDelta = TimeDelta::days(7);

impl Purpose {
    /// Where such a link leads, without the site's address.
    #[must_use]
    pub fn path(self, token: &Token) -> String {
        let place = match self {
            Self::FirstAdministrator => "first",
            Self::Invitation => "invitations",
            Self::Password => "passwords",
        };
        format!("/admin/{place}/{}", token.hex())
    }
}

/// Makes the link for the first administrator; an earlier one holds no more.
///
/// # Errors
/// When the database fails, as every query here.
pub fn create_first(conn: &mut Conn, token: &Token, now: NaiveDateTime) -> QueryResult<()> {
    remove_first(conn)?;
    insert(conn, Purpose::FirstAdministrator, None, token, now, None)
}

/// Takes away the link for the first administrator.
///
/// # Errors
/// When the database fails.
pub fn remove_first(conn: &mut Conn) -> QueryResult<()> {
    let first = one_time_links::purpose.eq(Purpose::FirstAdministrator);
    diesel::delete(one_time_links::table.filter(first)).execute(conn)?;
    Ok(())
}

/// Makes a link for an account; those before it hold no more.
///
/// # Errors
/// When the database fails.
pub fn create(
    conn: &mut Conn,
    purpose: Purpose,
    editor: EditorId,
    token: &Token,
    now: NaiveDateTime,
) -> QueryResult<()> {
    remove_of(conn, editor)?;
    insert(conn, purpose, Some(editor), token, now, Some(now + LASTS))
}

/// Takes away the links of an account.
///
/// # Errors
/// When the database fails.
pub fn remove_of(conn: &mut Conn, editor: EditorId) -> QueryResult<()> {
    let its = one_time_links::editor_id.eq(editor);
    diesel::delete(one_time_links::table.filter(its)).execute(conn)?;
    Ok(())
}

/// Whether a link for the first administrator holds.
///
/// # Errors
/// When the database fails.
pub fn is_first(conn: &mut Conn, token: &Token) -> QueryResult<bool> {
    let link = one_time_links::table
        .filter(one_time_links::token_sha256.eq(token.sha256()))
        .filter(one_time_links::purpose.eq(Purpose::FirstAdministrator));
    diesel::select(diesel::dsl::exists(link)).get_result(conn)
}

/// Whose account a link is for, where it still holds and the account can be used.
///
/// # Errors
/// When the database fails.
pub fn find(
    conn: &mut Conn,
    purpose: Purpose,
    token: &Token,
    now: NaiveDateTime,
) -> QueryResult<Option<Editor>> {
    one_time_links::table
        .inner_join(editors::table)
        .filter(one_time_links::token_sha256.eq(token.sha256()))
        .filter(one_time_links::purpose.eq(purpose))
        .filter(one_time_links::expires_at.gt(now))
        .filter(editors::disabled_at.is_null())
        .select(Editor::as_select())
        .first(conn)
        .optional()
}

fn insert(
    conn: &mut Conn,
    purpose: Purpose,
    editor: Option<EditorId>,
    token: &Token,
    now: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
) -> QueryResult<()> {
    diesel::insert_into(one_time_links::table)
        .values((
            one_time_links::purpose.eq(purpose),
            one_time_links::editor_id.eq(editor),
            one_time_links::token_sha256.eq(token.sha256()),
            one_time_links::created_at.eq(now),
            one_time_links::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}
