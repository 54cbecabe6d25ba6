//! `payband user …`: accounts from the command line.

use std::fmt;

use chrono::Utc;

use super::accounts::{self, Account};
use super::changes::{self, Refusal, checked_name};
use super::links;
use super::links::Purpose;
use super::tokens::Token;
use super::{EditorRole, Email, passwords, throttle};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::web::times;

/// Why a command did nothing. Each writes itself as one sentence.
#[derive(Debug)]
pub enum UserError {
    /// What was given cannot be used.
    Usage(String),
    /// The change was refused.
    Refused(String),
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(sentence) | Self::Refused(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for UserError {}

impl From<DbError> for UserError {
    fn from(error: DbError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<AppError> for UserError {
    fn from(error: AppError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// Adds an account with a password; without a name it is called as the mailbox of its address.
///
/// # Errors
/// [`UserError`], as every command here.
pub fn add(
    db: &Db,
    email: &Email,
    role: EditorRole,
    name: Option<&str>,
    password: &str,
) -> Result<(), UserError> {
    let mailbox = email.as_str().split('@').next().unwrap_or_default();
    let name = checked_name(name.unwrap_or(mailbox))
        .map_err(|problem| UserError::Usage(format!("--name cannot be used: {problem}")))?;
    let hash = hashed(password, email)?;
    db.write_blocking(|conn| {
        let account = (email, name.as_str(), role);
        changes::add(conn, None, account, Some(&hash), Utc::now().naive_utc())?;
        Ok(())
    })
}

/// Gives an account another password.
///
/// # Errors
/// [`UserError`].
pub fn set_password(db: &Db, email: &Email, password: &str) -> Result<(), UserError> {
    let hash = hashed(password, email)?;
    db.write_blocking(|conn| {
        let editor = accounts::by_email(conn, email).map_err(DbError::from)?;
        let editor = editor.ok_or_else(|| unknown(email))?;
        changes::set_password(conn, None, editor.id, &hash)?;
        throttle::forget_account(conn, email.as_str()).map_err(DbError::from)?;
        Ok(())
    })
}

/// Keeps an account from being used, and signs it out everywhere.
///
/// # Errors
/// [`UserError`].
pub fn disable(db: &Db, email: &Email) -> Result<(), UserError> {
    db.write_blocking(|conn| {
        let editor = accounts::by_email(conn, email).map_err(DbError::from)?;
        let editor = editor.ok_or_else(|| unknown(email))?;
        changes::disable(conn, None, editor.id, Utc::now().naive_utc())?;
        Ok(())
    })
}

/// Whether an address has an account; before a password is asked for.
///
/// # Errors
/// [`UserError`] where it is not as wanted.
pub fn expect_account(db: &Db, email: &Email, wanted: bool) -> Result<(), UserError> {
    let found =
        db.read_newest_blocking(|conn| Ok::<_, DbError>(accounts::by_email(conn, email)?))?;
    match (found, wanted) {
        (None, true) => Err(unknown(email)),
        (Some(_), false) => Err(Refusal::Taken.into()),
        _ => Ok(()),
    }
}

/// All accounts, one line each: address, role, state, when it was last used, name.
///
/// # Errors
/// [`UserError`].
pub fn list(db: &Db) -> Result<Vec<String>, UserError> {
    let accounts = db.read_newest_blocking(|conn| Ok::<_, DbError>(accounts::all(conn)?))?;
    let widest = |account: &Account| account.editor.email.chars().count();
    let width = accounts.iter().map(widest).max().unwrap_or(0);
    let line = |account: &Account| {
        let signed_in = account
            .signed_in_at
            .map_or_else(|| "never signed in ".to_owned(), times::minute);
        format!(
            "{:width$}  {:6}  {:8}  {signed_in}  {}",
            account.editor.email,
            account.editor.role.as_str(),
            account.state.label().to_lowercase(),
            account.editor.name,
        )
    };
    Ok(accounts.iter().map(line).collect())
}

/// The path of a new link to create the first administrator; `None` where there is an account.
///
/// # Errors
/// [`UserError`].
pub fn first_administrator(db: &Db) -> Result<Option<String>, UserError> {
    let exist = |conn: &mut crate::db::Conn| Ok::<_, DbError>(accounts::exist(conn)?);
    if db.read_newest_blocking(exist)? {
        return Ok(None);
    }
    let token = Token::random().map_err(AppError::from)?;
    db.write_blocking(|conn| {
        let now = Utc::now().naive_utc();
        Ok::<_, DbError>(links::create_first(conn, &token, now)?)
    })?;
    Ok(Some(Purpose::FirstAdministrator.path(&token)))
}

fn hashed(password: &str, email: &Email) -> Result<String, UserError> {
    passwords::check(password, email.as_str())
        .map_err(|problem| UserError::Refused(problem.to_owned()))?;
    Ok(passwords::hash(password)?)
}

fn unknown(email: &Email) -> UserError {
    UserError::Refused(format!("there is no account of {}", email.as_str()))
}
