//! When pages last changed, as a time.
//!
//! Of a page that search engines may list, a hash of what visitors see and the time at which that last changed are recorded,
//! a moment after every change. A page that still shows what is recorded has the recorded time. One that shows something
//! else has not been looked at yet since: its time is that of the newest change among what it shows, which is what will be
//! recorded. So whoever makes a page knows its time without writing anything, on every instance the same.

use std::sync::Arc;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use foldhash::HashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::{Shown, Topic, version_of};
use crate::db::Conn;
use crate::schema::{page_changes, versions};

/// What is recorded of a page.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct PageRecord {
    /// Its canonical path.
    pub path: String,
    /// Hash of what a visitor sees of it.
    pub content_hash: i64,
    /// When that last changed, UTC.
    pub changed_at: NaiveDateTime,
}

/// What is recorded of all pages, by path.
///
/// # Errors
/// When the database fails.
pub fn all_records(conn: &mut Conn) -> QueryResult<Vec<PageRecord>> {
    page_changes::table
        .order(page_changes::path)
        .select((
            page_changes::path,
            page_changes::content_hash,
            page_changes::changed_at,
        ))
        .load(conn)
}

/// Hash of a page's content, and when it last changed.
type Record = (i64, NaiveDateTime);

/// When everything last changed, as one transaction sees it.
#[derive(Debug, Default)]
pub struct Dates {
    topics: HashMap<Topic, NaiveDateTime>,
    /// When pages were last made by another program.
    program: Option<NaiveDateTime>,
    /// By the hash of the path, for there may be many.
    pages: Arc<HashMap<u64, Record>>,
    /// The number of the change that the pages are as of.
    pages_version: i64,
}

impl Dates {
    /// Those that a transaction sees; pages are those of others where nothing was recorded since.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load(conn: &mut Conn, former: &Self) -> QueryResult<Self> {
        let rows: Vec<(String, NaiveDateTime)> = versions::table
            .select((versions::topic, versions::changed_at))
            .load(conn)?;
        let topics: HashMap<Topic, NaiveDateTime> = rows
            .into_iter()
            .filter_map(|(topic, at)| Some((topic.parse().ok()?, at)))
            .collect();
        let pages_version = version_of(conn, &Topic::Pages.to_string())?;
        let pages = if pages_version > 0 && pages_version == former.pages_version {
            Arc::clone(&former.pages)
        } else {
            let records = all_records(conn)?.into_iter();
            let by_hash =
                records.map(|page| (key(&page.path), (page.content_hash, page.changed_at)));
            Arc::new(by_hash.collect())
        };
        let programs = topics.iter();
        let programs = programs.filter(|(topic, _)| matches!(topic, Topic::Program(_)));
        Ok(Self {
            program: programs.map(|(_, at)| *at).max(),
            topics,
            pages,
            pages_version,
        })
    }

    /// What is known of a page that shows these topics, read when that was the number of the newest change.
    #[must_use]
    pub fn moment(&self, version: i64, topics: impl Into<Box<[Topic]>>) -> Moment {
        let shown = Shown::as_of(version, topics);
        let topics = shown.topics.iter();
        let changes = topics.filter_map(|topic| self.topics.get(topic).copied());
        Moment {
            newest_change: changes.max().max(self.program),
            pages: Arc::clone(&self.pages),
            shown,
        }
    }
}

/// What a page shows, as of which change, and what is known of when it changed.
#[derive(Clone, Debug)]
pub struct Moment {
    shown: Shown,
    newest_change: Option<NaiveDateTime>,
    pages: Arc<HashMap<u64, Record>>,
}

impl Moment {
    /// What is shown.
    #[must_use]
    pub fn into_shown(self) -> Shown {
        self.shown
    }

    /// When any of what is shown last changed, UTC, whether a reader can see it or not; `None` before the first change.
    #[must_use]
    pub const fn newest_change(&self) -> Option<NaiveDateTime> {
        self.newest_change
    }

    /// When the page at that path was last seen to change, and the hash of what it showed then; `None` where it is not
    /// recorded.
    #[must_use]
    pub fn recorded(&self, path: &str) -> Option<(i64, NaiveDateTime)> {
        self.pages.get(&key(path)).copied()
    }
}

fn key(path: &str) -> u64 {
    xxh3_64(path.as_bytes())
}
