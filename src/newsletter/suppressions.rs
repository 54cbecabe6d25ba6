//! Addresses that get no mail, whatever lists say.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::Reason;
use crate::db::{Conn, on_either};
use crate::mail::MailAddress;
use crate::schema::suppressions;

/// An address that gets no mail.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Suppression {
    /// Hash of the address.
    pub email_sha256: String,
    /// The address; none where its owner had all data removed.
    pub email: Option<String>,
    /// Why.
    pub reason: Reason,
    /// What else there is to say, such as a mail server's words.
    pub detail: String,
    /// Since when, UTC.
    pub created_at: NaiveDateTime,
}

/// What is kept of an address whose owner had all data removed.
#[must_use]
pub fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

/// Why an address gets no mail; `None` where it does.
///
/// # Errors
/// When the database fails, as every query here.
pub fn of(conn: &mut Conn, key: &str) -> QueryResult<Option<Reason>> {
    suppressions::table
        .filter(suppressions::email_sha256.eq(hash(key)))
        .select(suppressions::reason)
        .first(conn)
        .optional()
}

/// Writes no more to an address.
///
/// # Errors
/// When the database fails.
pub fn add(
    conn: &mut Conn,
    address: &MailAddress,
    reason: Reason,
    detail: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let email = (reason != Reason::Removed).then(|| address.shown());
    on_either!(conn, conn => diesel::insert_into(suppressions::table)
        .values((
            suppressions::email_sha256.eq(hash(address.key())),
            suppressions::email.eq(email),
            suppressions::reason.eq(reason),
            suppressions::detail.eq(detail),
            suppressions::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Lets an address get mail again, by its hash. Answers whether it was there.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, email_sha256: &str) -> QueryResult<bool> {
    let its = suppressions::table.filter(suppressions::email_sha256.eq(email_sha256));
    let removed = diesel::delete(its).execute(conn)?;
    Ok(removed > 0)
}

/// The newest, after so many.
///
/// # Errors
/// When the database fails.
pub fn newest(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<Suppression>> {
    suppressions::table
        .order(suppressions::id.desc())
        .select((
            suppressions::email_sha256,
            suppressions::email,
            suppressions::reason,
            suppressions::detail,
            suppressions::created_at,
        ))
        .offset(after)
        .limit(limit)
        .load(conn)
}

/// How many there are.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    suppressions::table.count().get_result(conn)
}
