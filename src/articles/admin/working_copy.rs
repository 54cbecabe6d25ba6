//! What is typed and not saved, which the editor's script sends every few seconds.

use actix_web::{HttpResponse, web};

use super::save::{Fields, sent};
use crate::articles::saving::Sent;
use crate::articles::{revisions, writing};
use crate::db::Db;
use crate::editors::Editor;
use crate::editors::unsaved::{Kept, Newer};
use crate::editors::working_copies::{self, Work};
use crate::error::AppError;
use crate::ids::ArticleId;

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
            let place = (Work::Article(sent.article), sent.copy);
            let copy = working_copies::keep(conn, id, place, &sent.typed, sent.base)?;
            let newer = match article.filter(|article| article.revision > sent.base) {
                None => None,
                Some(article) => revisions::find(conn, article.id, article.revision)?,
            };
            let newer = newer.map(|revision| Newer {
                editor: revision.line.editor,
            });
            Ok::<_, AppError>(Kept { copy, newer })
        })
        .await?;
    Ok(HttpResponse::Ok().json(kept))
}
