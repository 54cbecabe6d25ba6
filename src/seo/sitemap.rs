//! The sitemap: an index at `/sitemap.xml`, and its parts at `/sitemap-1.xml` and so on (<https://www.sitemaps.org>).

use std::collections::HashMap;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;

use super::listed;
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::versions::{self, Moment, Topic};
use crate::web::{Site, dated};

/// Addresses in one part: fewer than the 50,000 that are allowed, so that it stays well below 50 MB too.
const IN_A_PART: usize = 25_000;

/// An address with the time at which what is there last changed, where that is recorded.
struct Entry {
    path: String,
    changed_at: Option<NaiveDateTime>,
}

impl Entry {
    /// The time, as sitemaps write it.
    fn lastmod(&self) -> Option<String> {
        let at = self.changed_at?;
        Some(at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

#[derive(Template)]
#[template(path = "seo/sitemap_index.xml", escape = "html")]
struct Index<'a> {
    site: &'a Site,
    parts: Vec<Entry>,
}

/// `/sitemap.xml`
pub(super) async fn index(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let found = db.read(move |conn| entries(conn, &catalogues, min_candidates));
    let (entries, moment) = found.await?;
    let parts = (1..).zip(entries.chunks(IN_A_PART));
    let parts = parts.map(|(number, entries): (usize, _)| Entry {
        path: format!("/sitemap-{number}.xml"),
        changed_at: entries.iter().filter_map(|entry| entry.changed_at).max(),
    });
    let index = Index {
        site: &site,
        parts: parts.collect(),
    };
    xml(&index, moment)
}

#[derive(Template)]
#[template(path = "seo/sitemap.xml", escape = "html")]
struct Part<'a> {
    site: &'a Site,
    pages: &'a [Entry],
}

/// `/sitemap-{part}.xml`
pub(super) async fn part(
    number: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let found = db.read(move |conn| entries(conn, &catalogues, min_candidates));
    let (entries, moment) = found.await?;
    let mut parts = (1..).zip(entries.chunks(IN_A_PART));
    let part = parts.find(|(known, _): &(usize, _)| known.to_string() == *number);
    let (_, pages) = part.ok_or_else(|| AppError::not_found("The sitemap has no such part."))?;
    let part = Part { site: &site, pages };
    xml(&part, moment)
}

fn entries(
    conn: &mut Conn,
    catalogues: &Catalogues,
    min_candidates: u64,
) -> Result<(Vec<Entry>, Moment), AppError> {
    let recorded = versions::all_records(conn)?.into_iter();
    let mut recorded: HashMap<String, NaiveDateTime> =
        recorded.map(|page| (page.path, page.changed_at)).collect();
    let paths = listed::paths(conn, min_candidates)?.into_iter();
    let entries = paths.map(|path| Entry {
        changed_at: recorded.remove(&path),
        path,
    });
    let topics = [Topic::Figures, Topic::Articles, Topic::Pages];
    Ok((entries.collect(), catalogues.of(conn)?.moment(topics)))
}

fn xml(sitemap: &impl Template, moment: Moment) -> Result<HttpResponse, AppError> {
    let xml = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/xml; charset=utf-8"))
        .body(sitemap.render()?);
    Ok(dated::file(xml, moment))
}
