//! Sessions: browsers that are signed in. A session ends by itself some days after it was last used, or a month after it
//! began; and at once when its account is disabled.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::Editor;
use super::tokens::Token;
use crate::db::Conn;
use crate::ids::{EditorId, SessionId};
use crate::schema::{editors, sessions};

/// How long a session lasts without being used.
const IDLE: TimeDelta = TimeDelta::days(7);

/// How long a session lasts at most.
pub const LONGEST: TimeDelta = TimeDelta::days(30);

/// How exactly it is known when a session was last used: noting it down at every request would be a write for each.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A session that holds.
#[derive(Clone, Debug)]
pub struct Session {
    /// Key.
    pub id: SessionId,
    /// When it was last noted to be used, UTC.
    pub last_seen_at: NaiveDateTime,
    /// Whose it is.
    pub editor: Editor,
}

impl Session {
    /// Whether it is time to note down that it is used.
    #[must_use]
    pub fn is_noting_due(&self, now: NaiveDateTime) -> bool {
        now - self.last_seen_at >= SEEN_EVERY
    }
}

/// Begins a session, in a browser that is called so, and clears away those that have ended.
///
/// # Errors
/// When the database fails, as every query here.
pub fn begin(
    conn: &mut Conn,
    editor: EditorId,
    token: &Token,
    device: &str,
    now: NaiveDateTime,
) -> QueryResult<SessionId> {
    let has_ended = sessions::expires_at
        .le(now)
        .or(sessions::last_seen_at.le(now - IDLE));
    diesel::delete(sessions::table.filter(has_ended)).execute(conn)?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::editor_id.eq(editor),
            sessions::token_sha256.eq(token.sha256()),
            sessions::device.eq(device),
            sessions::started_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(now + LONGEST),
        ))
        .returning(sessions::id)
        .get_result(conn)
}

/// The session of a token, where it still holds.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, token: &Token, now: NaiveDateTime) -> QueryResult<Option<Session>> {
    let found: Option<(SessionId, NaiveDateTime, Editor)> = sessions::table
        .inner_join(editors::table)
        .filter(sessions::token_sha256.eq(token.sha256()))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - IDLE))
        .filter(editors::disabled_at.is_null())
        .select((sessions::id, sessions::last_seen_at, Editor::as_select()))
        .first(conn)
        .optional()?;
    Ok(found.map(|(id, last_seen_at, editor)| Session {
        id,
        last_seen_at,
        editor,
    }))
}

/// Notes that a session is used.
///
/// # Errors
/// When the database fails.
pub fn note_use(conn: &mut Conn, session: SessionId, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(sessions::table.find(session))
        .set(sessions::last_seen_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends a session of that account.
///
/// # Errors
/// When the database fails.
pub fn end(conn: &mut Conn, editor: EditorId, session: SessionId) -> QueryResult<bool> {
    let its_own = sessions::table.find(session);
    let ended = diesel::delete(its_own.filter(sessions::editor_id.eq(editor))).execute(conn)?;
    Ok(ended > 0)
}

/// Ends every session of an account; answers how many there were.
///
/// # Errors
/// When the database fails.
pub fn end_all(conn: &mut Conn, editor: EditorId) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::editor_id.eq(editor))).execute(conn)
}

/// Ends every session of an account but one; answers how many there were.
///
/// # Errors
/// When the database fails.
pub fn end_others(conn: &mut Conn, editor: EditorId, kept: SessionId) -> QueryResult<usize> {
    let others = sessions::table
        .filter(sessions::editor_id.eq(editor))
        .filter(sessions::id.ne(kept));
    diesel::delete(others).execute(conn)
}

/// A session as its owner sees it.
#[derive(Clone, Debug, Queryable)]
pub struct OwnSession {
    /// Key.
    pub id: SessionId,
    /// The browser in words.
    pub device: String,
    /// UTC.
    pub started_at: NaiveDateTime,
    /// UTC, to within some minutes.
    pub last_seen_at: NaiveDateTime,
}

/// The sessions of an account that hold, the one used last first.
///
/// # Errors
/// When the database fails.
pub fn of(conn: &mut Conn, editor: EditorId, now: NaiveDateTime) -> QueryResult<Vec<OwnSession>> {
    sessions::table
        .filter(sessions::editor_id.eq(editor))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - IDLE))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select((
            sessions::id,
            sessions::device,
            sessions::started_at,
            sessions::last_seen_at,
        ))
        .load(conn)
}
