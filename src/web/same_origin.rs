//! Requests that change something come from the site's own pages, or from no page at all. A form of another site is refused
//! before anything reads it; so no form needs a secret of its own.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::Site;
use crate::error::AppError;

/// Beginnings of paths that take a POST from anywhere: what stands in the rest of such a path is secret.
#[derive(Clone, Copy, Debug)]
pub struct OpenToAll(pub &'static [&'static str]);

/// The layer.
///
/// # Errors
/// Those of the layers below.
pub async fn only(
    site: web::Data<Site>,
    open: web::Data<OpenToAll>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let is_open = open.0.iter().any(|start| request.path().starts_with(start));
    if changes && !is_open && !is_own(request.headers(), &site.url) {
        let refused = AppError::Forbidden(
            "This was sent from another site, and so nothing was changed. Open the page here and try again.".to_owned(),
        );
        return Ok(request.error_response(refused));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Whether a request comes from a page of the site at that address. Browsers say so themselves; older ones name the page's
/// site; what says neither is no browser.
fn is_own(headers: &HeaderMap, site: &str) -> bool {
    let text = |value: Option<&actix_web::http::header::HeaderValue>| {
        value.map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase())
    };
    if let Some(from) = text(headers.get("sec-fetch-site")) {
        return from == "same-origin" || from == "none";
    }
    let Some(origin) = text(headers.get(ORIGIN)) else {
        return true;
    };
    let host = text(headers.get(HOST)).unwrap_or_default();
    let origin_host = origin.split_once("://").map_or("", |(_, host)| host);
    origin == site.to_ascii_lowercase() || (!host.is_empty() && origin_host == host)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_page_of_another_site_is_told_apart() {
        let own = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            is_own(&headers.collect(), "https://jobs.example")
        };
        assert!(own(&[]));
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("sec-fetch-site", "none")]));
        assert!(!own(&[("sec-fetch-site", "same-site")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
        // What the browser itself says counts more.
        assert!(!own(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://jobs.example")
        ]));
        assert!(own(&[("origin", "https://jobs.example")]));
        assert!(own(&[
            ("origin", "http://10.0.0.7:8080"),
            ("host", "10.0.0.7:8080")
        ]));
        assert!(!own(&[
            ("origin", "https://evil.example"),
            ("host", "jobs.example")
        ]));
        assert!(!own(&[("origin", "null"), ("host", "jobs.example")]));
    }
}
