//! The library, and its bin: `/admin/images`, `/admin/images/bin`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::images::{Image, queries};
use crate::web::{Meta, Site, assets, html, page, query_escaped};

/// Images of a page.
const PAGE: usize = 48;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/images")
            .route(page().to(list))
            .route(web::post().to(super::upload::take)),
    );
    config.service(web::resource("/images/bin").route(page().to(bin)));
}

/// What narrows the list.
#[derive(Debug, Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
}

impl Search {
    /// The address of a page of the list.
    fn address(&self, number: usize) -> String {
        let q = self.q.trim();
        match (q, number) {
            ("", 1) => "/admin/images".to_owned(),
            ("", number) => format!("/admin/images?page={number}"),
            (q, 1) => format!("/admin/images?q={}", query_escaped(q)),
            (q, number) => format!("/admin/images?q={}&page={number}", query_escaped(q)),
        }
    }
}

#[derive(Template)]
#[template(path = "images/library.html")]
struct Library<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    images: Vec<Image>,
    found: usize,
    query: &'a str,
    number: usize,
    last: usize,
    previous: Option<String>,
    next: Option<String>,
}

/// `GET /admin/images`
async fn list(
    editor: Editor,
    request: HttpRequest,
    search: web::Query<Search>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let wanted: usize = search.page.parse().unwrap_or(1);
    let query = search.q.trim().to_owned();
    let (found, number, images) = db
        .read_newest(move |conn| {
            let (found, _) = queries::found(conn, &query, 0, 0)?;
            let number = wanted.clamp(1, last_page(found));
            let (found, images) = queries::found(conn, &query, (number - 1) * PAGE, PAGE)?;
            Ok::<_, DbError>((found, number, images))
        })
        .await?;
    let last = last_page(found);
    html(&Library {
        site: &site,
        meta: Meta::new("Images", "", "/admin/images").hidden(),
        frame: Frame::of(&editor, &request, Section::Images),
        images,
        found,
        query: search.q.trim(),
        number,
        last,
        previous: (number > 1).then(|| search.address(number - 1)),
        next: (number < last).then(|| search.address(number + 1)),
    })
}

fn last_page(found: usize) -> usize {
    found.div_ceil(PAGE).max(1)
}

#[derive(Template)]
#[template(path = "images/bin.html")]
struct Bin<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    images: Vec<Image>,
    days: i64,
}

/// `GET /admin/images/bin`
async fn bin(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let images = db
        .read_newest(|conn| Ok::<_, DbError>(queries::removed(conn)?))
        .await?;
    html(&Bin {
        site: &site,
        meta: Meta::new("Removed images", "", "/admin/images/bin").hidden(),
        frame: Frame::of(&editor, &request, Section::Images),
        images,
        days: super::one::BIN_DAYS,
    })
}
