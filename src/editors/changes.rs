//! Changes of accounts, with their rules: the same for pages and for commands. Each is part of a write transaction, and
//! notes itself in the log.

use std::fmt;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::log::{self, Thing};
use super::{EditorRole, Email, accounts, links, sessions, throttle};
use crate::db::{Conn, DbError};
use crate::error::AppError;
use crate::ids::EditorId;
use crate::schema::editors;
use crate::web::forms::{FieldErrors, FormError};

/// Most characters of a name.
pub const LONGEST_NAME: usize = 100;

/// Why a change was not made. Each writes itself as one sentence.
#[derive(Debug)]
pub enum Refusal {
    /// The address has an account already.
    Taken,
    /// Nobody would be left who may do everything.
    LastAdministrator,
    /// There is no such account.
    Unknown,
    /// The database failed.
    Database(DbError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken => f.write_str("This e-mail address has an account already."),
            Self::LastAdministrator => f.write_str(
                "This is the last administrator. Make somebody else an administrator first.",
            ),
            Self::Unknown => f.write_str("There is no such account."),
            Self::Database(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for Refusal {
    fn from(error: diesel::result::Error) -> Self {
        match error {
            diesel::result::Error::NotFound => Self::Unknown,
            error => Self::Database(error.into()),
        }
    }
}

impl From<Refusal> for FormError {
    fn from(refusal: Refusal) -> Self {
        let sentence = refusal.to_string();
        match refusal {
            Refusal::Taken => {
                let mut errors = FieldErrors::default();
                errors.add("email", sentence);
                errors.into()
            }
            Refusal::LastAdministrator => FieldErrors::whole(sentence).into(),
            Refusal::Unknown => AppError::not_found(sentence).into(),
            Refusal::Database(error) => error.into(),
        }
    }
}

/// A name as it is kept: in one line, without space around it.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn checked_name(text: &str) -> Result<String, &'static str> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err("Write a name.");
    }
    if name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err("The name may have at most 100 characters, in one line.");
    }
    Ok(name)
}

/// Adds an account: an invitation where it has no password yet.
///
/// # Errors
/// [`Refusal`], as every change here.
pub fn add(
    conn: &mut Conn,
    by: Option<EditorId>,
    account: (&Email, &str, EditorRole),
    password_hash: Option<&str>,
    now: NaiveDateTime,
) -> Result<EditorId, Refusal> {
    let id = insert(conn, account, password_hash, now)?;
    let did = if password_hash.is_some() {
        "created"
    } else {
        "invited"
    };
    log::note(conn, by, did, Thing::Account(id), account.1)?;
    Ok(id)
}

/// Adds the account of the first administrator, who does so.
///
/// # Errors
/// [`Refusal`].
pub fn add_first(
    conn: &mut Conn,
    (email, name): (&Email, &str),
    password_hash: &str,
    now: NaiveDateTime,
) -> Result<EditorId, Refusal> {
    let account = (email, name, EditorRole::Admin);
    let id = insert(conn, account, Some(password_hash), now)?;
    log::note(conn, Some(id), "created", Thing::Account(id), name)?;
    Ok(id)
}

fn insert(
    conn: &mut Conn,
    (email, name, role): (&Email, &str, EditorRole),
    password_hash: Option<&str>,
    now: NaiveDateTime,
) -> Result<EditorId, Refusal> {
    if accounts::by_email(conn, email)?.is_some() {
        return Err(Refusal::Taken);
    }
    // Whoever is the first has no use for the link to become so.
    links::remove_first(conn)?;
    Ok(accounts::create(
        conn,
        email,
        name,
        role,
        password_hash,
        now,
    )?)
}

/// Gives an account another name and role.
///
/// # Errors
/// [`Refusal`].
pub fn change(
    conn: &mut Conn,
    by: Option<EditorId>,
    id: EditorId,
    name: &str,
    role: EditorRole,
) -> Result<(), Refusal> {
    lock_administrators(conn)?;
    let former = accounts::by_id(conn, id)?;
    if former.name == name && former.role == role {
        return Ok(());
    }
    diesel::update(editors::table.find(id))
        .set((editors::name.eq(name), editors::role.eq(role)))
        .execute(conn)?;
    if former.is_admin() {
        keep_an_administrator(conn)?;
    }
    let did = match (former.role == role, role) {
        (true, _) => "renamed",
        (false, EditorRole::Admin) => "promoted",
        (false, EditorRole::Editor) => "demoted",
    };
    log::note(conn, by, did, Thing::Account(id), name)?;
    Ok(())
}

/// Keeps an account from being used, and ends its sessions.
///
/// # Errors
/// [`Refusal`].
pub fn disable(
    conn: &mut Conn,
    by: Option<EditorId>,
    id: EditorId,
    now: NaiveDateTime,
) -> Result<(), Refusal> {
    lock_administrators(conn)?;
    let editor = accounts::by_id(conn, id)?;
    let enabled = editors::table
        .find(id)
        .filter(editors::disabled_at.is_null());
    let disabled = diesel::update(enabled)
        .set(editors::disabled_at.eq(now))
        .execute(conn)?;
    if disabled == 0 {
        return Ok(());
    }
    if editor.is_admin() {
        keep_an_administrator(conn)?;
    }
    sessions::end_all(conn, id)?;
    links::remove_of(conn, id)?;
    log::note(conn, by, "disabled", Thing::Account(id), &editor.name)?;
    Ok(())
}

/// Lets a disabled account be used again.
///
/// # Errors
/// [`Refusal`].
pub fn enable(conn: &mut Conn, by: Option<EditorId>, id: EditorId) -> Result<(), Refusal> {
    let editor = accounts::by_id(conn, id)?;
    let disabled = editors::table
        .find(id)
        .filter(editors::disabled_at.is_not_null());
    let enabled = diesel::update(disabled)
        .set(editors::disabled_at.eq(None::<NaiveDateTime>))
        .execute(conn)?;
    if enabled > 0 {
        log::note(conn, by, "enabled", Thing::Account(id), &editor.name)?;
    }
    Ok(())
}

/// Gives an account another password. Nobody stays signed in with the former one, and links to set one hold no more.
///
/// # Errors
/// [`Refusal`].
pub fn set_password(
    conn: &mut Conn,
    by: Option<EditorId>,
    id: EditorId,
    password_hash: &str,
) -> Result<(), Refusal> {
    let editor = accounts::by_id(conn, id)?;
    diesel::update(editors::table.find(id))
        .set(editors::password_hash.eq(password_hash))
        .execute(conn)?;
    sessions::end_all(conn, id)?;
    links::remove_of(conn, id)?;
    throttle::forget_account(conn, &editor.email)?;
    log::note(
        conn,
        by,
        "set_the_password_of",
        Thing::Account(id),
        &editor.name,
    )?;
    Ok(())
}

/// Lets one change of administrators wait for the other, so that two who demote each other do not leave none.
fn lock_administrators(conn: &mut Conn) -> QueryResult<()> {
    diesel::update(editors::table.filter(editors::role.eq(EditorRole::Admin)))
        .set(editors::role.eq(EditorRole::Admin))
        .execute(conn)?;
    Ok(())
}

fn keep_an_administrator(conn: &mut Conn) -> Result<(), Refusal> {
    let left = editors::table
        .filter(editors::role.eq(EditorRole::Admin))
        .filter(editors::disabled_at.is_null())
        .filter(editors::password_hash.is_not_null());
    let is_there: bool = diesel::select(diesel::dsl::exists(left)).get_result(conn)?;
    if is_there {
        Ok(())
    } else {
        Err(Refusal::LastAdministrator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(
            checked_name("  Ada \n Lovelace ").as_deref(),
            Ok("Ada Lovelace")
        );
        assert!(checked_name(" ").is_err());
        assert!(checked_name("a\u{0}b").is_err());
        assert!(checked_name(&"a".repeat(101)).is_err());
    }
}
