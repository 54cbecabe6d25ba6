//! The home page: search, roles with their medians, trending technologies, newest articles.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::articles::queries::{Teaser, newest};
use crate::db::Db;
use crate::error::AppError;
use crate::salaries::{Summary, Trend, summaries, trending};
use crate::seo::structured::Graph;
use crate::versions::{Shown, Topic};
use crate::web::cache::keep;
use crate::web::{JsonLd, Meta, Site, assets, html, kept};

/// Technologies and articles that the page shows.
const TECHNOLOGIES: i64 = 12;
const ARTICLES: i64 = 6;

/// The home page's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(kept("/", show));
}

#[derive(Template)]
#[template(path = "home/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    roles: Vec<Summary>,
    technologies: Vec<Trend>,
    articles: Vec<Teaser>,
}

/// `/`
async fn show(site: web::Data<Site>, db: web::Data<Db>) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let (mut roles, technologies, articles, shown) = db
        .read(move |conn| {
            Ok::<_, AppError>((
                summaries(conn, None, min_candidates)?,
                trending(conn, TECHNOLOGIES, min_candidates)?,
                newest(conn, ARTICLES)?,
                Shown::of(conn, [Topic::Figures, Topic::Articles])?,
            ))
        })
        .await?;
    roles.sort_by_key(|role| {
        std::cmp::Reverse(role.figures.as_ref().map_or(0, |figures| figures.offers))
    });
    let page = html(&Show {
        site: &site,
        meta: Meta::new(
            "What developers ask for, role by role",
            "Live salary figures for developers, computed from real offers: medians, histograms and trends by role, \
             technology, seniority and country, beside articles that explain the work.",
            "/",
        ),
        roles,
        technologies,
        articles,
    })?;
    Ok(keep(page, shown))
}
