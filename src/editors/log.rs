//! The log: who did what, and when. An entry is written in the transaction of the change, so that there is none without the
//! other, and is kept for good.

use chrono::Utc;
use diesel::prelude::*;

use crate::db::Conn;
use crate::ids::{ArticleId, CandidateId, EditorId, ImportId, RoleId, SourceId, TechnologyId};
use crate::schema::events;

/// What something was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An article.
    Article(ArticleId),
    /// An image, by its key.
    Image(i64),
    /// A source.
    Source(SourceId),
    /// A role.
    Role(RoleId),
    /// A technology.
    Technology(TechnologyId),
    /// An offer, by its candidate.
    Offer(CandidateId),
    /// An import.
    Import(ImportId),
    /// An account.
    Account(EditorId),
}

impl Thing {
    /// The word in the database and in filters.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Article(_) => "article",
            Self::Image(_) => "image",
            Self::Source(_) => "source",
            Self::Role(_) => "role",
            Self::Technology(_) => "technology",
            Self::Offer(_) => "offer",
            Self::Import(_) => "import",
            Self::Account(_) => "account",
        }
    }

    /// The key in the thing's table.
    #[must_use]
    pub const fn key(self) -> i64 {
        match self {
            Self::Article(id) => id.0,
            Self::Source(id) => id.0,
            Self::Role(id) => id.0,
            Self::Technology(id) => id.0,
            Self::Offer(id) => id.0,
            Self::Account(id) => id.0,
            Self::Import(id) => id.0,
            Self::Image(key) => key,
        }
    }
}

/// Notes in a write transaction what it does: who, one word in the past such as `published`, and the thing with its name.
/// Nobody is a command.
///
/// # Errors
/// When the database fails.
pub fn note(
    conn: &mut Conn,
    who: Option<EditorId>,
    did: &'static str,
    thing: Thing,
    name: &str,
) -> QueryResult<()> {
    diesel::insert_into(events::table)
        .values((
            events::happened_at.eq(Utc::now().naive_utc()),
            events::editor_id.eq(who),
            events::did.eq(did),
            events::thing.eq(thing.kind()),
            events::thing_id.eq(thing.key()),
            events::name.eq(name),
        ))
        .execute(conn)?;
    Ok(())
}
