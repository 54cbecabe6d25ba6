//! The session's cookie. Scripts cannot read it, other sites' forms do not send it, and behind https it is sent nowhere else
//! and set by nobody else.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use super::sessions;
use super::tokens::Token;
use crate::web::Site;

fn name(site: &Site) -> &'static str {
    if site.is_https() {
        "__Host-payband"
    } else {
        "payband"
    }
}

/// The cookie that carries a session's token.
pub(super) fn carrying(token: &Token, site: &Site) -> Cookie<'static> {
    let seconds = sessions::LONGEST.num_seconds();
    with(token.hex(), Duration::seconds(seconds), site)
}

/// The cookie that takes it away.
pub(super) fn removed(site: &Site) -> Cookie<'static> {
    with(String::new(), Duration::ZERO, site)
}

/// The token that a request brings.
pub(super) fn token(request: &HttpRequest, site: &Site) -> Option<Token> {
    request.cookie(name(site))?.value().parse().ok()
}

fn with(value: String, age: Duration, site: &Site) -> Cookie<'static> {
    Cookie::build(name(site), value)
        .path("/")
        .max_age(age)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.is_https())
        .finish()
}
