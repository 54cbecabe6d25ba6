//! When what pages show last changed, so that a page can be kept until then.
//!
//! Every change of data or content takes the next number of the whole site, and notes it down at each topic that it
//! touched, in the transaction that makes it ([`bump`]). A page notes which number its own transaction saw and which topics
//! it shows ([`Shown`]). It holds for as long as none of them has a later number, whatever the page was made from: a
//! snapshot that was old already, or a replica that lags behind, gave it an old number too.
//!
//! Each change also has its time, from which follows when a page last changed ([`Moment`]).

mod dates;
mod watch;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use diesel::prelude::*;
use diesel::sql_types;

use crate::clock::now;
use crate::db::{Conn, Db, DbError, on_either};
use crate::ids::{RoleId, TechnologyId};
use crate::schema::versions;
pub use dates::{Dates, Moment, PageRecord, all_records};
pub use watch::{Standing, Versions};

/// Something that pages show. Whoever changes it bumps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A role: its name, its figures in every selection, the articles attached to it.
    Role(RoleId),
    /// A technology: its name, the articles attached to it. Its figures are the roles'.
    Technology(TechnologyId),
    /// What lists of roles and technologies show: which there are, their names and figures.
    Figures,
    /// What lists of articles show, and the articles themselves.
    Articles,
    /// When pages last changed, as it is recorded: what sitemaps and feeds show.
    Pages,
    /// The program itself and its settings, by their hash: every page shows them.
    Program(u64),
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(id) => write!(f, "role:{}", id.0),
            Self::Technology(id) => write!(f, "technology:{}", id.0),
            Self::Figures => f.write_str("figures"),
            Self::Articles => f.write_str("articles"),
            Self::Pages => f.write_str("pages"),
            Self::Program(hash) => write!(f, "program:{hash:016x}"),
        }
    }
}

/// The text is no topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTopic;

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        match text.split_once(':') {
            None if text == "figures" => Ok(Self::Figures),
            None if text == "articles" => Ok(Self::Articles),
            None if text == "pages" => Ok(Self::Pages),
            Some(("role", id)) => Ok(Self::Role(RoleId(id.parse().map_err(|_| UnknownTopic)?))),
            Some(("technology", id)) => Ok(Self::Technology(TechnologyId(
                id.parse().map_err(|_| UnknownTopic)?,
            ))),
            Some(("program", hash)) => Ok(Self::Program(
                u64::from_str_radix(hash, 16).map_err(|_| UnknownTopic)?,
            )),
            _ => Err(UnknownTopic),
        }
    }
}

/// The row with the number of the newest change of all.
pub(crate) const EVERYTHING: &str = "everything";

/// The row with the number of the change up to which pages were looked at and recorded.
const RECORDED: &str = "recorded";

/// The channel on which `PostgreSQL` tells of changes.
const CHANNEL: &str = "payband";

/// Notes in a write transaction that these topics change with it. Comes last in the transaction: on `PostgreSQL`, other
/// writers wait from here on until it ends, and so changes become visible in the order of their numbers.
///
/// # Errors
/// When the database fails, as every query here.
pub fn bump(conn: &mut Conn, topics: &[Topic]) -> QueryResult<()> {
    let at = versions::changed_at.eq(now());
    let next: i64 = on_either!(conn, conn => diesel::insert_into(versions::table)
        .values((versions::topic.eq(EVERYTHING), versions::version.eq(1), at))
        .on_conflict(versions::topic)
        .do_update()
        .set((versions::version.eq(versions::version + 1), at))
        .returning(versions::version)
        .get_result(conn))?;
    for topic in topics {
        set(conn, &topic.to_string(), next)?;
    }
    if let Conn::Postgres(conn) = conn {
        // Delivered when the transaction is committed.
        diesel::sql_query("SELECT pg_notify($1, $2)")
            .bind::<sql_types::Text, _>(CHANNEL)
            .bind::<sql_types::Text, _>(next.to_string())
            .execute(conn)?;
    }
    Ok(())
}

fn set(conn: &mut Conn, topic: &str, version: i64) -> QueryResult<()> {
    let values = (
        versions::version.eq(version),
        versions::changed_at.eq(now()),
    );
    on_either!(conn, conn => diesel::insert_into(versions::table)
        .values((versions::topic.eq(topic), values))
        .on_conflict(versions::topic)
        .do_update()
        .set(values)
        .execute(conn))?;
    Ok(())
}

/// Notes that the program and its settings, by their hash, are what pages are made by from now on, where the last one to do so
/// was another.
///
/// # Errors
/// When the database fails.
pub fn note_program(db: &Db, hash: u64) -> Result<(), DbError> {
    let program = Topic::Program(hash);
    let is_known = |conn: &mut Conn| {
        let last: Option<String> = versions::table
            .filter(versions::topic.like("program:%"))
            .order(versions::version.desc())
            .select(versions::topic)
            .first(conn)
            .optional()?;
        Ok::<_, DbError>(last == Some(program.to_string()))
    };
    if db.read_newest_blocking(is_known)? {
        return Ok(());
    }
    db.write_blocking(|conn| Ok(bump(conn, &[program])?))
}

/// The number of the change up to which pages were looked at and recorded, and the topics that changed since.
///
/// # Errors
/// When the database fails.
pub fn unrecorded(conn: &mut Conn) -> QueryResult<(i64, Vec<Topic>)> {
    let recorded = version_of(conn, RECORDED)?;
    let changed: Vec<String> = versions::table
        .filter(versions::version.gt(recorded))
        .select(versions::topic)
        .load(conn)?;
    let topics = changed.iter().filter_map(|topic| topic.parse().ok());
    Ok((
        recorded,
        topics.filter(|topic| *topic != Topic::Pages).collect(),
    ))
}

/// Notes that pages were looked at and recorded as of that change.
///
/// # Errors
/// When the database fails.
pub fn note_recorded(conn: &mut Conn, version: i64) -> QueryResult<()> {
    set(conn, RECORDED, version)
}

/// The topics of an import after which the figures of these roles are others.
#[must_use]
pub fn of_figures(roles: &BTreeSet<RoleId>) -> Vec<Topic> {
    let mut topics: Vec<Topic> = roles.iter().copied().map(Topic::Role).collect();
    if !topics.is_empty() {
        topics.push(Topic::Figures);
    }
    topics
}

/// The number of the newest change that a transaction sees; 0 before the first.
///
/// # Errors
/// When the database fails.
pub fn newest(conn: &mut Conn) -> QueryResult<i64> {
    version_of(conn, EVERYTHING)
}

/// The number of the newest change of a topic that a transaction sees; 0 before the first.
///
/// # Errors
/// When the database fails.
pub fn of(conn: &mut Conn, topic: Topic) -> QueryResult<i64> {
    version_of(conn, &topic.to_string())
}

fn version_of(conn: &mut Conn, topic: &str) -> QueryResult<i64> {
    let version = versions::table
        .find(topic)
        .select(versions::version)
        .first(conn)
        .optional()?;
    Ok(version.unwrap_or_default())
}

/// What a page shows, and as of which change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    topics: Box<[Topic]>,
    /// The number of the newest change that the page's own transaction saw.
    version: i64,
}

impl Shown {
    /// Nothing that ever changes while the program runs.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            topics: Box::default(),
            version: 0,
        }
    }

    /// Bytes of memory that it takes beside its own.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of_val(&*self.topics)
    }

    /// The same topics, seen again. Belongs into the transaction that looks at them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn again(&self, conn: &mut Conn) -> QueryResult<Self> {
        Self::of(conn, self.topics.clone())
    }

    /// These topics. Belongs into the transaction that reads what the page shows.
    ///
    /// # Errors
    /// When the database fails.
    pub fn of(conn: &mut Conn, topics: impl Into<Box<[Topic]>>) -> QueryResult<Self> {
        Ok(Self::as_of(newest(conn)?, topics))
    }

    /// These topics, read when that was the number of the newest change.
    #[must_use]
    pub fn as_of(version: i64, topics: impl Into<Box<[Topic]>>) -> Self {
        Self {
            topics: topics.into(),
            version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_read_as_it_is_written() {
        for topic in [
            Topic::Role(RoleId(7)),
            Topic::Technology(TechnologyId(8)),
            Topic::Figures,
            Topic::Articles,
            Topic::Pages,
            Topic::Program(0xf7),
        ] {
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
        for text in [
            "role:",
            "role:x",
            "figures:1",
            "everything",
            "program:",
            "recorded",
            "",
        ] {
            assert_eq!(text.parse::<Topic>(), Err(UnknownTopic));
        }
    }
}
