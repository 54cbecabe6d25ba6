//! What search engines read: which pages there are and when they changed.

pub mod changes;
pub mod feeds;
pub mod indexnow;
mod listed;
mod robots;
mod sitemap;
pub mod structured;

use actix_web::web;

pub use listed::paths;

use crate::web::{kept, page};

/// The routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(kept("/robots.txt", robots::show))
        .service(kept(feeds::ALL, feeds::all))
        .service(kept("/feeds/roles/{role}.xml", feeds::role))
        .service(kept(
            "/feeds/technologies/{technology}.xml",
            feeds::technology,
        ))
        .service(kept("/sitemap.xml", sitemap::index))
        .service(kept("/sitemap-{part}.xml", sitemap::part))
        .service(web::resource("/{key}.txt").route(page().to(indexnow::proof)));
}
