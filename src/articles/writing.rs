//! Every change of an article, each within a write transaction: what it says, whether visitors see it, the bin. A change
//! counts the article's revision, keeps it, renders the text where it is another, leaves a redirect where the slug is, and
//! tells the pages that show it.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::renditions::keep;
use super::{
    Content, Manuscript, Publication, State, content_columns, content_values, revisions, slugs,
};
use crate::db::Conn;
use crate::editors::log::{Thing, note};
use crate::ids::{ArticleId, EditorId};
use crate::schema::articles;
use crate::versions::{self, Topic};

pub use crate::clock::now;

/// Who changes something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who; none where the program itself does.
    pub editor: Option<EditorId>,
    /// UTC.
    pub at: NaiveDateTime,
}

impl Hand {
    /// An editor, now.
    #[must_use]
    pub fn of(editor: EditorId) -> Self {
        Self {
            editor: Some(editor),
            at: now(),
        }
    }

    /// The program itself.
    #[must_use]
    pub const fn own(at: NaiveDateTime) -> Self {
        Self { editor: None, at }
    }
}

/// The article of that key, as its editors see it; also one in the bin.
///
/// # Errors
/// When the database fails, as every function here.
pub fn find(conn: &mut Conn, id: ArticleId) -> QueryResult<Option<Manuscript>> {
    let found: Option<(
        Content,
        Publication,
        i64,
        NaiveDateTime,
        Option<NaiveDateTime>,
    )> = articles::table
        .find(id)
        .select((
            content_columns!(articles),
            (articles::state, articles::published_at),
            articles::revision,
            articles::updated_at,
            articles::removed_at,
        ))
        .first(conn)
        .optional()?;
    Ok(found.map(
        |(content, publication, revision, updated_at, removed_at)| Manuscript {
            id,
            content,
            publication,
            revision,
            updated_at,
            removed_at,
        },
    ))
}

/// Adds an article. Whoever calls it for a published one tells the pages.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn create(
    conn: &mut Conn,
    hand: Hand,
    content: Content,
    publication: Publication,
    name: Option<&str>,
) -> QueryResult<Manuscript> {
    let updated_at = match publication {
        Publication {
            state: State::Published,
            published_at: Some(at),
        } => at,
        _ => hand.at,
    };
    let id = diesel::insert_into(articles::table)
        .values((
            content_values!(articles, content),
            articles::state.eq(publication.state),
            articles::revision.eq(1),
            articles::published_at.eq(publication.published_at),
            articles::updated_at.eq(updated_at),
        ))
        .returning(articles::id)
        .get_result(conn)?;
    keep(conn, id, &content.slug, &content.body)?;
    let article = Manuscript {
        id,
        content,
        publication,
        revision: 1,
        updated_at,
        removed_at: None,
    };
    revisions::keep(conn, &article, hand.editor, hand.at, name)?;
    Ok(article)
}

/// Changes what an article says and whether visitors see it. `None` where somebody else changed it meanwhile: nothing is
/// written then.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn change(
    conn: &mut Conn,
    hand: Hand,
    before: &Manuscript,
    content: Content,
    publication: Publication,
    name: Option<&str>,
) -> QueryResult<Option<Manuscript>> {
    let after = Manuscript {
        updated_at: changed_at(before, &content, publication, hand.at),
        content,
        publication,
        revision: before.revision + 1,
        ..*before
    };
    let changed = diesel::update(articles::table.find(before.id))
        .filter(articles::revision.eq(before.revision))
        .set((
            content_values!(articles, after.content),
            articles::state.eq(after.publication.state),
            articles::revision.eq(after.revision),
            articles::published_at.eq(after.publication.published_at),
            articles::updated_at.eq(after.updated_at),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Ok(None);
    }
    if before.content.slug != after.content.slug {
        slugs::change(conn, before.id, &before.content.slug, &after.content.slug)?;
    }
    if before.content.slug != after.content.slug || before.content.body != after.content.body {
        keep(conn, after.id, &after.content.slug, &after.content.body)?;
    }
    revisions::keep(conn, &after, hand.editor, hand.at, name)?;
    Ok(Some(after))
}

/// When what a reader sees last changed.
fn changed_at(
    before: &Manuscript,
    content: &Content,
    publication: Publication,
    now: NaiveDateTime,
) -> NaiveDateTime {
    let (State::Published, Some(published_at)) = (publication.state, publication.published_at)
    else {
        return now;
    };
    match before.publication.state {
        // Readers saw it before.
        State::Published | State::Withdrawn if before.content != *content => now.max(published_at),
        State::Published | State::Withdrawn => before.updated_at.max(published_at),
        State::Draft | State::Scheduled => published_at,
    }
}

/// Puts an article into the bin, or takes it out. One whose time came while it was there is a draft again.
///
/// # Errors
/// When the database fails.
pub fn set_removed(
    conn: &mut Conn,
    hand: Hand,
    before: &Manuscript,
    is_removed: bool,
) -> QueryResult<Manuscript> {
    let removed_at = is_removed.then_some(hand.at);
    diesel::update(articles::table.find(before.id))
        .set(articles::removed_at.eq(removed_at))
        .execute(conn)?;
    let after = Manuscript {
        removed_at,
        ..before.clone()
    };
    let is_overdue = after.publication.state == State::Scheduled
        && after
            .publication
            .published_at
            .is_some_and(|at| at <= hand.at);
    if is_removed || !is_overdue {
        return Ok(after);
    }
    let content = after.content.clone();
    let draft = change(conn, hand, &after, content, Publication::DRAFT, None)?;
    Ok(draft.unwrap_or(after))
}

/// Tells the pages that show an article of its change. Comes last in the transaction.
///
/// # Errors
/// When the database fails.
pub fn tell(
    conn: &mut Conn,
    before: Option<&Manuscript>,
    after: Option<&Manuscript>,
) -> QueryResult<()> {
    let both = [before, after];
    let seen = both.into_iter().flatten().filter(|it| it.is_public());
    let topics = topics(seen);
    if topics.is_empty() {
        return Ok(());
    }
    versions::bump(conn, &topics)
}

/// What shows these articles.
fn topics<'a>(articles: impl Iterator<Item = &'a Manuscript>) -> Vec<Topic> {
    let mut topics = Vec::new();
    for Manuscript { content, .. } in articles {
        let attached = [
            Some(Topic::Articles),
            content.role_id.map(Topic::Role),
            content.technology_id.map(Topic::Technology),
        ];
        for topic in attached.into_iter().flatten() {
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
    }
    topics
}

/// Publishes what is scheduled and due. Of several instances one does each.
///
/// # Errors
/// When the database fails.
pub fn publish_due(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Vec<Manuscript>> {
    let mut published = Vec::new();
    for id in due(conn, now)? {
        let Some(before) = find(conn, id)? else {
            continue;
        };
        let at = before.publication.published_at.filter(|at| *at <= now);
        let (State::Scheduled, Some(at)) = (before.publication.state, at) else {
            continue;
        };
        let publication = Publication {
            state: State::Published,
            published_at: Some(at),
        };
        let content = before.content.clone();
        let after = change(conn, Hand::own(now), &before, content, publication, None)?;
        if let Some(after) = after {
            note(
                conn,
                None,
                "published",
                Thing::Article(id),
                &after.content.title,
            )?;
            published.push(after);
        }
    }
    let topics = topics(published.iter());
    if !topics.is_empty() {
        versions::bump(conn, &topics)?;
    }
    Ok(published)
}

/// The articles whose time has come.
///
/// # Errors
/// When the database fails.
pub fn due(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Vec<ArticleId>> {
    articles::table
        .filter(articles::state.eq(State::Scheduled))
        .filter(articles::removed_at.is_null())
        .filter(articles::published_at.le(now))
        .order(articles::id)
        .select(articles::id)
        .load(conn)
}
