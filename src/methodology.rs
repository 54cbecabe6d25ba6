//! The method page: how every figure is made.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::seo::structured::Graph;
use crate::versions::Moment;
use crate::web::{JsonLd, Link, Meta, Site, assets, dated, kept};

/// The method page's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(kept("/methodology", show));
}

#[derive(Template)]
#[template(path = "methodology/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
}

/// `/methodology`
async fn show(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let moment = db.read(move |conn| Ok::<_, AppError>(catalogues.of(conn)?.moment([])));
    page(&site, moment.await?)
}

/// The page, made at once.
///
/// # Errors
/// As for visitors.
pub fn made(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
) -> Result<HttpResponse, AppError> {
    page(site, catalogues.of(conn)?.moment([]))
}

fn page(site: &Site, moment: Moment) -> Result<HttpResponse, AppError> {
    let mut show = Show {
        site,
        meta: Meta::new(
            "How the figures are made",
            "Which offers are counted, what the median salary expectation is, how bands, percentiles and proposals are \
             computed, and when nothing is published.",
            "/methodology",
        ),
        crumbs: vec![Link::new("How the figures are made", "/methodology")],
    };
    dated::page(&mut show, |show| &mut show.meta, moment)
}
