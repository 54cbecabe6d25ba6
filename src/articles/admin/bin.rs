//! `/admin/articles/bin`: articles that were removed, until they are gone for good.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::admin::{Frame, Section};
use crate::articles::clock::BIN_DAYS;
use crate::articles::manuscripts::{self, Line};
use crate::articles::saving;
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::ArticleId;
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html};

#[derive(Template)]
#[template(path = "articles/admin/bin.html")]
struct Bin<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    lines: Vec<Line>,
    days: i64,
}

/// `GET /admin/articles/bin`
pub(super) async fn show(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let lines = db.read_newest(|conn| Ok::<_, AppError>(manuscripts::lines(conn, true)?));
    html(&Bin {
        site: &site,
        meta: Meta::new("Bin", "", "/admin/articles/bin").hidden(),
        frame: Frame::of(&editor, &request, Section::Articles),
        lines: lines.await?,
        days: BIN_DAYS,
    })
}

/// `POST /admin/articles/{id}/removal`
pub(super) async fn remove(
    editor: Editor,
    path: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = ArticleId(*path);
    let removed = db
        .write(move |conn| Ok::<_, AppError>(saving::set_removed(conn, &editor, id, true)?))
        .await?
        .ok_or_else(super::edit::no_such_article)?;
    let said = format!("\u{201c}{}\u{201d} is in the bin.", removed.content.title);
    let notice = Notice::done(said).with_undo(
        "Take it out again",
        format!("{}/restoration", removed.admin_path()),
    );
    Ok(see_other("/admin/articles", &notice))
}

/// `POST /admin/articles/{id}/restoration`
pub(super) async fn restore(
    editor: Editor,
    path: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = ArticleId(*path);
    let restored = db
        .write(move |conn| Ok::<_, AppError>(saving::set_removed(conn, &editor, id, false)?))
        .await?
        .ok_or_else(super::edit::no_such_article)?;
    let state = restored.publication.state.label().to_lowercase();
    let notice = Notice::done(format!(
        "\u{201c}{}\u{201d} is back: {state}.",
        restored.content.title
    ));
    Ok(see_other(&restored.admin_path(), &notice))
}
