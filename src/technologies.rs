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
use crate::seo::structured::Graph;
use crate::slug::Slug;
use crate::versions::{Shown, Topic};
use crate::web::cache::keep;
use crate::web::canonical::moved_permanently;
use crate::web::{JsonLd, Link, Meta, Site, assets, html, kept, nearest};

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
    Here(Technology, Vec<Summary>, Vec<Arc<FullArticle>>, Shown),
    Moved(Slug),
}

/// `/technologies/{technology}`
async fn show(
    path: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let found = db
        .read(move |conn| {
            let technology = find(conn, &path)?;
            if technology.slug.as_str() != path.as_str() {
                return Ok(Found::Moved(technology.slug));
            }
            let roles = summaries(conn, Some(technology.id), min_candidates)?;
            let articles = catalogues
                .of(conn)?
                .articles_of_technology(technology.id, None);
            let shown = Shown::of(conn, [Topic::Technology(technology.id), Topic::Figures])?;
            Ok::<_, AppError>(Found::Here(technology, roles, articles, shown))
        })
        .await?;
    let (technology, mut roles, articles, shown) = match found {
        Found::Moved(to) => return Ok(moved_permanently(&format!("/technologies/{to}"))),
        Found::Here(technology, roles, articles, shown) => (technology, roles, articles, shown),
    };
    roles.sort_by_key(|role| {
        std::cmp::Reverse(role.figures.as_ref().map_or(0, |figures| figures.offers))
    });
    let has_figures = roles.iter().any(|role| role.figures.is_some());
    let meta = Meta::new(
        format!("{} salaries by role", technology.name),
        format!(
            "What developers with {} ask for in each role, and how many offers they get: medians of salary expectations \
             in US dollars a month.",
            technology.name
        ),
        format!("/technologies/{}", technology.slug),
    );
    let page = html(&Show {
        site: &site,
        meta: if has_figures || !articles.is_empty() {
            meta
        } else {
            meta.hidden()
        },
        crumbs: vec![
            Link::new("Salaries", "/salaries"),
            Link::new(
                &technology.name,
                format!("/technologies/{}", technology.slug),
            ),
        ],
        articles: &articles,
        technology: &technology,
        roles: &roles,
    })?;
    Ok(keep(page, shown))
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
