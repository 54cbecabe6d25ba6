//! Sending an issue's form: saving it, keeping what is typed meanwhile, removing it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;

use super::edit::{self, Around, Form};
use crate::admin::{Frame, Section};
use crate::db::{Conn, Db};
use crate::editors::log::{self, Thing};
use crate::editors::unsaved::{self, Kept, Newer};
use crate::editors::working_copies::{self, Work};
use crate::editors::{Editor, accounts};
use crate::error::AppError;
use crate::ids::{IssueId, WorkingCopyId};
use crate::newsletter::Postman;
use crate::newsletter::issues::form::Typed;
use crate::newsletter::issues::queries;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Site, parameter};

/// A form as its fields come.
type Fields = web::Form<Vec<(String, String)>>;

/// A form as it was sent.
#[derive(Clone)]
struct Sent {
    /// The issue; none for a new one.
    issue: Option<IssueId>,
    typed: Typed,
    /// The revision that the typing began with; 0 for a new issue.
    base: i64,
    /// Where a new issue's text was kept while it was typed.
    copy: Option<WorkingCopyId>,
}

impl Sent {
    fn of(issue: Option<IssueId>, fields: &[(String, String)]) -> Self {
        let copy = parameter(fields, "working_copy").parse().ok();
        Self {
            issue,
            typed: Typed::of(fields),
            base: parameter(fields, "revision").parse().unwrap_or_default(),
            copy: copy.map(WorkingCopyId),
        }
    }

    /// Keeps what was typed as the editor's working copy.
    fn keep(&self, conn: &mut Conn, editor: &Editor) -> diesel::QueryResult<Option<WorkingCopyId>> {
        let place = (Work::Issue(self.issue), self.copy);
        working_copies::keep(conn, editor.id, place, &self.typed, self.base)
    }
}

/// What became of a form.
enum Saved {
    Done(IssueId),
    /// Something is wrong, and what was typed is in that working copy.
    Refused(FieldErrors, Option<WorkingCopyId>),
}

/// `POST /admin/issues`
pub(super) async fn create(
    editor: Editor,
    request: HttpRequest,
    fields: Fields,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    save(
        &editor,
        &request,
        Sent::of(None, &fields),
        (&site, &db, &postman),
    )
    .await
}

/// `POST /admin/issues/{id}`
pub(super) async fn change(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    fields: Fields,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let sent = Sent::of(Some(IssueId(*id)), &fields);
    save(&editor, &request, sent, (&site, &db, &postman)).await
}

async fn save(
    editor: &Editor,
    request: &HttpRequest,
    sent: Sent,
    (site, db, postman): (&Site, &Db, &Postman),
) -> Result<HttpResponse, AppError> {
    let (of_form, by) = (sent.clone(), editor.clone());
    let saved = db.write(move |conn| written(conn, &by, &of_form)).await;
    let (errors, copy) = match saved {
        Ok(Saved::Done(id)) => {
            let notice = Notice::done(match sent.issue {
                None => "The draft is saved.",
                Some(_) => "The issue is saved.",
            });
            return Ok(see_other(&Work::Issue(Some(id)).form(), &notice));
        }
        Ok(Saved::Refused(errors, copy)) => (errors, copy),
        Err(error) => (FormError::from(error).into_errors()?, sent.copy),
    };
    let (issue, by) = (sent.issue, editor.id);
    let mut around = db
        .read_newest(move |conn| Around::load(conn, by, issue))
        .await?;
    // The form holds that text already.
    working_copies::take(&mut around.unsaved, |text| Some(text.id) == copy);
    let form = Form {
        typed: sent.typed,
        errors,
        base: sent.base,
        copy: copy.filter(|_| issue.is_none()),
        is_unsaved: true,
    };
    let frame = Frame::of(editor, request, Section::Issues);
    edit::page(site, frame, postman, &form, &around)
}

/// Saves a form, or keeps what was typed where something is wrong with it.
fn written(conn: &mut Conn, editor: &Editor, sent: &Sent) -> Result<Saved, AppError> {
    if let Some(id) = sent.issue {
        super::find(conn, id)?;
    }
    let content = match sent.typed.check(conn, sent.issue)? {
        Ok(content) => content,
        Err(errors) => {
            let copy = if sent.typed.is_blank() {
                sent.copy
            } else {
                sent.keep(conn, editor)?
            };
            return Ok(Saved::Refused(errors, copy));
        }
    };
    let now = Utc::now().naive_utc();
    let (id, did) = match sent.issue {
        None => (queries::create(conn, &content, editor.id, now)?, "created"),
        Some(id) if queries::save(conn, id, sent.base, &content, editor.id, now)? => (id, "saved"),
        Some(_) => {
            let errors = FieldErrors::whole(
                "Somebody else saved this issue meanwhile, or it is being sent. Open it in another window to see what it \
                 says now; what you typed is kept.",
            );
            let copy = sent.keep(conn, editor)?;
            return Ok(Saved::Refused(
                errors.with_status(StatusCode::CONFLICT),
                copy,
            ));
        }
    };
    working_copies::forget(conn, editor.id, Work::Issue(Some(id)), sent.copy)?;
    log::note(conn, Some(editor.id), did, Thing::Issue(id), &content.title)?;
    Ok(Saved::Done(id))
}

/// `POST /admin/issues/new/working-copy`
pub(super) async fn keep_new(
    editor: Editor,
    fields: Fields,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    keep_copy(editor, Sent::of(None, &fields), &db).await
}

/// `POST /admin/issues/{id}/working-copy`
pub(super) async fn keep(
    editor: Editor,
    id: web::Path<i64>,
    fields: Fields,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    keep_copy(editor, Sent::of(Some(IssueId(*id)), &fields), &db).await
}

async fn keep_copy(editor: Editor, sent: Sent, db: &Db) -> Result<HttpResponse, AppError> {
    let kept = db
        .write(move |conn| {
            let newer = match sent.issue {
                Some(id) => Some(super::find(conn, id)?).filter(|issue| issue.revision > sent.base),
                None => None,
            };
            let newer = match newer.and_then(|issue| issue.editor_id) {
                Some(other) => Some(Newer {
                    editor: Some(accounts::by_id(conn, other)?.name),
                }),
                None => None,
            };
            let copy = sent.keep(conn, &editor)?;
            Ok::<_, AppError>(Kept { copy, newer })
        })
        .await?;
    Ok(HttpResponse::Ok().json(kept))
}

/// `POST /admin/issues/{id}/removal`
pub(super) async fn remove(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = IssueId(*id);
    let (title, copy) = db
        .write(move |conn| {
            let issue = super::find(conn, id)?;
            let typed = Around::load(conn, editor.id, Some(id))?.typed(&issue);
            if !queries::remove(conn, id)? {
                return Err(AppError::Conflict(
                    "This issue has left already, so that it cannot be removed any more."
                        .to_owned(),
                ));
            }
            let did = "removed";
            log::note(conn, Some(editor.id), did, Thing::Issue(id), &issue.title)?;
            // Its text can be taken back for some days, as one that was discarded.
            let place = (Work::Issue(None), None);
            let copy = working_copies::keep(conn, editor.id, place, &typed, 0)?;
            if let Some(copy) = copy {
                let now = Utc::now().naive_utc();
                working_copies::set_discarded(conn, editor.id, copy, Some(now))?;
            }
            Ok((issue.title, copy))
        })
        .await?;
    let mut notice = Notice::done(format!("\u{201c}{title}\u{201d} is removed."));
    if let Some(copy) = copy {
        notice = notice.with_undo("Take its text back", unsaved::restoration(copy));
    }
    Ok(see_other(Work::Issue(None).list(), &notice))
}
