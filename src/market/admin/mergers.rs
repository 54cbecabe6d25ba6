//! Merging a role or technology into another: `/admin/roles/{id}/merger`, which says first what will happen.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::entries::{Entry, KIND, Kind, entry};
use super::{conclude, counted, write_apart};
use crate::admin::Frame;
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::{RoleId, TechnologyId};
use crate::market::changes::{self, ChangeError};
use crate::market::queries;
use crate::money::Grouped;
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, page};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource(format!("/{KIND}/{{id}}/merger"))
            .route(page().to(ask))
            .route(web::post().to(merge)),
    );
}

/// What it is to be merged into.
#[derive(Deserialize)]
struct Target {
    into: i64,
}

#[derive(Template)]
#[template(path = "market/merger.html")]
struct Ask<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    kind: Kind,
    from: Entry,
    into: Entry,
    /// How many move: `1,234 candidates`.
    candidates: String,
    /// Persons who are candidates of both roles, where there are any.
    twins: Option<Grouped>,
    /// How many move: `1 article`.
    articles: String,
    /// Whether it takes a while.
    is_large: bool,
}

/// `GET /admin/roles/{id}/merger?into=`
async fn ask(
    editor: Editor,
    request: HttpRequest,
    path: web::Path<(Kind, i64)>,
    target: web::Query<Target>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let ((kind, id), Target { into }) = (path.into_inner(), target.into_inner());
    let found = db.read_newest(move |conn| {
        if id == into {
            return Err(ChangeError::Same);
        }
        let (from, target) = (entry(conn, kind, id)?, entry(conn, kind, into)?);
        let (candidates, twins) = match kind {
            Kind::Roles => (
                queries::candidates_of_role(conn, RoleId(id))?,
                changes::twins_of_roles(conn, RoleId(id), RoleId(into))?,
            ),
            Kind::Technologies => (queries::candidates_who_know(conn, TechnologyId(id))?, 0),
        };
        Ok((from, target, candidates, twins))
    });
    let (from, into, candidates, twins) = found.await?;
    let twins = i64::try_from(twins).unwrap_or(i64::MAX);
    html(&Ask {
        site: &site,
        meta: Meta::new(
            format!("Merge {} into {}", from.name, into.name),
            "",
            format!("{}/merger", kind.path()),
        )
        .hidden(),
        frame: Frame::of(&editor, &request, kind.section()),
        kind,
        articles: counted(from.counts.articles.0, "article"),
        from,
        into,
        candidates: counted(candidates, "candidate"),
        twins: (twins > 0).then_some(Grouped(twins)),
        is_large: candidates > 50_000,
    })
}

/// `POST /admin/roles/{id}/merger`
async fn merge(
    editor: Editor,
    path: web::Path<(Kind, i64)>,
    target: web::Form<Target>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let ((kind, id), Target { into }) = (path.into_inner(), target.into_inner());
    let merged = write_apart(&db, move |conn| {
        let (from, target) = (entry(conn, kind, id)?, entry(conn, kind, into)?);
        let topics = match kind {
            Kind::Roles => changes::merge_roles(conn, RoleId(id), RoleId(into))?,
            Kind::Technologies => {
                changes::merge_technologies(conn, TechnologyId(id), TechnologyId(into))?
            }
        };
        let names = format!("{} into {}", from.name, target.name);
        conclude(conn, &editor, "merged", (kind.thing(into), &names), &topics)?;
        Ok((from.name, target.name))
    });
    let (from, target) = merged.await?;
    Ok(see_other(
        &kind.path_of(into),
        &Notice::done(format!(
            "\u{201c}{from}\u{201d} is merged into \u{201c}{target}\u{201d}, and its addresses lead here."
        )),
    ))
}
