//! The headers that every response carries.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, HeaderName, HeaderValue,
    PERMISSIONS_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;

/// Pages load nothing but the site's own files and run no inline script or style; nobody frames them.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a page and frames may have to do with each other, beyond what is so for all pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// It has pages of the site in frames.
    ShowsOwn,
    /// Pages of the site may have it in a frame.
    InOwn,
    /// Any page anywhere may.
    InAny,
}

/// The page with the policy for that.
#[must_use]
pub fn with_frames(mut page: HttpResponse, frames: Frames) -> HttpResponse {
    let nobody = "frame-ancestors 'none'";
    let policy = match frames {
        Frames::ShowsOwn => format!("{POLICY}; frame-src 'self'"),
        Frames::InOwn => POLICY.replace(nobody, "frame-ancestors 'self'"),
        Frames::InAny => POLICY.replace(nobody, "frame-ancestors *"),
    };
    // Without it the page has the policy for all.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    page
}

/// The headers, where a response has not its own.
#[must_use]
pub fn defaults(is_https: bool) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            REFERRER_POLICY,
            HeaderValue::from_static("strict-origin-when-cross-origin"),
        ),
        (
            CROSS_ORIGIN_OPENER_POLICY,
            HeaderValue::from_static("same-origin"),
        ),
        (
            PERMISSIONS_POLICY,
            HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
        ),
    ];
    if is_https {
        headers.push((
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        ));
    }
    headers
}

/// The layer that adds them.
#[must_use]
pub fn security(is_https: bool) -> DefaultHeaders {
    defaults(is_https)
        .into_iter()
        .fold(DefaultHeaders::new(), DefaultHeaders::add)
}
