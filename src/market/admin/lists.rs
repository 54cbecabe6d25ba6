//! `/admin/roles` and `/admin/technologies`: lists with search.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::entries::{Entry, KIND, Kind, entries};
use crate::admin::Frame;
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::money::Grouped;
use crate::web::{Meta, Site, assets, html, page, query_escaped};

/// Entries of a page.
const LISTED: usize = 100;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    // Creating is `names`', at the same address.
    config.service(
        web::resource(format!("/{KIND}"))
            .route(page().to(list))
            .route(web::post().to(super::names::create)),
    );
}

#[derive(Template)]
#[template(path = "market/names.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    kind: Kind,
    query: &'a str,
    entries: Vec<Entry>,
    /// How many there are, and how many of them fit.
    all: Grouped,
    found: Grouped,
    number: Grouped,
    last: Grouped,
    /// Addresses of the pages before and after this one.
    previous: Option<String>,
    next: Option<String>,
}

/// What is searched for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    page: String,
}

/// `GET /admin/roles?q=&page=`
async fn list(
    editor: Editor,
    request: HttpRequest,
    kind: web::Path<Kind>,
    asked: web::Query<Asked>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let kind = *kind;
    let query: String = asked.q.trim().chars().take(100).collect();
    let words: Vec<String> = query
        .to_lowercase()
        .split_whitespace()
        .map(ToOwned::to_owned)
        .collect();
    let all = db
        .read_newest(move |conn| Ok::<_, AppError>(entries(conn, kind)?))
        .await?;
    let count = all.len();
    let fitting: Vec<Entry> = all.into_iter().filter(|entry| entry.fits(&words)).collect();
    let found = fitting.len();
    let last = found.div_ceil(LISTED).max(1);
    let number = asked.page.parse().unwrap_or(1).clamp(1, last);
    let entries = fitting.into_iter().skip((number - 1) * LISTED).take(LISTED);
    let escaped = query_escaped(&query);
    let page_address = |number: usize| format!("{}?q={escaped}&page={number}", kind.path());
    html(&List {
        site: &site,
        meta: Meta::new(kind.section().label(), "", kind.path()).hidden(),
        frame: Frame::of(&editor, &request, kind.section()),
        kind,
        query: &query,
        entries: entries.collect(),
        all: grouped(count),
        found: grouped(found),
        number: grouped(number),
        last: grouped(last),
        previous: (number > 1).then(|| page_address(number - 1)),
        next: (number < last).then(|| page_address(number + 1)),
    })
}

fn grouped(number: usize) -> Grouped {
    Grouped(i64::try_from(number).unwrap_or(i64::MAX))
}
