//! The revisions of articles: each is the whole article as it was saved, with who saved it, when, and a name where it has
//! one.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Content, Manuscript, Publication, content_columns, content_values};
use crate::db::Conn;
use crate::ids::{ArticleId, EditorId};
use crate::schema::{editors, revisions};

/// A revision, but for what the article said.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct RevisionLine {
    /// Counts the article's saves, from 1.
    pub number: i64,
    /// UTC.
    pub saved_at: NaiveDateTime,
    /// What an editor called it.
    pub name: Option<String>,
    /// Name of who saved it; none where the program itself did.
    pub editor: Option<String>,
    /// Whether visitors saw it.
    pub publication: Publication,
    /// Its heading.
    pub title: String,
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Who saved it, and when.
    pub line: RevisionLine,
    /// What the article said.
    pub content: Content,
}

/// The columns of [`RevisionLine`], of revisions with their editors.
macro_rules! line {
    () => {
        (
            revisions::number,
            revisions::saved_at,
            revisions::name,
            editors::name.nullable(),
            (revisions::state, revisions::published_at),
            revisions::title,
        )
    };
}

/// The revisions of an article, the newest first.
///
/// # Errors
/// When the database fails, as every query here.
pub fn of(conn: &mut Conn, article: ArticleId) -> QueryResult<Vec<RevisionLine>> {
    revisions::table
        .left_join(editors::table)
        .filter(revisions::article_id.eq(article))
        .order(revisions::number.desc())
        .select(line!())
        .load(conn)
}

/// One revision of an article.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, article: ArticleId, number: i64) -> QueryResult<Option<Revision>> {
    let found: Option<(RevisionLine, Content)> = revisions::table
        .left_join(editors::table)
        .filter(revisions::article_id.eq(article))
        .filter(revisions::number.eq(number))
        .select((line!(), content_columns!(revisions)))
        .first(conn)
        .optional()?;
    Ok(found.map(|(line, content)| Revision { line, content }))
}

/// Keeps an article as it is now as its newest revision.
///
/// # Errors
/// When the database fails.
pub(super) fn keep(
    conn: &mut Conn,
    article: &Manuscript,
    editor: Option<EditorId>,
    at: NaiveDateTime,
    name: Option<&str>,
) -> QueryResult<()> {
    diesel::insert_into(revisions::table)
        .values((
            (
                revisions::article_id.eq(article.id),
                revisions::number.eq(article.revision),
                revisions::editor_id.eq(editor),
                revisions::saved_at.eq(at),
                revisions::name.eq(name),
                revisions::state.eq(article.publication.state),
                revisions::published_at.eq(article.publication.published_at),
            ),
            content_values!(revisions, article.content),
        ))
        .execute(conn)?;
    Ok(())
}
