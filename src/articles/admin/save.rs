//! Sending the article's form: saving, publishing, withdrawing.

use actix_web::{HttpRequest, HttpResponse, web};
use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

use super::edit::{self, Around, Form};
use crate::articles::form::Typed;
use crate::articles::publication::Wish;
use crate::articles::publish_check::{self, Draft, Finding};
use crate::articles::saving::{self, Conflict, Saved, Sent};
use crate::articles::{Manuscript, State, writing};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::{ArticleId, WorkingCopyId};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Site, parameter, parameters};

/// A form as its fields come.
pub(super) type Fields = web::Form<Vec<(String, String)>>;

/// What a form is saved with, and shown again, as a request brings it.
type Asked = (
    Editor,
    HttpRequest,
    web::Data<Site>,
    web::Data<Db>,
    web::Data<Catalogues>,
);

/// The same by name.
struct Desk {
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
}

impl From<Asked> for Desk {
    fn from((editor, request, site, db, catalogues): Asked) -> Self {
        Self {
            editor,
            request,
            site,
            db,
            catalogues,
        }
    }
}

/// `POST /admin/articles`
pub(super) async fn create(asked: Asked, fields: Fields) -> Result<HttpResponse, AppError> {
    let desk = Desk::from(asked);
    save(&desk, &sent(None, &fields)).await
}

/// `POST /admin/articles/{id}`
pub(super) async fn change(
    asked: Asked,
    path: web::Path<i64>,
    fields: Fields,
) -> Result<HttpResponse, AppError> {
    let desk = Desk::from(asked);
    save(&desk, &sent(Some(ArticleId(*path)), &fields)).await
}

/// `POST /admin/articles/{id}/publication?wish=`: with the form, whose text is saved too, or without.
pub(super) async fn publication(
    asked: Asked,
    path: web::Path<i64>,
    fields: Fields,
) -> Result<HttpResponse, AppError> {
    let desk = Desk::from(asked);
    let id = ArticleId(*path);
    if fields.iter().any(|(name, _)| name == "title") {
        return save(&desk, &sent(Some(id), &fields)).await;
    }
    let wish = wish(&desk.request);
    let (editor, site, catalogues) = (desk.editor, desk.site, desk.catalogues);
    let (before, after) = desk
        .db
        .write(move |conn| {
            let before = writing::find(conn, id)?;
            let check = checking(&site, &catalogues);
            let after = saving::publish(conn, &editor, id, wish, &check)?;
            Ok::<_, AppError>((before, after))
        })
        .await?;
    let notice = match after.ok_or_else(edit::no_such_article)? {
        Ok(after) => notice(before.as_ref(), &after),
        Err(why) => Notice::problem(why),
    };
    Ok(see_other(&format!("/admin/articles/{}", id.0), &notice))
}

/// The publish check of this site.
pub(super) fn checking(
    site: &Site,
    catalogues: &Catalogues,
) -> impl Fn(&mut Conn, &Draft<'_>) -> QueryResult<Vec<Finding>> {
    move |conn, draft| {
        let catalogue = catalogues.of(conn)?;
        publish_check::run(conn, &catalogue, site, draft)
    }
}

fn wish(request: &HttpRequest) -> Wish {
    let asked = parameters(request.query_string());
    parameter(&asked, "wish").parse().unwrap_or(Wish::Save)
}

/// A form as it was sent.
pub(super) fn sent(article: Option<ArticleId>, fields: &[(String, String)]) -> Sent {
    Sent {
        article,
        typed: Typed::of(fields),
        base: parameter(fields, "revision").parse().unwrap_or_default(),
        name: Some(
            parameter(fields, "revision_name")
                .chars()
                .take(100)
                .collect(),
        ),
        copy: parameter(fields, "working_copy")
            .parse()
            .ok()
            .map(WorkingCopyId),
    }
}

async fn save(desk: &Desk, sent: &Sent) -> Result<HttpResponse, AppError> {
    let wish = wish(&desk.request);
    match saved(desk, sent, wish).await {
        Ok(Saved::Done { before, after }) => {
            let notice = notice(before.as_deref(), &after);
            Ok(see_other(&after.admin_path(), &notice))
        }
        Ok(Saved::Missing) => Err(edit::no_such_article()),
        Ok(Saved::Conflict(conflict)) => in_conflict(desk, sent, wish, &conflict).await,
        Ok(Saved::Refused {
            errors,
            findings,
            copy,
        }) => again(desk, sent, errors, findings, copy).await,
        Err(error) => {
            let errors = FormError::from(error).into_errors()?;
            again(desk, sent, errors, Vec::new(), sent.copy).await
        }
    }
}

/// Saves it; once more where another writer came in between.
async fn saved(desk: &Desk, sent: &Sent, wish: Wish) -> Result<Saved, AppError> {
    let mut is_first = true;
    loop {
        let (editor, sent) = (desk.editor.clone(), sent.clone());
        let (site, catalogues) = (desk.site.clone(), desk.catalogues.clone());
        let saved = desk
            .db
            .write(move |conn| {
                let check = checking(&site, &catalogues);
                Ok::<_, AppError>(saving::save(conn, &editor, &sent, wish, &check)?)
            })
            .await;
        match saved {
            Err(AppError::Database(DbError::Query(
                Error::RollbackTransaction
                | Error::DatabaseError(
                    DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure,
                    _,
                ),
            ))) if is_first => is_first = false,
            saved => return saved,
        }
    }
}

/// The form with what was typed and what is wrong with it.
async fn again(
    desk: &Desk,
    sent: &Sent,
    errors: FieldErrors,
    findings: Vec<Finding>,
    copy: Option<WorkingCopyId>,
) -> Result<HttpResponse, AppError> {
    let (article, around) = around(desk, sent.article).await?;
    // The form holds that text already.
    let around = around.without(copy);
    let form = Form {
        article,
        typed: sent.typed.clone(),
        errors,
        findings,
        base: sent.base,
        copy: copy.filter(|_| sent.article.is_none()),
        name: sent.name.clone().unwrap_or_default(),
        is_unsaved: true,
        ..Form::default()
    };
    edit::page(&desk.site, &desk.request, &desk.editor, &form, &around)
}

async fn in_conflict(
    desk: &Desk,
    sent: &Sent,
    wish: Wish,
    conflict: &Conflict,
) -> Result<HttpResponse, AppError> {
    let (article, around) = around(desk, sent.article).await?;
    let article = article.ok_or_else(edit::no_such_article)?;
    let form = edit::after_conflict(article, &around, sent.typed.clone(), wish, conflict);
    let kept = form.clash.as_ref().and_then(|clash| clash.copy);
    let around = around.without(kept);
    edit::page(&desk.site, &desk.request, &desk.editor, &form, &around)
}

async fn around(
    desk: &Desk,
    article: Option<ArticleId>,
) -> Result<(Option<Manuscript>, Around), AppError> {
    let editor = desk.editor.id;
    desk.db
        .read_newest(move |conn| {
            let found = match article {
                Some(article) => writing::find(conn, article)?,
                None => None,
            };
            Ok((found, Around::load(conn, editor, article)?))
        })
        .await
}

/// What is said of what was done, and how it is taken back.
fn notice(before: Option<&Manuscript>, after: &Manuscript) -> Notice {
    if before == Some(after) {
        return Notice::done("Nothing had changed.");
    }
    let former = before.map_or(State::Draft, |before| before.publication.state);
    let undo = |label: &str, wish: Wish| {
        let address = format!("{}/publication?wish={wish}", after.admin_path());
        (label.to_owned(), address)
    };
    let state = after.publication.state;
    let (text, undo) = match state {
        State::Draft if former == State::Draft => ("Saved as a draft.".to_owned(), None),
        State::Draft => (
            "It is a draft again, and visitors do not see it.".to_owned(),
            None,
        ),
        State::Published if former == State::Published => {
            ("Saved: visitors see the change.".to_owned(), None)
        }
        State::Published => (
            "Published: visitors see it.".to_owned(),
            Some(match former {
                State::Withdrawn => undo("Withdraw it again", Wish::Withdraw),
                _ => undo("Make it a draft again", Wish::Draft),
            }),
        ),
        State::Scheduled => {
            let at = after.publication.published_at.unwrap_or(after.updated_at);
            let text = format!(
                "It will be published on {} UTC.",
                at.format("%-d %B %Y at %H:%M")
            );
            (text, Some(undo("Make it a draft again", Wish::Draft)))
        }
        State::Withdrawn if former == State::Withdrawn => ("Saved.".to_owned(), None),
        State::Withdrawn => (
            "Withdrawn: whoever comes to its address is told so.".to_owned(),
            Some(undo("Publish it again", Wish::Publish)),
        ),
    };
    let notice = Notice::done(text);
    match undo {
        Some((label, address)) if former != state => notice.with_undo(label, address),
        _ => notice,
    }
}
