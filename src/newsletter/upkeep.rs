//! What happens to the newsletter's data by itself: what nobody confirmed goes.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::letters::{Kind, State as LetterState};
use super::{Origin, State};
use crate::clock::Job;
use crate::db::{Conn, Db, DbError};
use crate::schema::{letters, sign_ups, subscribers};

/// Days after which an address that was not confirmed is removed.
pub const UNCONFIRMED_DAYS: i64 = 7;

/// Days for which it is known what became of a mail that asked to confirm.
const CONFIRMATION_DAYS: i64 = 30;

/// The job.
pub const JOB: Job = Job {
    name: "removing what nobody confirmed",
    every: Duration::from_hours(1),
    work: |db| forget_unconfirmed(db, Utc::now().naive_utc()),
};

/// Removes requests and addresses that nobody confirmed in time, and old mails that asked to.
///
/// # Errors
/// When the database fails.
pub fn forget_unconfirmed(db: &Db, now: NaiveDateTime) -> Result<(), DbError> {
    let before = now - TimeDelta::days(UNCONFIRMED_DAYS);
    let long_before = now - TimeDelta::days(CONFIRMATION_DAYS);
    let is_anything = |conn: &mut Conn| {
        let requests: i64 = sign_ups::table
            .filter(sign_ups::confirmed_at.is_null())
            .filter(sign_ups::requested_at.lt(before))
            .count()
            .get_result(conn)?;
        let mails: i64 = letters::table
            .filter(letters::kind.eq(Kind::Confirmation))
            .filter(letters::ended_at.lt(long_before))
            .count()
            .get_result(conn)?;
        Ok::<_, DbError>(requests + mails > 0)
    };
    if !db.read_newest_blocking(is_anything)? {
        return Ok(());
    }
    db.write_blocking(|conn| {
        let old = sign_ups::table
            .filter(sign_ups::confirmed_at.is_null())
            .filter(sign_ups::requested_at.lt(before));
        diesel::delete(old).execute(conn)?;
        let asked = sign_ups::table.select(sign_ups::subscriber_id);
        let nobody = subscribers::table
            .filter(subscribers::state.eq(State::Pending))
            .filter(subscribers::origin.eq(Origin::Form))
            .filter(diesel::dsl::not(subscribers::id.eq_any(asked)));
        diesel::delete(nobody).execute(conn)?;
        let answered = letters::table
            .filter(letters::kind.eq(Kind::Confirmation))
            .filter(letters::state.ne(LetterState::Waiting))
            .filter(letters::ended_at.lt(long_before));
        diesel::delete(answered).execute(conn)?;
        Ok(())
    })
}
