//! What happens to articles by itself: they are published when their time comes, and leave the bin for good.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::writing::{due, now, publish_due};
use crate::clock::Job;
use crate::db::{Conn, Db, DbError};
use crate::schema::{articles, preview_links, working_copies};

/// Days that a removed article stays in the bin, and a discarded working copy can be taken back.
pub const BIN_DAYS: i64 = 30;

/// The jobs.
pub const JOBS: [Job; 2] = [
    Job {
        name: "publishing scheduled articles",
        every: Duration::from_secs(10),
        work: publish,
    },
    Job {
        name: "emptying the bin",
        every: Duration::from_hours(1),
        work: |db| empty(db, now()),
    },
];

fn publish(db: &Db) -> Result<(), DbError> {
    if db.read_newest_blocking(|conn| Ok::<_, DbError>(due(conn, now())?.is_empty()))? {
        return Ok(());
    }
    let published = db.write_blocking(|conn| publish_due(conn, now()).map_err(DbError::from))?;
    for article in published {
        log::info!("published as scheduled: {}", article.content.slug);
    }
    Ok(())
}

/// Deletes what has been in the bin for too long, and preview links that have expired.
///
/// # Errors
/// When the database fails.
pub fn empty(db: &Db, now: NaiveDateTime) -> Result<(), DbError> {
    let before = now - TimeDelta::days(BIN_DAYS);
    let is_anything = |conn: &mut Conn| {
        let removed: i64 = articles::table
            .filter(articles::removed_at.lt(before))
            .count()
            .get_result(conn)?;
        let discarded: i64 = working_copies::table
            .filter(working_copies::discarded_at.lt(before))
            .count()
            .get_result(conn)?;
        let expired: i64 = preview_links::table
            .filter(preview_links::expires_at.lt(now))
            .count()
            .get_result(conn)?;
        Ok::<_, DbError>(removed + discarded + expired > 0)
    };
    if !db.read_newest_blocking(is_anything)? {
        return Ok(());
    }
    db.write_blocking(|conn| {
        diesel::delete(articles::table.filter(articles::removed_at.lt(before))).execute(conn)?;
        diesel::delete(working_copies::table.filter(working_copies::discarded_at.lt(before)))
            .execute(conn)?;
        diesel::delete(preview_links::table.filter(preview_links::expires_at.lt(now)))
            .execute(conn)?;
        Ok(())
    })
}
