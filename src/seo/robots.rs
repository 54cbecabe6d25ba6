//! `/robots.txt`

use actix_web::{HttpResponse, web};

use crate::catalogue::Catalogues;
use crate::db::Db;
use crate::error::AppError;
use crate::web::{Site, dated};

/// `/robots.txt`
pub(super) async fn show(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let moment = db.read(move |conn| Ok::<_, AppError>(catalogues.of(conn)?.moment([])));
    let robots = HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(format!(
            "User-agent: *\nDisallow: /search\nDisallow: /compare?\nDisallow: /admin\n\nSitemap: {}/sitemap.xml\n",
            site.url
        ));
    Ok(dated::file(robots, moment.await?))
}
