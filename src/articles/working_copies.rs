//! Working copies: what editors have typed and not saved. The form sends them every few seconds; visitors never see them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::form::Typed;
use crate::db::{Conn, on_either};
use crate::ids::{ArticleId, EditorId, WorkingCopyId};
use crate::schema::{editors, working_copies};

/// What an editor has typed and not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingCopy {
    /// Key.
    pub id: WorkingCopyId,
    /// The article; none where it was never saved.
    pub article: Option<ArticleId>,
    /// What was typed.
    pub typed: Typed,
    /// The revision that the typing began with; 0 for an article that was never saved.
    pub base: i64,
    /// When the program last heard of it, UTC.
    pub saved_at: NaiveDateTime,
}

type Row = (WorkingCopyId, Option<ArticleId>, String, i64, NaiveDateTime);

const ROW: (
    working_copies::id,
    working_copies::article_id,
    working_copies::fields,
    working_copies::base_revision,
    working_copies::saved_at,
) = (
    working_copies::id,
    working_copies::article_id,
    working_copies::fields,
    working_copies::base_revision,
    working_copies::saved_at,
);

fn read((id, article, fields, base, saved_at): Row) -> WorkingCopy {
    WorkingCopy {
        id,
        article,
        // Fields that another version of the program had are left out.
        typed: serde_json::from_str(&fields).unwrap_or_default(),
        base,
        saved_at,
    }
}

/// An editor's working copy of an article.
///
/// # Errors
/// When the database fails, as every function here.
pub fn of(
    conn: &mut Conn,
    editor: EditorId,
    article: ArticleId,
) -> QueryResult<Option<WorkingCopy>> {
    let found: Option<Row> = working_copies::table
        .filter(working_copies::editor_id.eq(editor))
        .filter(working_copies::article_id.eq(article))
        .filter(working_copies::discarded_at.is_null())
        .select(ROW)
        .first(conn)
        .optional()?;
    Ok(found.map(read))
}

/// An editor's working copies of articles that were never saved, the latest first.
///
/// # Errors
/// When the database fails.
pub fn of_new_articles(conn: &mut Conn, editor: EditorId) -> QueryResult<Vec<WorkingCopy>> {
    let found: Vec<Row> = working_copies::table
        .filter(working_copies::editor_id.eq(editor))
        .filter(working_copies::article_id.is_null())
        .filter(working_copies::discarded_at.is_null())
        .order((working_copies::saved_at.desc(), working_copies::id.desc()))
        .select(ROW)
        .load(conn)?;
    Ok(found.into_iter().map(read).collect())
}

/// An editor's working copy of that key, discarded or not.
///
/// # Errors
/// When the database fails.
pub fn find(
    conn: &mut Conn,
    editor: EditorId,
    id: WorkingCopyId,
) -> QueryResult<Option<WorkingCopy>> {
    let found: Option<Row> = working_copies::table
        .find(id)
        .filter(working_copies::editor_id.eq(editor))
        .select(ROW)
        .first(conn)
        .optional()?;
    Ok(found.map(read))
}

/// The articles of which an editor has a working copy.
///
/// # Errors
/// When the database fails.
pub fn articles_of(conn: &mut Conn, editor: EditorId) -> QueryResult<Vec<ArticleId>> {
    working_copies::table
        .filter(working_copies::editor_id.eq(editor))
        .filter(working_copies::discarded_at.is_null())
        .filter(working_copies::article_id.is_not_null())
        .select(working_copies::article_id.assume_not_null())
        .load(conn)
}

/// The names of others who have typed something into an article since then.
///
/// # Errors
/// When the database fails.
pub fn others_at(
    conn: &mut Conn,
    editor: EditorId,
    article: ArticleId,
    since: NaiveDateTime,
) -> QueryResult<Vec<String>> {
    working_copies::table
        .inner_join(editors::table)
        .filter(working_copies::article_id.eq(article))
        .filter(working_copies::editor_id.ne(editor))
        .filter(working_copies::discarded_at.is_null())
        .filter(working_copies::saved_at.ge(since))
        .order(editors::name)
        .select(editors::name)
        .load(conn)
}

/// Keeps what an editor has typed: in their working copy of the article, or for an article that was never saved in the
/// given one, or else in a new one.
///
/// # Errors
/// When the database fails.
pub fn keep(
    conn: &mut Conn,
    editor: EditorId,
    place: (Option<ArticleId>, Option<WorkingCopyId>),
    typed: &Typed,
    base: i64,
    at: NaiveDateTime,
) -> QueryResult<Option<WorkingCopyId>> {
    let known = match place {
        (Some(article), _) => of(conn, editor, article)?,
        (None, Some(id)) => find(conn, editor, id)?.filter(|copy| copy.article.is_none()),
        (None, None) => None,
    };
    // Text is always valid JSON.
    let fields = serde_json::to_string(typed).unwrap_or_default();
    let values = (
        working_copies::fields.eq(fields),
        working_copies::base_revision.eq(base),
        working_copies::saved_at.eq(at),
        working_copies::discarded_at.eq(None::<NaiveDateTime>),
    );
    if let Some(known) = known {
        diesel::update(working_copies::table.find(known.id))
            .set(values)
            .execute(conn)?;
        return Ok(Some(known.id));
    }
    // Of two that come at the same time one is kept.
    on_either!(conn, conn => diesel::insert_into(working_copies::table)
        .values((
            working_copies::article_id.eq(place.0),
            working_copies::editor_id.eq(editor),
            values,
        ))
        .on_conflict_do_nothing()
        .returning(working_copies::id)
        .get_result(conn)
        .optional())
}

/// Discards an editor's working copy, or takes that back. Answers whether there was one.
///
/// # Errors
/// When the database fails; also when the editor has begun another one of the same article.
pub fn set_discarded(
    conn: &mut Conn,
    editor: EditorId,
    id: WorkingCopyId,
    discarded_at: Option<NaiveDateTime>,
) -> QueryResult<bool> {
    let changed = diesel::update(
        working_copies::table
            .find(id)
            .filter(working_copies::editor_id.eq(editor)),
    )
    .set(working_copies::discarded_at.eq(discarded_at))
    .execute(conn)?;
    Ok(changed > 0)
}

/// Forgets what was typed, for it is saved.
///
/// # Errors
/// When the database fails.
pub fn forget(
    conn: &mut Conn,
    editor: EditorId,
    article: ArticleId,
    copy: Option<WorkingCopyId>,
) -> QueryResult<()> {
    diesel::delete(
        working_copies::table
            .filter(working_copies::editor_id.eq(editor))
            .filter(working_copies::article_id.eq(article))
            .filter(working_copies::discarded_at.is_null()),
    )
    .execute(conn)?;
    if let Some(copy) = copy {
        diesel::delete(
            working_copies::table
                .find(copy)
                .filter(working_copies::editor_id.eq(editor))
                .filter(working_copies::article_id.is_null()),
        )
        .execute(conn)?;
    }
    Ok(())
}
