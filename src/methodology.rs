//! The method page: how every figure is made.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::error::AppError;
use crate::seo::structured::Graph;
use crate::versions::Shown;
use crate::web::cache::keep;
use crate::web::{JsonLd, Link, Meta, Site, assets, html, kept};

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
async fn show(site: web::Data<Site>) -> Result<HttpResponse, AppError> {
    let page = html(&Show {
        site: &site,
        meta: Meta::new(
            "How the figures are made",
            "Which offers are counted, what the median salary expectation is, how bands, percentiles and proposals are \
             computed, and when nothing is published.",
            "/methodology",
        ),
        crumbs: vec![Link::new("How the figures are made", "/methodology")],
    })?;
    Ok(keep(page, Shown::nothing()))
}
