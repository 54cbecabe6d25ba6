//! What is typed and not saved: kept every few seconds by the editor's script, discarded, and taken back.

use actix_web::{HttpResponse, web};
use chrono::NaiveDateTime;
use serde::Serialize;

use super::save::{Fields, sent};
use crate::articles::saving::Sent;
use crate::articles::working_copies;
use crate::articles::{revisions, writing};
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::{ArticleId, WorkingCopyId};
use crate::web::notices::{Notice, see_other};

/// What the script hears.
#[derive(Serialize)]
struct Kept {
    /// Key of the working copy.
    copy: Option<i64>,
    /// UTC.
    saved_at: NaiveDateTime,
    /// Who saved another revision since the typing began.
    newer: Option<Newer>,
}

#[derive(Serialize)]
struct Newer {
    revision: i64,
    editor: Option<String>,
}

/// `POST /admin/articles/new/working-copy`
pub(super) async fn keep_new(
    editor: Editor,
    fields: Fields,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    keep_copy(&editor, sent(None, &fields), &db).await
}

/// `POST /admin/articles/{id}/working-copy`
pub(super) async fn keep(
    editor: Editor,
    path: web::Path<i64>,
    fields: Fields,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    keep_copy(&editor, sent(Some(ArticleId(*path)), &fields), &db).await
}

async fn keep_copy(editor: &Editor, sent: Sent, db: &Db) -> Result<HttpResponse, AppError> {
    let id = editor.id;
    let kept = db
        .write(move |conn| {
            let article = match sent.article {
                None => None,
                Some(id) => {
                    Some(writing::find(conn, id)?.ok_or_else(super::edit::no_such_article)?)
                }
            };
            let saved_at = writing::now();
            let place = (sent.article, sent.copy);
            let copy = working_copies::keep(conn, id, place, &sent.typed, sent.base, saved_at)?;
            let newer = article.filter(|article| article.revision > sent.base);
            let newer = match newer {
                None => None,
                Some(article) => {
                    let revision = revisions::find(conn, article.id, article.revision)?;
                    revision.map(|revision| Newer {
                        revision: revision.line.number,
                        editor: revision.line.editor,
                    })
                }
            };
            Ok::<_, AppError>(Kept {
                copy: copy.map(|copy| copy.0),
                saved_at,
                newer,
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(kept))
}

/// `POST /admin/articles/working-copies/{id}/removal`
pub(super) async fn discard(
    editor: Editor,
    path: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = WorkingCopyId(*path);
    let article = set_discarded(&editor, id, &db, true).await?;
    let notice = Notice::done("Your unsaved text is discarded.").with_undo(
        "Take it back",
        format!("/admin/articles/working-copies/{}/restoration", id.0),
    );
    Ok(see_other(&home(article), &notice))
}

/// `POST /admin/articles/working-copies/{id}/restoration`
pub(super) async fn take_back(
    editor: Editor,
    path: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = WorkingCopyId(*path);
    let article = set_discarded(&editor, id, &db, false).await?;
    let to = match article {
        Some(article) => format!("/admin/articles/{}?copy=used", article.0),
        None => format!("/admin/articles/new?copy={}", id.0),
    };
    let notice = Notice::done("Your unsaved text is back. It is still not saved.");
    Ok(see_other(&to, &notice))
}

fn home(article: Option<ArticleId>) -> String {
    match article {
        Some(article) => format!("/admin/articles/{}", article.0),
        None => "/admin/articles".to_owned(),
    }
}

/// Answers the article that the copy is of.
async fn set_discarded(
    editor: &Editor,
    id: WorkingCopyId,
    db: &Db,
    is_discarded: bool,
) -> Result<Option<ArticleId>, AppError> {
    let editor = editor.id;
    db.write(move |conn| {
        let gone = || AppError::not_found("This unsaved text is not there any more.");
        let copy = working_copies::find(conn, editor, id)?.ok_or_else(gone)?;
        if !is_discarded
            && let Some(article) = copy.article
            && working_copies::of(conn, editor, article)?.is_some_and(|other| other.id != id)
        {
            return Err(AppError::Conflict(
                "You have typed something else into this article since then. Save or discard that first.".to_owned(),
            ));
        }
        let at = is_discarded.then(writing::now);
        working_copies::set_discarded(conn, editor, id, at)?;
        Ok(copy.article)
    })
    .await
}
