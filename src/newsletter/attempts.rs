//! Forms that come too often from one place are slowed down. Counted in the database, so that all instances count together,
//! and before anything is looked up, so that nobody learns from it who is subscribed.

use std::net::IpAddr;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::db::{Conn, on_either};
use crate::editors::throttle::network;
use crate::schema::sign_up_attempts;

/// For how long forms are counted.
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// Forms of one place in that time, at most. Behind one address may be a whole office.
pub const MOST: i32 = 20;

/// Counts a form. Answers whether it is one too many.
///
/// # Errors
/// When the database fails.
pub fn is_one_too_many(conn: &mut Conn, from: IpAddr, now: NaiveDateTime) -> QueryResult<bool> {
    let old = sign_up_attempts::since.lt(now - WINDOW);
    diesel::delete(sign_up_attempts::table.filter(old)).execute(conn)?;
    let subject = hex::encode(Sha256::digest(format!("sign-up:{}", network(from))));
    let attempts: i32 = on_either!(conn, conn => diesel::insert_into(sign_up_attempts::table)
        .values((
            sign_up_attempts::subject.eq(&subject),
            sign_up_attempts::attempts.eq(1),
            sign_up_attempts::since.eq(now),
        ))
        .on_conflict(sign_up_attempts::subject)
        .do_update()
        .set(sign_up_attempts::attempts.eq(sign_up_attempts::attempts + 1))
        .returning(sign_up_attempts::attempts)
        .get_result(conn))?;
    Ok(attempts > MOST)
}
