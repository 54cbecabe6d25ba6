//! The newsletter's public pages: signing up, confirming, leaving, choosing. None sets a cookie, and what a link leads to
//! changes nothing before its button is pressed.

mod confirm;
mod issue;
mod leave;
mod preferences;
mod sign_up;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue, REFERRER_POLICY};
use actix_web::{HttpResponse, web};
use askama::Template;
use askama::filters::HtmlSafe;

use super::bounces;
pub(super) use issue::IssuePage;
pub use issue::made as made_issue;

use crate::web::{kept, page};

/// The addresses that take a POST from anywhere: mail programs send it (RFC 8058), and no page of another site gains
/// anything by it without the link.
pub const OPEN_TO_ALL: &str = "/newsletter/unsubscribe/";

/// The routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/newsletter")
                .route(page().to(sign_up::show))
                .route(web::post().to(sign_up::sign_up)),
        )
        .service(kept("/newsletter/issues/{slug}", issue::show))
        .route("/newsletter/stamp", page().to(sign_up::stamp))
        .route("/newsletter/requested", page().to(sign_up::requested))
        .route("/newsletter/bounces", web::post().to(bounces::tell))
        .service(
            web::resource("/newsletter/confirm/{token}")
                .route(page().to(confirm::show))
                .route(web::post().to(confirm::confirm)),
        )
        .service(
            web::resource("/newsletter/unsubscribe/{token}")
                .route(page().to(leave::show))
                .route(web::post().to(leave::leave)),
        )
        .service(
            web::resource("/newsletter/preferences/{token}")
                .route(page().to(preferences::show))
                .route(web::post().to(preferences::save)),
        )
        .route(
            "/newsletter/preferences/{token}/data.json",
            page().to(preferences::data),
        )
        .route(
            "/newsletter/preferences/{token}/return",
            web::post().to(preferences::come_back),
        )
        .route(
            "/newsletter/preferences/{token}/removal",
            web::post().to(preferences::remove),
        );
}

/// The box in which readers sign up, on any page. It is the same for everybody, so that the page can be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "newsletter/box.html")]
pub struct SignUpBox {
    /// Slug of the role that the page is about; empty where it is about none.
    pub role: String,
    /// Slug of the technology.
    pub technology: String,
    /// What both are called: `Back-End Web with Django`.
    pub name: String,
    /// The page's path.
    pub page: String,
}

/// Its template escapes what it writes.
impl HtmlSafe for SignUpBox {}

/// A page for one reader: nobody keeps it, and no other site hears its address.
fn private(mut page: HttpResponse) -> HttpResponse {
    let headers = page.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page
}
