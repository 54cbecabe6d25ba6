//! `/admin/issues`: writing an issue, and looking at it as its readers will.

mod edit;
mod list;
mod looks;
mod save;

use actix_web::web;

use crate::db::Conn;
use crate::error::AppError;
use crate::ids::IssueId;
use crate::newsletter::issues::{Issue, queries};
use crate::web::forms::{FORM_BYTES, of_bytes};
use crate::web::page;

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    let large = || of_bytes(FORM_BYTES);
    config
        .service(
            web::resource("/issues")
                .app_data(large())
                .route(page().to(list::show))
                .route(web::post().to(save::create)),
        )
        .service(web::resource("/issues/new").route(page().to(edit::new)))
        .service(
            web::resource("/issues/new/working-copy")
                .app_data(large())
                .route(web::post().to(save::keep_new)),
        )
        .service(
            web::resource("/issues/preview")
                .app_data(large())
                .route(page().to(looks::nothing))
                .route(web::post().to(looks::typed)),
        )
        .service(
            web::resource("/issues/{id}")
                .app_data(large())
                .route(page().to(edit::show))
                .route(web::post().to(save::change)),
        )
        .service(
            web::resource("/issues/{id}/working-copy")
                .app_data(large())
                .route(web::post().to(save::keep)),
        )
        .service(web::resource("/issues/{id}/preview").route(page().to(looks::saved)))
        .service(web::resource("/issues/{id}/mail.html").route(page().to(looks::mail_html)))
        .service(web::resource("/issues/{id}/mail.txt").route(page().to(looks::mail_text)))
        .service(web::resource("/issues/{id}/test").route(web::post().to(looks::test)))
        .service(web::resource("/issues/{id}/removal").route(web::post().to(save::remove)));
}

/// The issue of that key.
pub(super) fn find(conn: &mut Conn, id: IssueId) -> Result<Issue, AppError> {
    queries::find(conn, id)?
        .ok_or_else(|| AppError::not_found("There is no such issue. Perhaps it was removed."))
}
