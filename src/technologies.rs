//! A technology across roles: `/technologies/{technology}`.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::articles::FullArticle;
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::market::Technology;
use crate::market::queries::{technologies, technology_by_any_slug};
use crate::salaries::{Summary, summaries};
use crate::seo::feeds;
use crate::seo::structured::Graph;
use crate::slug::Slug;
use crate::versions::{Moment, Topic};
use crate::web::canonical::moved_permanently;
use crate::web::{
    JsonLd, LONGEST_DESCRIPTION, Link, Meta, Site, assets, dated, fitting, kept, nearest,
};

/// The technologies' routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(kept("/technologies/{technology}", show));
}

#[derive(Template)]
#[template(path = "technologies/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    technology: &'a Technology,
    roles: &'a [Summary],
    articles: &'a [Arc<FullArticle>],
}

/// What stands at an address: a technology, or the slug that it has now.
enum Found {
    Here(Box<View>),
    Moved(Slug),
}

/// What the page shows.
struct View {
    technology: Technology,
    roles: Vec<Summary>,
    articles: Vec<Arc<FullArticle>>,
    moment: Moment,
}

/// `/technologies/{technology}`
async fn show(
    path: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let found = db.read(move |conn| load(conn, &catalogues, &path, min_candidates));
    respond(&site, found.await?)
}

/// The page of a technology, made at once.
///
/// # Errors
/// As for visitors.
pub fn made(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
    slug: &str,
) -> Result<HttpResponse, AppError> {
    respond(site, load(conn, catalogues, slug, site.min_candidates)?)
}

fn load(
    conn: &mut Conn,
    catalogues: &Catalogues,
    slug: &str,
    min_candidates: u64,
) -> Result<Found, AppError> {
    let technology = find(conn, slug)?;
    if technology.slug.as_str() != slug {
        return Ok(Found::Moved(technology.slug));
    }
    let mut roles = summaries(conn, Some(technology.id), min_candidates)?;
    roles.sort_by_key(|role| {
        std::cmp::Reverse(role.figures.as_ref().map_or(0, |figures| figures.offers))
    });
    let catalogue = catalogues.of(conn)?;
    Ok(Found::Here(Box::new(View {
        roles,
        articles: catalogue.articles_of_technology(technology.id, None),
        moment: catalogue.moment([Topic::Technology(technology.id), Topic::Figures]),
        technology,
    })))
}

fn respond(site: &Site, found: Found) -> Result<HttpResponse, AppError> {
    let view = match found {
        Found::Moved(to) => return Ok(moved_permanently(&format!("/technologies/{to}"))),
        Found::Here(view) => *view,
    };
    let technology = &view.technology;
    let has_figures = view.roles.iter().any(|role| role.figures.is_some());
    let address = format!("/technologies/{}", technology.slug);
    let meta = Meta::new(
        format!("{} salaries by role", technology.name),
        description(technology),
        &address,
    );
    let mut show = Show {
        site,
        meta: if has_figures || !view.articles.is_empty() {
            meta
        } else {
            meta.hidden()
        },
        crumbs: vec![
            Link::new("Salaries", "/salaries"),
            Link::new(&technology.name, address),
        ],
        articles: &view.articles,
        technology,
        roles: &view.roles,
    };
    dated::page(&mut show, |show| &mut show.meta, view.moment)
}

fn description(technology: &Technology) -> String {
    let said = |what: &str| {
        format!(
            "What developers with {} ask for in each role, and how many offers they get: {what} in US dollars a month.",
            technology.name
        )
    };
    fitting(
        LONGEST_DESCRIPTION,
        &[&|| said("medians of salary expectations"), &|| {
            said("medians")
        }],
    )
}

fn find(conn: &mut Conn, slug: &str) -> Result<Technology, AppError> {
    let found = match slug.parse::<Slug>() {
        Ok(slug) => technology_by_any_slug(conn, &slug)?,
        Err(_) => None,
    };
    if let Some(technology) = found {
        return Ok(technology);
    }
    let links = technologies(conn)?
        .into_iter()
        .map(|known| Link::new(known.name, format!("/technologies/{}", known.slug)));
    Err(AppError::NotFound {
        what: format!("There is no technology \u{201c}{slug}\u{201d}."),
        near: nearest(slug, links.collect()),
    })
}
