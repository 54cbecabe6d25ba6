//! Issues in the database.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Issue, State};
use crate::db::Conn;
use crate::ids::{EditorId, IssueId, RoleId, TechnologyId};
use crate::newsletter::interests::Interest;
use crate::schema::issues;
use crate::slug::Slug;

/// What a form changes of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Name in the address of its page.
    pub slug: Slug,
    /// Heading, and the subject of its mails.
    pub title: String,
    /// One or two sentences under the title.
    pub summary: String,
    /// Markdown.
    pub body: String,
    /// Only for those who want to hear of it.
    pub audience: Interest,
}

/// The issue of that key.
///
/// # Errors
/// When the database fails, as every query here.
pub fn find(conn: &mut Conn, id: IssueId) -> QueryResult<Option<Issue>> {
    let found = issues::table.find(id).select(Issue::as_select());
    found.first(conn).optional()
}

/// All issues, the newest first.
///
/// # Errors
/// When the database fails.
pub fn newest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Issue>> {
    issues::table
        .order(issues::id.desc())
        .limit(limit)
        .select(Issue::as_select())
        .load(conn)
}

/// An issue that has left, in a list.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = issues)]
pub struct Line {
    /// Name in the address of its page.
    pub slug: Slug,
    /// Heading.
    pub title: String,
    /// When it was sent, UTC.
    #[diesel(select_expression = issues::started_at.assume_not_null())]
    pub sent_at: NaiveDateTime,
}

impl Line {
    /// The address of its page.
    #[must_use]
    pub fn path(&self) -> String {
        super::path(&self.slug)
    }
}

/// Those that have left, the newest first.
///
/// # Errors
/// When the database fails.
pub fn published(conn: &mut Conn) -> QueryResult<Vec<Line>> {
    issues::table
        .filter(issues::started_at.is_not_null())
        .order((issues::started_at.desc(), issues::id.desc()))
        .select(Line::as_select())
        .load(conn)
}

/// The newest that have left with their texts as their pages show them: all, or those to readers of a role, a technology.
///
/// # Errors
/// When the database fails.
pub fn published_about(
    conn: &mut Conn,
    about: Interest,
    limit: usize,
) -> QueryResult<Vec<(Issue, String)>> {
    let found: Vec<(IssueId, Option<RoleId>, Option<TechnologyId>)> = issues::table
        .filter(issues::started_at.is_not_null())
        .order((issues::started_at.desc(), issues::id.desc()))
        .select((issues::id, issues::role_id, issues::technology_id))
        .load(conn)?;
    let is_about = |role: Option<RoleId>, technology: Option<TechnologyId>| {
        about.is_empty()
            || (about.role.is_some() && about.role == role)
            || (about.technology.is_some() && about.technology == technology)
    };
    let found = found.into_iter();
    let found = found.filter(|(_, role, technology)| is_about(*role, *technology));
    let keys: Vec<IssueId> = found.map(|(id, ..)| id).take(limit).collect();
    issues::table
        .filter(issues::id.eq_any(keys))
        .order((issues::started_at.desc(), issues::id.desc()))
        .select((Issue::as_select(), issues::page_html.assume_not_null()))
        .load(conn)
}

/// One that has left, with its text as its page shows it.
///
/// # Errors
/// When the database fails.
pub fn published_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<(Issue, String)>> {
    issues::table
        .filter(issues::slug.eq(slug))
        .filter(issues::started_at.is_not_null())
        .select((Issue::as_select(), issues::page_html.assume_not_null()))
        .first(conn)
        .optional()
}

/// The text of one that has left, in mails: HTML, and text.
///
/// # Errors
/// When the database fails.
pub fn mail_of(conn: &mut Conn, id: IssueId) -> QueryResult<(String, String)> {
    issues::table
        .find(id)
        .select((
            issues::mail_html.assume_not_null(),
            issues::mail_text.assume_not_null(),
        ))
        .first(conn)
}

/// Whether another issue has a slug.
///
/// # Errors
/// When the database fails.
pub fn is_taken(conn: &mut Conn, slug: &Slug, by_other_than: Option<IssueId>) -> QueryResult<bool> {
    let owner: Option<IssueId> = issues::table
        .filter(issues::slug.eq(slug))
        .select(issues::id)
        .first(conn)
        .optional()?;
    Ok(owner.is_some() && owner != by_other_than)
}

/// Adds a draft.
///
/// # Errors
/// When the database fails.
pub fn create(
    conn: &mut Conn,
    content: &Content,
    editor: EditorId,
    now: NaiveDateTime,
) -> QueryResult<IssueId> {
    diesel::insert_into(issues::table)
        .values((
            issues::slug.eq(&content.slug),
            issues::title.eq(&content.title),
            issues::summary.eq(&content.summary),
            issues::body.eq(&content.body),
            issues::state.eq(State::Draft),
            issues::revision.eq(1),
            issues::role_id.eq(content.audience.role),
            issues::technology_id.eq(content.audience.technology),
            issues::editor_id.eq(editor),
            issues::created_at.eq(now),
            issues::updated_at.eq(now),
        ))
        .returning(issues::id)
        .get_result(conn)
}

/// Saves an issue that nobody has got, where it is still as it was when the form was opened. Answers whether it was.
///
/// # Errors
/// When the database fails.
pub fn save(
    conn: &mut Conn,
    id: IssueId,
    revision: i64,
    content: &Content,
    editor: EditorId,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let same = issues::table
        .find(id)
        .filter(issues::revision.eq(revision))
        .filter(issues::state.eq_any([State::Draft, State::Scheduled]));
    let saved = diesel::update(same)
        .set((
            issues::slug.eq(&content.slug),
            issues::title.eq(&content.title),
            issues::summary.eq(&content.summary),
            issues::body.eq(&content.body),
            issues::revision.eq(issues::revision + 1),
            issues::editor_id.eq(editor),
            issues::role_id.eq(content.audience.role),
            issues::technology_id.eq(content.audience.technology),
            issues::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(saved > 0)
}

/// Removes an issue that nobody has got. Answers whether it did.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, id: IssueId) -> QueryResult<bool> {
    let open = issues::table
        .find(id)
        .filter(issues::state.eq_any([State::Draft, State::Scheduled]));
    Ok(diesel::delete(open).execute(conn)? > 0)
}
