//! The log: who did what, and when. An entry is written in the transaction of the change, so that there is none without the
//! other, and is kept for good.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::prelude::*;

use crate::db::Conn;
use crate::ids::{
    ArticleId, CandidateId, EditorId, ImportId, IssueId, RoleId, SourceId, SubscriberId,
    TechnologyId,
};
use crate::schema::{editors, events};

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
    /// An issue of the newsletter.
    Issue(IssueId),
    /// A subscriber of the newsletter.
    Subscriber(SubscriberId),
    /// An account.
    Account(EditorId),
}

/// The words for things, with what a reader calls several of them.
pub const KINDS: &[(&str, &str)] = &[
    ("article", "Articles"),
    ("image", "Images"),
    ("import", "Imports"),
    ("offer", "Offers"),
    ("source", "Sources"),
    ("role", "Roles"),
    ("technology", "Technologies"),
    ("issue", "Issues"),
    ("subscriber", "Subscribers"),
    ("account", "Accounts"),
];

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
            Self::Issue(_) => "issue",
            Self::Subscriber(_) => "subscriber",
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
            Self::Issue(id) => id.0,
            Self::Subscriber(id) => id.0,
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

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Entry {
    /// UTC.
    pub happened_at: NaiveDateTime,
    /// Who; nobody for a command.
    pub who: Option<String>,
    /// What was done.
    did: String,
    /// What it was done to.
    thing: String,
    /// The thing's key.
    thing_id: i64,
    /// What the thing was called.
    name: String,
}

impl Entry {
    /// Who did it, in words.
    #[must_use]
    pub fn who(&self) -> &str {
        self.who.as_deref().unwrap_or("A command")
    }

    /// What was done, in words: `published the article`; the name follows, where [`Entry::is_named`].
    #[must_use]
    pub fn what(&self) -> String {
        let did = self.did.replace('_', " ");
        if self.is_named() {
            format!("{did} the {}", self.thing)
        } else {
            did
        }
    }

    /// Whether what was done needs the thing's name to be understood.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.did != "signed_in"
    }

    /// What the thing was called then.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.name.trim().is_empty() {
            "without a name"
        } else {
            &self.name
        }
    }

    /// The thing's page in the admin, which may be gone.
    #[must_use]
    pub fn href(&self) -> String {
        let place = match self.thing.as_str() {
            "technology" => "technologies".to_owned(),
            thing => format!("{thing}s"),
        };
        format!("/admin/{place}/{}", self.thing_id)
    }
}

/// What narrows the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only what this one did.
    pub who: Option<EditorId>,
    /// Only what was done to this kind of thing.
    pub kind: Option<&'static str>,
    /// From the beginning of this day, UTC.
    pub from: Option<NaiveDate>,
    /// To the end of this day, UTC.
    pub until: Option<NaiveDate>,
    /// Without what concerns others' accounts, for one who is no administrator.
    pub for_editor: Option<EditorId>,
    /// Without who signed in.
    pub changes_only: bool,
}

/// Entries, the newest first, after so many.
///
/// # Errors
/// When the database fails.
pub fn newest(conn: &mut Conn, filter: &Filter, after: i64, limit: i64) -> QueryResult<Vec<Entry>> {
    let mut entries = events::table
        .left_join(editors::table)
        .select((
            events::happened_at,
            editors::name.nullable(),
            events::did,
            events::thing,
            events::thing_id,
            events::name,
        ))
        .order((events::happened_at.desc(), events::id.desc()))
        .offset(after)
        .limit(limit)
        .into_boxed();
    if let Some(who) = filter.who {
        entries = entries.filter(events::editor_id.eq(who));
    }
    if let Some(kind) = filter.kind {
        entries = entries.filter(events::thing.eq(kind));
    }
    if let Some(from) = filter.from {
        entries = entries.filter(events::happened_at.ge(from.and_time(NaiveTime::MIN)));
    }
    if let Some(end) = filter
        .until
        .and_then(|day| day.checked_add_days(Days::new(1)))
    {
        entries = entries.filter(events::happened_at.lt(end.and_time(NaiveTime::MIN)));
    }
    if let Some(editor) = filter.for_editor {
        let is_seen = events::thing
            .ne("account")
            .or(events::thing_id.eq(editor.0));
        entries = entries.filter(is_seen);
    }
    if filter.changes_only {
        entries = entries.filter(events::did.ne("signed_in"));
    }
    entries.load(conn)
}
