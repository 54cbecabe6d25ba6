//! `/admin/offers/removed`: offers that were removed in the last thirty days, and putting them back.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::conclude;
use super::offers::{Names, address};
use crate::admin::{Frame, Section};
use crate::db::Db;
use crate::editors::Editor;
use crate::editors::log::Thing;
use crate::error::AppError;
use crate::ids::RemovedOfferId;
use crate::market::changes::{self, ChangeError, Removed};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, page};

/// Removed offers that the page lists.
const LISTED: i64 = 200;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/offers/removed").route(page().to(list)))
        .service(web::resource("/offers/removed/{id}/restoration").route(web::post().to(put_back)));
}

#[derive(Template)]
#[template(path = "market/removed_offers.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    names: Names,
    removed: Vec<Removed>,
}

/// `GET /admin/offers/removed`
async fn list(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (names, removed) = db
        .read_newest(|conn| {
            let removed = changes::recently_removed(conn, Utc::now().naive_utc(), LISTED)?;
            Ok::<_, AppError>((Names::load(conn)?, removed))
        })
        .await?;
    html(&List {
        site: &site,
        meta: Meta::new("Removed offers", "", "/admin/offers/removed").hidden(),
        frame: Frame::of(&editor, &request, Section::Offers),
        names,
        removed,
    })
}

/// `POST /admin/offers/removed/{id}/restoration`
async fn put_back(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = RemovedOfferId(*id);
    let back = db
        .write(move |conn| {
            let added = changes::put_back(conn, id)?;
            let name = super::offers::in_words(conn, added.candidate, added.number)?;
            let thing = (Thing::Offer(added.candidate), name.as_str());
            conclude(conn, &editor, "restored", thing, &added.topics)?;
            Ok::<_, ChangeError>(added)
        })
        .await?;
    let sentence = match back.number {
        Some(_) => "The offer is back.",
        None => "The candidate is back.",
    };
    Ok(see_other(
        &address(back.candidate, back.number),
        &Notice::done(sentence),
    ))
}
