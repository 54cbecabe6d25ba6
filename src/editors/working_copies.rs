//! Working copies: what editors have typed and not saved. Forms send them every few seconds; visitors never see them.

use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::{Conn, on_either};
use crate::ids::{ArticleId, EditorId, IssueId, WorkingCopyId};
use crate::schema::{editors, working_copies};

/// What is written; without a key it was never saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// An article.
    Article(Option<ArticleId>),
    /// An issue of the newsletter.
    Issue(Option<IssueId>),
}

impl Work {
    const fn thing(self) -> &'static str {
        match self {
            Self::Article(_) => "article",
            Self::Issue(_) => "issue",
        }
    }

    const fn article(self) -> Option<ArticleId> {
        match self {
            Self::Article(article) => article,
            Self::Issue(_) => None,
        }
    }

    const fn issue(self) -> Option<IssueId> {
        match self {
            Self::Issue(issue) => issue,
            Self::Article(_) => None,
        }
    }

    /// Whether it was never saved.
    #[must_use]
    pub const fn is_new(self) -> bool {
        self.article().is_none() && self.issue().is_none()
    }

    /// The list that it stands in.
    #[must_use]
    pub const fn list(self) -> &'static str {
        match self {
            Self::Article(_) => "/admin/articles",
            Self::Issue(_) => "/admin/issues",
        }
    }

    /// The address of its form.
    #[must_use]
    pub fn form(self) -> String {
        let key = self
            .article()
            .map(|id| id.0)
            .or(self.issue().map(|id| id.0));
        match key {
            Some(key) => format!("{}/{key}", self.list()),
            None => format!("{}/new", self.list()),
        }
    }
}

/// What an editor has typed and not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingCopy {
    /// Key.
    pub id: WorkingCopyId,
    /// What it is of.
    pub work: Work,
    /// What was typed: a JSON object with a text for each field.
    fields: String,
    /// The revision that the typing began with; 0 for what was never saved.
    pub base: i64,
    /// When the program last heard of it, UTC.
    pub saved_at: NaiveDateTime,
}

impl WorkingCopy {
    /// What was typed. Fields that another version of the program had are left out.
    #[must_use]
    pub fn typed<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_str(&self.fields).unwrap_or_default()
    }

    /// The title that was typed.
    #[must_use]
    pub fn title(&self) -> String {
        let fields: serde_json::Value = self.typed();
        let title = fields.get("title").and_then(|title| title.as_str());
        title.unwrap_or_default().trim().to_owned()
    }

    /// Where its form goes on with it.
    #[must_use]
    pub fn address(&self) -> String {
        if self.work.is_new() {
            format!("{}?copy={}", self.work.form(), self.id.0)
        } else {
            format!("{}?copy=used", self.work.form())
        }
    }
}

/// Takes the text that is so out of some.
pub fn take(
    texts: &mut Vec<WorkingCopy>,
    is_it: impl Fn(&WorkingCopy) -> bool,
) -> Option<WorkingCopy> {
    let at = texts.iter().position(is_it)?;
    Some(texts.remove(at))
}

type Row = (
    WorkingCopyId,
    String,
    Option<ArticleId>,
    Option<IssueId>,
    String,
    i64,
    NaiveDateTime,
);

const ROW: (
    working_copies::id,
    working_copies::thing,
    working_copies::article_id,
    working_copies::issue_id,
    working_copies::fields,
    working_copies::base_revision,
    working_copies::saved_at,
) = (
    working_copies::id,
    working_copies::thing,
    working_copies::article_id,
    working_copies::issue_id,
    working_copies::fields,
    working_copies::base_revision,
    working_copies::saved_at,
);

fn work(thing: &str, article: Option<ArticleId>, issue: Option<IssueId>) -> Work {
    match thing {
        "issue" => Work::Issue(issue),
        _ => Work::Article(article),
    }
}

fn read((id, thing, article, issue, fields, base, saved_at): Row) -> WorkingCopy {
    WorkingCopy {
        id,
        work: work(&thing, article, issue),
        fields,
        base,
        saved_at,
    }
}

/// What an editor has unsaved text of, the latest first.
///
/// # Errors
/// When the database fails, as every function here.
pub fn works_of(conn: &mut Conn, editor: EditorId) -> QueryResult<Vec<(WorkingCopyId, Work)>> {
    type Names = (WorkingCopyId, String, Option<ArticleId>, Option<IssueId>);
    let found: Vec<Names> = working_copies::table
        .filter(working_copies::editor_id.eq(editor))
        .filter(working_copies::discarded_at.is_null())
        .order((working_copies::saved_at.desc(), working_copies::id.desc()))
        .select((
            working_copies::id,
            working_copies::thing,
            working_copies::article_id,
            working_copies::issue_id,
        ))
        .load(conn)?;
    let found = found.into_iter();
    Ok(found
        .map(|(id, thing, article, issue)| (id, work(&thing, article, issue)))
        .collect())
}

/// An editor's working copies of that work, the latest first: one of what was saved, or all of those that never were.
///
/// # Errors
/// When the database fails.
pub fn of(conn: &mut Conn, editor: EditorId, work: Work) -> QueryResult<Vec<WorkingCopy>> {
    let works = works_of(conn, editor)?.into_iter();
    let keys = works.filter(|(_, known)| *known == work).map(|(id, _)| id);
    let found: Vec<Row> = working_copies::table
        .filter(working_copies::id.eq_any(keys.collect::<Vec<_>>()))
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

/// What editors have unsaved text of in which something like that stands, as SQL writes patterns.
///
/// # Errors
/// When the database fails.
pub fn naming(conn: &mut Conn, pattern: &str) -> QueryResult<Vec<Work>> {
    let found: Vec<(String, Option<ArticleId>, Option<IssueId>)> = working_copies::table
        .filter(working_copies::discarded_at.is_null())
        .filter(working_copies::fields.like(pattern))
        .select((
            working_copies::thing,
            working_copies::article_id,
            working_copies::issue_id,
        ))
        .load(conn)?;
    let found = found.into_iter();
    Ok(found
        .map(|(thing, article, issue)| work(&thing, article, issue))
        .collect())
}

/// Minutes after which somebody who typed something is not taken to be at it any more.
const AT_IT_MINUTES: i64 = 10;

/// The names of others who have typed something into that lately; of what was never saved there are none.
///
/// # Errors
/// When the database fails.
pub fn others_at(conn: &mut Conn, editor: EditorId, at: Work) -> QueryResult<Vec<String>> {
    type Names = (String, String, Option<ArticleId>, Option<IssueId>);
    if at.is_new() {
        return Ok(Vec::new());
    }
    let since = Utc::now().naive_utc() - TimeDelta::minutes(AT_IT_MINUTES);
    let found: Vec<Names> = working_copies::table
        .inner_join(editors::table)
        .filter(working_copies::editor_id.ne(editor))
        .filter(working_copies::discarded_at.is_null())
        .filter(working_copies::saved_at.ge(since))
        .order(editors::name)
        .select((
            editors::name,
            working_copies::thing,
            working_copies::article_id,
            working_copies::issue_id,
        ))
        .load(conn)?;
    let found = found.into_iter();
    let here = found.filter(|(_, thing, article, issue)| work(thing, *article, *issue) == at);
    Ok(here.map(|(name, ..)| name).collect())
}

/// Keeps what an editor has typed: in their working copy of that, or for what was never saved in the given one, or else in
/// a new one.
///
/// # Errors
/// When the database fails.
pub fn keep(
    conn: &mut Conn,
    editor: EditorId,
    (work, copy): (Work, Option<WorkingCopyId>),
    typed: &impl Serialize,
    base: i64,
) -> QueryResult<Option<WorkingCopyId>> {
    let known = match copy {
        Some(copy) if work.is_new() => find(conn, editor, copy)?
            .filter(|found| found.work == work)
            .map(|found| found.id),
        None if work.is_new() => None,
        _ => {
            let mut works = works_of(conn, editor)?.into_iter();
            works.find(|(_, known)| *known == work).map(|(id, _)| id)
        }
    };
    // Text is always valid JSON.
    let fields = serde_json::to_string(typed).unwrap_or_default();
    let values = (
        working_copies::fields.eq(fields),
        working_copies::base_revision.eq(base),
        working_copies::saved_at.eq(Utc::now().naive_utc()),
        working_copies::discarded_at.eq(None::<NaiveDateTime>),
    );
    if let Some(known) = known {
        diesel::update(working_copies::table.find(known))
            .set(values)
            .execute(conn)?;
        return Ok(Some(known));
    }
    // Of two that come at the same time one is kept.
    on_either!(conn, conn => diesel::insert_into(working_copies::table)
        .values((
            working_copies::thing.eq(work.thing()),
            working_copies::article_id.eq(work.article()),
            working_copies::issue_id.eq(work.issue()),
            working_copies::editor_id.eq(editor),
            values,
        ))
        .on_conflict_do_nothing()
        .returning(working_copies::id)
        .get_result(conn)
        .optional())
}

/// Discards an editor's working copy, or takes that back.
///
/// # Errors
/// When the database fails; also when the editor has begun another one of the same.
pub fn set_discarded(
    conn: &mut Conn,
    editor: EditorId,
    id: WorkingCopyId,
    discarded_at: Option<NaiveDateTime>,
) -> QueryResult<()> {
    let own = working_copies::table
        .find(id)
        .filter(working_copies::editor_id.eq(editor));
    diesel::update(own)
        .set(working_copies::discarded_at.eq(discarded_at))
        .execute(conn)?;
    Ok(())
}

/// Forgets what was typed, for it is saved: the editor's copy of that work, and the one that it was typed into before there
/// was such a work.
///
/// # Errors
/// When the database fails.
pub fn forget(
    conn: &mut Conn,
    editor: EditorId,
    work: Work,
    copy: Option<WorkingCopyId>,
) -> QueryResult<()> {
    let is_it = |(id, known): &(WorkingCopyId, Work)| {
        *known == work || (known.is_new() && Some(*id) == copy)
    };
    let works = works_of(conn, editor)?.into_iter();
    let saved: Vec<WorkingCopyId> = works.filter(is_it).map(|(id, _)| id).collect();
    diesel::delete(working_copies::table.filter(working_copies::id.eq_any(saved))).execute(conn)?;
    Ok(())
}
