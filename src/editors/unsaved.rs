//! What is typed and not saved: what an editor's script hears when it is kept, and how it is discarded and taken back.

use actix_web::{HttpResponse, web};
use chrono::Utc;
use serde::Serialize;

use super::Editor;
use super::working_copies::{self, WorkingCopy};
use crate::db::Db;
use crate::error::AppError;
use crate::ids::WorkingCopyId;
use crate::web::notices::{Notice, see_other};

/// The routes, relative to `/admin`.
pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/working-copies/{id}/removal").route(web::post().to(discard)))
        .service(
            web::resource("/working-copies/{id}/restoration").route(web::post().to(take_back)),
        );
}

/// What the script hears when text is kept.
#[derive(Debug, Serialize)]
pub struct Kept {
    /// Key of the working copy.
    pub copy: Option<WorkingCopyId>,
    /// Who saved another revision since the typing began.
    pub newer: Option<Newer>,
}

/// Another revision.
#[derive(Debug, Serialize)]
pub struct Newer {
    /// Who saved it, where that is known.
    pub editor: Option<String>,
}

/// The address that takes a discarded text back.
#[must_use]
pub fn restoration(id: WorkingCopyId) -> String {
    format!("/admin/working-copies/{}/restoration", id.0)
}

/// `POST /admin/working-copies/{id}/removal`
async fn discard(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let copy = set_discarded(&editor, WorkingCopyId(*id), &db, true).await?;
    let notice = Notice::done("Your unsaved text is discarded.")
        .with_undo("Take it back", restoration(copy.id));
    let work = copy.work;
    let back = if work.is_new() {
        work.list().to_owned()
    } else {
        work.form()
    };
    Ok(see_other(&back, &notice))
}

/// `POST /admin/working-copies/{id}/restoration`
async fn take_back(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let copy = set_discarded(&editor, WorkingCopyId(*id), &db, false).await?;
    let notice = Notice::done("Your unsaved text is back. It is still not saved.");
    Ok(see_other(&copy.address(), &notice))
}

async fn set_discarded(
    editor: &Editor,
    id: WorkingCopyId,
    db: &Db,
    is_discarded: bool,
) -> Result<WorkingCopy, AppError> {
    let editor = editor.id;
    db.write(move |conn| {
        let gone = || AppError::not_found("This unsaved text is not there any more.");
        let copy = working_copies::find(conn, editor, id)?.ok_or_else(gone)?;
        let is_another = |other: &WorkingCopy| other.id != id;
        if !is_discarded
            && !copy.work.is_new()
            && working_copies::of(conn, editor, copy.work)?
                .iter()
                .any(is_another)
        {
            return Err(AppError::Conflict(
                "You have typed something else into this since then. Save or discard that first."
                    .to_owned(),
            ));
        }
        let at = is_discarded.then(|| Utc::now().naive_utc());
        working_copies::set_discarded(conn, editor, id, at)?;
        Ok(copy)
    })
    .await
}
