//! What search engines read first: `/robots.txt` and `/sitemap.xml`.

pub mod structured;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::articles::queries as articles;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::salaries::published_addresses;
use crate::versions::{Shown, Topic};
use crate::web::cache::keep;
use crate::web::{Site, kept};

/// The routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(kept("/robots.txt", robots))
        .service(kept("/sitemap.xml", sitemap));
}

async fn robots(site: web::Data<Site>) -> HttpResponse {
    let robots = HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(format!(
            "User-agent: *\nDisallow: /search\nDisallow: /compare?\nDisallow: /admin\n\nSitemap: {}/sitemap.xml\n",
            site.url
        ));
    keep(robots, Shown::nothing())
}

#[derive(Template)]
#[template(path = "seo/sitemap.xml", escape = "html")]
struct Sitemap<'a> {
    site: &'a Site,
    paths: Vec<String>,
}

/// Every page that may be listed: the fixed ones, every published selection, technology and article.
async fn sitemap(site: web::Data<Site>, db: web::Data<Db>) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let (paths, shown) = db
        .read(move |conn| {
            Ok::<_, AppError>((
                paths(conn, min_candidates)?,
                Shown::of(conn, [Topic::Figures, Topic::Articles])?,
            ))
        })
        .await?;
    let sitemap = Sitemap { site: &site, paths };
    let xml = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/xml; charset=utf-8"))
        .body(sitemap.render()?);
    Ok(keep(xml, shown))
}

fn paths(conn: &mut Conn, min_candidates: u64) -> diesel::QueryResult<Vec<String>> {
    let mut paths: Vec<String> = ["/", "/salaries", "/articles", "/methodology"]
        .map(ToOwned::to_owned)
        .to_vec();
    paths.extend(published_addresses(conn, min_candidates)?);
    let articles = articles::newest(conn, 50_000)?;
    paths.extend(
        articles
            .into_iter()
            .map(|article| format!("/articles/{}", article.slug)),
    );
    Ok(paths)
}
