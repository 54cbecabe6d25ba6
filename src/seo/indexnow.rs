//! `IndexNow` (<https://www.indexnow.org>): telling search engines which pages changed. It is off unless there is a key.
//!
//! Whoever records that pages changed notes them down in the same transaction. One instance at a time then submits what is
//! due, in batches, and forgets it; what fails is due again later, and later still each time. So nothing is lost by a crash, and
//! nothing is sent that did not change.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, StatusCode};
use serde::Serialize;
use tokio_rustls::rustls::crypto::ring;

use crate::clock::now;
use crate::db::{Conn, Db, DbError, on_either};
use crate::error::AppError;
use crate::schema::announcements;
use crate::web::Site;

/// Where submissions go that name no other place.
pub const DEFAULT_URL: &str = "https://api.indexnow.org/indexnow";

/// How often it is looked for what is due.
const EVERY: Duration = Duration::from_secs(5);

/// How long a service may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Addresses in one submission: as many as the protocol allows.
const BATCH: i64 = 10_000;

/// The right to submit, of which there is one for all instances.
const WORK: &str = "indexnow";

/// How long to wait after the first failure, and at most: each time twice as long.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(12);

/// After so many failures a page is given up; that is after about a week.
const MOST_TRIES: i32 = 20;

/// The key by which search engines know that a submission comes from the site itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// A key: 8 to 128 letters, digits and hyphens.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_valid = (8..=128).contains(&text.len()) && text.bytes().all(is_allowed);
        // Addresses of the site are in lower case.
        is_valid.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The path of the file that proves it.
    fn path(&self) -> String {
        format!("/{}.txt", self.0)
    }
}

/// Where to submit, and the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexNow {
    /// The key.
    pub key: Key,
    /// The service's address.
    pub url: String,
}

/// `/{key}.txt`: the file that proves the key.
pub(super) async fn proof(
    name: web::Path<String>,
    site: web::Data<Site>,
) -> Result<HttpResponse, AppError> {
    let key = site.indexnow.as_ref().map(|indexnow| &indexnow.key);
    let key = key.filter(|key| key.0 == *name);
    let key = key.ok_or_else(|| AppError::not_found("There is no page at this address."))?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("X-Robots-Tag", "noindex"))
        .body(key.0.clone()))
}

/// Notes down pages that changed, to be submitted. Belongs into the transaction that records them.
///
/// # Errors
/// When the database fails.
pub(super) fn note(conn: &mut Conn, paths: &[&String], version: i64) -> QueryResult<()> {
    for path in paths {
        let values = (
            announcements::version.eq(version),
            announcements::tries.eq(0),
            announcements::due_at.eq(now()),
        );
        on_either!(conn, conn => diesel::insert_into(announcements::table)
            .values((announcements::path.eq(path), values))
            .on_conflict(announcements::path)
            .do_update()
            .set(values)
            .execute(conn))?;
    }
    Ok(())
}

/// Who submits. It ends when this is dropped, after the batch that it is at.
#[derive(Debug)]
pub struct Announcer {
    /// Dropped to end the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Announcer {
    /// Starts submitting, where the site has a key.
    ///
    /// # Errors
    /// When the system gives no thread, or TLS cannot be used.
    pub fn start(site: &Site, db: &Db) -> std::io::Result<Option<Self>> {
        let Some(indexnow) = site.indexnow.clone() else {
            return Ok(None);
        };
        let service = Service::new(indexnow, &site.url).map_err(std::io::Error::other)?;
        let db = db.clone();
        let (end, ended) = channel::<()>();
        let thread = std::thread::Builder::new()
            .name("indexnow".to_owned())
            .spawn(move || {
                while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    if let Err(error) = service.submit_due(&db, now()) {
                        log::warn!("telling search engines of changes: {error}");
                    }
                }
            })?;
        Ok(Some(Self {
            end: Some(end),
            thread: Some(thread),
        }))
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, it has said so.
            let _ = thread.join();
        }
    }
}

/// A service that submissions go to.
#[derive(Debug)]
pub struct Service {
    indexnow: IndexNow,
    site_url: String,
    client: Client,
}

/// A submission, as the protocol writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Submission<'a> {
    host: &'a str,
    key: &'a str,
    key_location: String,
    url_list: Vec<String>,
}

/// What became of a submission.
enum Answer {
    Taken,
    /// It is to be tried again, not before that time where one is given.
    Later(String, Option<TimeDelta>),
}

impl Service {
    /// The service for a site.
    ///
    /// # Errors
    /// When TLS cannot be used.
    pub fn new(indexnow: IndexNow, site_url: &str) -> Result<Self, reqwest::Error> {
        // Only the first of a process counts, and all are alike.
        let _ = ring::default_provider().install_default();
        Ok(Self {
            indexnow,
            site_url: site_url.to_owned(),
            client: Client::builder()
                .timeout(PATIENCE)
                .user_agent(concat!("payband/", env!("CARGO_PKG_VERSION")))
                .build()?,
        })
    }

    /// Submits a batch of what is due, unless another instance is at it. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub fn submit_due(&self, db: &Db, now: NaiveDateTime) -> Result<(), DbError> {
        let due = |conn: &mut Conn| {
            let due: Vec<(String, i64, i32)> = announcements::table
                .filter(announcements::due_at.le(now))
                .order((announcements::due_at, announcements::path))
                .limit(BATCH)
                .select((
                    announcements::path,
                    announcements::version,
                    announcements::tries,
                ))
                .load(conn)?;
            Ok::<_, DbError>(due)
        };
        if db.read_newest_blocking(due)?.is_empty() {
            return Ok(());
        }
        db.alone_or_not(WORK, || {
            let batch = db.read_newest_blocking(due)?;
            if batch.is_empty() {
                return Ok::<_, DbError>(());
            }
            let answer = self.submit(batch.iter().map(|(path, _, _)| path.as_str()));
            db.write_blocking(|conn| Ok(conclude(conn, &batch, &answer, now)?))
        })?;
        Ok(())
    }

    fn submit<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Answer {
        let host = self.site_url.split("://").nth(1).unwrap_or_default();
        let submission = Submission {
            host: host.split('/').next().unwrap_or_default(),
            key: &self.indexnow.key.0,
            key_location: format!("{}{}", self.site_url, self.indexnow.key.path()),
            url_list: paths
                .map(|path| format!("{}{path}", self.site_url))
                .collect(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return Answer::Later(error.to_string(), None),
        };
        let body = serde_json::to_vec(&submission).unwrap_or_default();
        let sent = runtime.block_on(async {
            let request = self.client.post(&self.indexnow.url);
            let request = request.header("content-type", "application/json; charset=utf-8");
            request.body(body).send().await
        });
        match sent {
            Ok(response) if response.status().is_success() => {
                log::info!(
                    "told search engines of changed pages: {}",
                    submission.url_list.len()
                );
                Answer::Taken
            }
            Ok(response) => {
                let seconds = response.headers().get(RETRY_AFTER);
                let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
                let wait = seconds.and_then(TimeDelta::try_seconds);
                Answer::Later(meaning(response.status()), wait)
            }
            Err(error) => Answer::Later(error.without_url().to_string(), None),
        }
    }
}

/// What a status means, in the protocol's own words.
fn meaning(status: StatusCode) -> String {
    let meaning = match status.as_u16() {
        400 => "the submission is not understood",
        403 => "the key is not found at its address",
        422 => "the addresses are not those of the key's site",
        429 => "there were too many submissions",
        _ => "it failed",
    };
    format!("{meaning} (status {status})")
}

fn conclude(
    conn: &mut Conn,
    batch: &[(String, i64, i32)],
    answer: &Answer,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let wait = match answer {
        Answer::Taken => None,
        Answer::Later(cause, wait) => {
            log::warn!("telling search engines of changes: {cause}; it is tried again later");
            Some(*wait)
        }
    };
    for (path, version, tries) in batch {
        // What changed again meanwhile is due as that change noted it.
        let as_read = announcements::table
            .find(path)
            .filter(announcements::version.eq(version));
        match wait {
            Some(wait) if *tries < MOST_TRIES => {
                let due_at = now + wait.map_or(back_off(*tries), |wait| wait.min(LONGEST_WAIT));
                let later = (
                    announcements::tries.eq(tries + 1),
                    announcements::due_at.eq(due_at),
                );
                diesel::update(as_read).set(later).execute(conn)?;
            }
            _ => {
                diesel::delete(as_read).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// How long to wait after so many failures.
fn back_off(tries: i32) -> TimeDelta {
    let doubled = 2_i32.checked_pow(tries.unsigned_abs());
    let wait = doubled.and_then(|times| FIRST_WAIT.checked_mul(times));
    wait.map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_letters_digits_and_hyphens() {
        assert_eq!(Key::new("0f-AB3456").unwrap().path(), "/0f-ab3456.txt");
        for wrong in ["", "1234567", "12345678/", "12345678 ", &"a".repeat(129)] {
            assert_eq!(Key::new(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_failure_waits_twice_as_long_up_to_half_a_day() {
        assert_eq!(back_off(0), TimeDelta::minutes(1));
        assert_eq!(back_off(3), TimeDelta::minutes(8));
        assert_eq!(back_off(10), LONGEST_WAIT);
        assert_eq!(back_off(i32::MAX), LONGEST_WAIT);
    }
}
