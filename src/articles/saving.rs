//! A form that was sent: it is saved, or comes back with what is wrong, or meets what somebody else saved meanwhile.

use diesel::prelude::*;

use super::form::{Checked, Typed};
use super::publication::Wish;
use super::publish_check::{Draft, Finding, is_blocked};
use super::revisions::{self, Revision};
use super::writing::{self, Hand};
use super::{Content, Manuscript, Publication, State, slugs};
use crate::db::Conn;
use crate::editors::Editor;
use crate::editors::log::{Thing, note};
use crate::editors::working_copies::{self, Work};
use crate::ids::{ArticleId, ImageId, WorkingCopyId};
use crate::images;
use crate::market::queries as market;
use crate::slug::Slug;
use crate::web::forms::FieldErrors;

/// Says what a reader or a search engine would stumble over in an article that is about to be saved.
pub type Check<'a> = &'a dyn Fn(&mut Conn, &Draft<'_>) -> QueryResult<Vec<Finding>>;

/// A form as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The article; none for a new one.
    pub article: Option<ArticleId>,
    /// What was typed.
    pub typed: Typed,
    /// The revision that the typing began with; 0 for a new article.
    pub base: i64,
    /// What the editor calls the revision.
    pub name: Option<String>,
    /// Where a new article's text was kept while it was typed.
    pub copy: Option<WorkingCopyId>,
}

/// What became of a form.
#[derive(Debug)]
pub enum Saved {
    /// It is saved.
    Done {
        /// The article as it was before.
        before: Option<Box<Manuscript>>,
        /// The article as it is now.
        after: Box<Manuscript>,
    },
    /// Something is wrong. What was typed is in the editor's working copy.
    Refused {
        /// What.
        errors: FieldErrors,
        /// What keeps it from being published, and all else to stumble over.
        findings: Vec<Finding>,
        /// The working copy.
        copy: Option<WorkingCopyId>,
    },
    /// Somebody else saved another text meanwhile. What was typed is in the editor's working copy.
    Conflict(Box<Conflict>),
    /// There is no such article.
    Missing,
}

/// Two editors wrote at the same time.
#[derive(Debug)]
pub struct Conflict {
    /// What this editor wants to save.
    pub mine: Content,
    /// What the other one saved, and who and when.
    pub theirs: Revision,
    /// What both began with.
    pub base: Option<Content>,
}

/// Saves what was sent, as far as that can be. Belongs into a write transaction, which also keeps what cannot be saved.
///
/// # Errors
/// When the database fails.
pub fn save(
    conn: &mut Conn,
    editor: &Editor,
    sent: &Sent,
    wish: Wish,
    check: Check<'_>,
) -> QueryResult<Saved> {
    let before = match sent.article {
        None => None,
        Some(id) => match writing::find(conn, id)? {
            Some(found) => Some(found),
            None => return Ok(Saved::Missing),
        },
    };
    let hand = Hand::of(editor.id);
    if before
        .as_ref()
        .is_some_and(|before| before.removed_at.is_some())
    {
        let errors = FieldErrors::whole(
            "The article was put into the bin meanwhile. What you typed is kept: take the article out of the bin, and save \
             again.",
        );
        return refuse(conn, sent, editor, errors, Vec::new());
    }
    let understood = understood(conn, before.as_ref(), &sent.typed, wish, hand)?;
    let (content, publication) = match understood {
        Ok(understood) => understood,
        Err(errors) => return refuse(conn, sent, editor, errors, Vec::new()),
    };
    if let Some(before) = &before
        && let Some(conflict) = conflict(conn, before, &content, sent.base)?
    {
        keep_copy(conn, sent, editor)?;
        return Ok(Saved::Conflict(Box::new(conflict)));
    }
    let findings = blocking(
        conn,
        before.as_ref(),
        sent.article,
        &content,
        publication,
        check,
    )?;
    if is_blocked(&findings) {
        return refuse(conn, sent, editor, in_words(&findings), findings);
    }
    let name = sent.name.as_deref().filter(|name| !name.is_empty());
    let after = match &before {
        None => writing::create(conn, hand, content, publication, name)?,
        Some(before) if is_the_same(before, &content, publication) && name.is_none() => {
            before.clone()
        }
        // Nobody can have changed it within this transaction but on PostgreSQL, where the row is then another.
        Some(before) => match writing::change(conn, hand, before, content, publication, name)? {
            Some(after) => after,
            None => return Err(diesel::result::Error::RollbackTransaction),
        },
    };
    working_copies::forget(conn, editor.id, Work::Article(Some(after.id)), sent.copy)?;
    if before.as_ref() != Some(&after) {
        let did = did(before.as_ref(), &after);
        note(
            conn,
            Some(editor.id),
            did,
            Thing::Article(after.id),
            &after.content.title,
        )?;
        writing::tell(conn, before.as_ref(), Some(&after))?;
    }
    Ok(Saved::Done {
        before: before.map(Box::new),
        after: Box::new(after),
    })
}

/// What is meant by a form, as far as the database knows what it names.
fn understood(
    conn: &mut Conn,
    before: Option<&Manuscript>,
    typed: &Typed,
    wish: Wish,
    hand: Hand,
) -> QueryResult<Result<(Content, Publication), FieldErrors>> {
    let checked = match typed.check() {
        Ok(checked) => checked,
        Err(errors) => return Ok(Err(errors)),
    };
    let mut errors = FieldErrors::default();
    if let Some(why) = slugs::why_taken(conn, &checked.slug, before.map(|before| before.id))? {
        errors.add("slug", why);
    }
    let publication = before.map_or(Publication::DRAFT, |before| before.publication);
    let publication = publication
        .after(wish, checked.published_at, hand.at)
        .map_err(|why| errors.add("published_at", why));
    let content = content(conn, checked, &mut errors)?;
    Ok(match publication {
        Ok(publication) if errors.is_empty() => Ok((content, publication)),
        _ => Err(errors),
    })
}

/// What a checked form says, with the keys of what it names.
///
/// # Errors
/// When the database fails.
pub fn content(
    conn: &mut Conn,
    checked: Checked,
    errors: &mut FieldErrors,
) -> QueryResult<Content> {
    let role = match &checked.role {
        Some(slug) => market::role_by_any_slug(conn, slug)?,
        None => None,
    };
    if checked.role.is_some() && role.is_none() {
        errors.add("role", "There is no role of that name.");
    }
    let technology = match &checked.technology {
        Some(slug) => market::technology_by_any_slug(conn, slug)?,
        None => None,
    };
    if checked.technology.is_some() && technology.is_none() {
        errors.add("technology", "There is no technology of that name.");
    }
    let cover_image = match checked.cover_image.map(ImageId) {
        Some(id) => images::queries::by_id(conn, id)?,
        None => None,
    };
    if checked.cover_image.is_some() && cover_image.is_none() {
        errors.add("cover_image", "There is no such picture.");
    }
    Ok(Content {
        slug: checked.slug,
        title: checked.title,
        seo_title: checked.seo_title,
        kind: checked.kind,
        role_id: role.map(|role| role.id),
        technology_id: technology.map(|technology| technology.id),
        position: checked.position,
        author: checked.author,
        summary: checked.summary,
        description: checked.description,
        body: checked.body,
        cover_image_id: cover_image.map(|image| image.id),
    })
}

fn refuse(
    conn: &mut Conn,
    sent: &Sent,
    editor: &Editor,
    errors: FieldErrors,
    findings: Vec<Finding>,
) -> QueryResult<Saved> {
    let copy = keep_copy(conn, sent, editor)?;
    Ok(Saved::Refused {
        errors,
        findings,
        copy,
    })
}

/// What keeps an article from being seen as it is to be. What visitors see already does not keep it from being mended
/// elsewhere.
fn blocking(
    conn: &mut Conn,
    before: Option<&Manuscript>,
    id: Option<ArticleId>,
    content: &Content,
    publication: Publication,
    check: Check<'_>,
) -> QueryResult<Vec<Finding>> {
    if !matches!(publication.state, State::Published | State::Scheduled) {
        return Ok(Vec::new());
    }
    let findings = found(conn, id, content, check)?;
    let seen = before.filter(|before| before.is_public());
    let Some(before) = seen.filter(|_| is_blocked(&findings)) else {
        return Ok(findings);
    };
    let former = found(conn, id, &before.content, check)?;
    let is_new = |finding: &Finding| former.iter().all(|other| other.text != finding.text);
    if findings
        .iter()
        .any(|finding| finding.is_error() && is_new(finding))
    {
        Ok(findings)
    } else {
        Ok(Vec::new())
    }
}

/// What there is to stumble over in what an article says.
///
/// # Errors
/// When the database fails.
pub fn found(
    conn: &mut Conn,
    id: Option<ArticleId>,
    content: &Content,
    check: Check<'_>,
) -> QueryResult<Vec<Finding>> {
    let role: Option<Slug> = match content.role_id {
        Some(role) => market::role(conn, role)?.map(|role| role.slug),
        None => None,
    };
    let technology: Option<Slug> = match content.technology_id {
        Some(technology) => market::technology(conn, technology)?.map(|it| it.slug),
        None => None,
    };
    let draft = Draft {
        id,
        slug: Some(&content.slug),
        title: &content.title,
        summary: &content.summary,
        seo_title: &content.seo_title,
        description: &content.description,
        body: &content.body,
        role: role.as_ref(),
        technology: technology.as_ref(),
    };
    check(conn, &draft)
}

/// What keeps an article from being published, beside the fields that it is about.
fn in_words(findings: &[Finding]) -> FieldErrors {
    let mut errors = FieldErrors::whole(
        "It cannot be published like this. Nothing is lost: mend what is listed, or save it as a draft.",
    );
    for finding in findings.iter().filter(|finding| finding.is_error()) {
        let text = match finding.line {
            Some(line) => format!("Line {line}: {}", finding.text),
            None => finding.text.clone(),
        };
        errors.add(finding.field, text);
    }
    errors
}

/// Keeps what was typed and could not be saved, so that it is found again when the page is closed.
fn keep_copy(conn: &mut Conn, sent: &Sent, editor: &Editor) -> QueryResult<Option<WorkingCopyId>> {
    if sent.article.is_none() && sent.typed.is_blank() {
        return Ok(sent.copy);
    }
    let place = (Work::Article(sent.article), sent.copy);
    working_copies::keep(conn, editor.id, place, &sent.typed, sent.base)
}

/// What somebody else saved since the typing began, where it is another text than both what it began with and what is to be
/// saved: two editors who publish and withdraw do not get in each other's way.
fn conflict(
    conn: &mut Conn,
    before: &Manuscript,
    mine: &Content,
    base: i64,
) -> QueryResult<Option<Conflict>> {
    if before.revision == base || before.content == *mine {
        return Ok(None);
    }
    let base = revisions::find(conn, before.id, base)?.map(|revision| revision.content);
    if base.as_ref() == Some(&before.content) {
        return Ok(None);
    }
    let theirs = revisions::find(conn, before.id, before.revision)?;
    Ok(theirs.map(|theirs| Conflict {
        mine: mine.clone(),
        theirs,
        base,
    }))
}

fn is_the_same(before: &Manuscript, content: &Content, publication: Publication) -> bool {
    before.content == *content && before.publication == publication
}

/// What the log says of a change.
fn did(before: Option<&Manuscript>, after: &Manuscript) -> &'static str {
    let former = before.map(|before| before.publication.state);
    match after.publication.state {
        state if former == Some(state) => "changed",
        State::Published => "published",
        State::Scheduled => "scheduled",
        State::Withdrawn => "withdrew",
        State::Draft if before.is_none() => "created",
        State::Draft => "took back",
    }
}

/// Publishes, withdraws or takes back an article whose text stays as it is. `None` where there is no such article.
///
/// # Errors
/// When the database fails.
pub fn publish(
    conn: &mut Conn,
    editor: &Editor,
    id: ArticleId,
    wish: Wish,
    check: Check<'_>,
) -> QueryResult<Option<Result<Manuscript, String>>> {
    let Some(before) = writing::find(conn, id)?.filter(|found| found.removed_at.is_none()) else {
        return Ok(None);
    };
    let hand = Hand::of(editor.id);
    let publication = match before
        .publication
        .after(wish, before.publication.published_at, hand.at)
    {
        Ok(publication) => publication,
        Err(why) => return Ok(Some(Err(why.to_owned()))),
    };
    if publication == before.publication {
        return Ok(Some(Ok(before)));
    }
    let content = before.content.clone();
    let findings = blocking(conn, Some(&before), Some(id), &content, publication, check)?;
    if let Some(first) = findings.iter().find(|finding| finding.is_error()) {
        return Ok(Some(Err(format!(
            "It cannot be published like this. {}",
            first.text
        ))));
    }
    let Some(after) = writing::change(conn, hand, &before, content, publication, None)? else {
        return Err(diesel::result::Error::RollbackTransaction);
    };
    note(
        conn,
        Some(editor.id),
        did(Some(&before), &after),
        Thing::Article(id),
        &after.content.title,
    )?;
    writing::tell(conn, Some(&before), Some(&after))?;
    Ok(Some(Ok(after)))
}

/// Puts an article into the bin, or takes it out. `None` where there is no such article.
///
/// # Errors
/// When the database fails.
pub fn set_removed(
    conn: &mut Conn,
    editor: &Editor,
    id: ArticleId,
    is_removed: bool,
) -> QueryResult<Option<Manuscript>> {
    let Some(before) = writing::find(conn, id)? else {
        return Ok(None);
    };
    if before.removed_at.is_some() == is_removed {
        return Ok(Some(before));
    }
    let after = writing::set_removed(conn, Hand::of(editor.id), &before, is_removed)?;
    let did = if is_removed { "removed" } else { "restored" };
    note(
        conn,
        Some(editor.id),
        did,
        Thing::Article(id),
        &after.content.title,
    )?;
    writing::tell(conn, Some(&before), Some(&after))?;
    Ok(Some(after))
}

/// Makes a former revision the newest one; whether visitors see the article stays as it is. What it was attached to and is
/// not there any more is left out. An error says why its slug cannot come back. `None` where there is no such revision.
///
/// # Errors
/// When the database fails.
pub fn restore(
    conn: &mut Conn,
    editor: &Editor,
    id: ArticleId,
    number: i64,
) -> QueryResult<Option<Result<Manuscript, String>>> {
    let Some(before) = writing::find(conn, id)?.filter(|found| found.removed_at.is_none()) else {
        return Ok(None);
    };
    let Some(former) = revisions::find(conn, id, number)? else {
        return Ok(None);
    };
    if let Some(why) = slugs::why_taken(conn, &former.content.slug, Some(id))? {
        return Ok(Some(Err(why)));
    }
    if former.content == before.content {
        return Ok(Some(Ok(before)));
    }
    let hand = Hand::of(editor.id);
    let name = format!("Restored revision {number}");
    let publication = before.publication;
    let after = writing::change(
        conn,
        hand,
        &before,
        former.content,
        publication,
        Some(&name),
    )?;
    let Some(after) = after else {
        return Err(diesel::result::Error::RollbackTransaction);
    };
    note(
        conn,
        Some(editor.id),
        "changed",
        Thing::Article(id),
        &after.content.title,
    )?;
    writing::tell(conn, Some(&before), Some(&after))?;
    Ok(Some(Ok(after)))
}
