//! What every page shares: the site's name, a page's meta data, links, assets, and the layers around all handlers.

pub mod assets;
pub mod cache;
pub mod canonical;
pub(crate) mod conditions;
pub mod dated;
pub mod elsewhere;
pub mod error_pages;
pub mod forms;
pub mod headers;
mod json_ld;
pub mod notices;
pub mod requests;
pub mod same_origin;
pub mod times;
pub mod visitors;

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header::ContentType;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, HttpResponse, Responder, Route, guard, web};
use askama::Template;
use chrono::NaiveDateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::AppError;
use crate::seo::indexnow::IndexNow;
pub use json_ld::JsonLd;
use visitors::Proxies;

/// What the whole site knows of itself.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Base of all absolute links, without a slash at its end.
    pub url: String,
    /// Fewest candidates of whom figures are published.
    pub min_candidates: u64,
    /// Most open pages that are told of changes at a time; none where it is 0.
    pub live_readers: usize,
    /// Proxies whose word is taken for where a visitor comes from.
    pub trusted_proxies: Proxies,
    /// How search engines are told of changed pages; `None` where they are not.
    pub indexnow: Option<IndexNow>,
}

impl Site {
    /// Whether visitors reach it by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }
}

/// What a page tells browsers and search engines about itself.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Title, without the site's name.
    pub title: String,
    /// Description.
    pub description: String,
    /// Path of the canonical address, without the site's.
    pub canonical: String,
    /// Whether search engines may list the page.
    pub indexed: bool,
    /// When what a visitor sees of the page last changed, UTC, where that is known.
    pub changed_at: Option<NaiveDateTime>,
    /// When it was published, UTC, where it has such a date.
    pub published_at: Option<NaiveDateTime>,
    /// The picture beside links to it; without one, the site's.
    pub image: Option<ShareImage>,
    /// Path and query of its own address, where that is not the canonical one.
    pub shared_at: Option<String>,
}

/// A picture that networks and messengers show beside a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareImage {
    /// Its address, without the site's. It changes with what is drawn.
    pub address: String,
    /// What it shows, for those who do not see it.
    pub alt: String,
}

impl ShareImage {
    /// Pixels.
    pub const WIDTH: u32 = 1200;
    /// Pixels.
    pub const HEIGHT: u32 = 630;
}

impl Meta {
    /// A page that search engines may list.
    #[must_use]
    pub fn new(
        title: impl Into<String>,
        description: impl Into<String>,
        canonical: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            canonical: canonical.into(),
            indexed: true,
            changed_at: None,
            published_at: None,
            image: None,
            shared_at: None,
        }
    }

    /// The title that browsers and search engines show: with the site's name, where there is room for it.
    #[must_use]
    pub fn full_title(&self, site_name: &str) -> String {
        if self.canonical == "/" {
            return format!("{site_name}: {}", self.title);
        }
        let full = format!("{} \u{b7} {site_name}", self.title);
        if full.chars().count() > LONGEST_TITLE {
            return self.title.clone();
        }
        full
    }

    /// What links that are handed on lead to, without the site's address.
    #[must_use]
    pub fn shared_address(&self) -> &str {
        self.shared_at.as_deref().unwrap_or(&self.canonical)
    }

    /// The same page, kept out of search engines, and without a picture.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self {
            indexed: false,
            image: None,
            ..self
        }
    }
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: String,
}

impl Link {
    /// A link that says `text` and leads to `href`.
    #[must_use]
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
        }
    }
}

/// Characters of a title that search engines show, about.
pub const LONGEST_TITLE: usize = 65;

/// Characters of a description that search engines show, about.
pub const LONGEST_DESCRIPTION: usize = 165;

/// The first of several ways to say something that has no more characters than that; where all have more, the last one.
#[must_use]
pub fn fitting(most: usize, ways: &[&dyn Fn() -> String]) -> String {
    let mut said = String::new();
    for way in ways {
        said = way();
        if said.chars().count() <= most {
            break;
        }
    }
    said
}

/// Bytes to make room for when a page is written: most pages need fewer.
const USUAL_BYTES: usize = 96 * 1024;

/// A finished page.
///
/// # Errors
/// [`AppError::Template`].
pub fn html(page: &impl Template) -> Result<HttpResponse, AppError> {
    html_with(StatusCode::OK, page)
}

/// A finished page with a status of its own, such as that of a form with problems.
///
/// # Errors
/// [`AppError::Template`].
pub fn html_with(status: StatusCode, page: &impl Template) -> Result<HttpResponse, AppError> {
    Ok(HttpResponse::build(status)
        .content_type(ContentType::html())
        .body(written(page)?))
}

fn written(page: &impl Template) -> Result<String, AppError> {
    let mut body = String::with_capacity(USUAL_BYTES);
    page.render_into(&mut body)?;
    Ok(body)
}

/// A route for readers: GET, and HEAD with the same headers.
#[must_use]
pub fn page() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Method(Method::HEAD)))
}

/// A page that may be kept, at a path: the same whatever the query string.
pub fn kept<F, Args>(path: &str, handler: F) -> impl HttpServiceFactory + 'static
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .wrap(from_fn(cache::by_path))
        .route(page().to(handler))
}

/// Pages that may be kept, at a path: one for every query string.
pub fn kept_by_query<F, Args>(path: &str, handler: F) -> impl HttpServiceFactory + 'static
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .wrap(from_fn(cache::by_query))
        .route(page().to(handler))
}

/// Percent-encodes a text for use inside a query string.
#[must_use]
pub fn query_escaped(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}

/// The parameters of a query string in their order.
#[must_use]
pub fn parameters(query: &str) -> Vec<(String, String)> {
    web::Query::<Vec<(String, String)>>::from_query(query)
        .map_or_else(|_| Vec::new(), web::Query::into_inner)
}

/// The first value of a parameter; empty where there is none.
#[must_use]
pub fn parameter(parameters: &[(String, String)], name: &str) -> String {
    let found = parameters.iter().find(|(given, _)| given == name);
    found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

/// At most five of the links, those whose text or address is most like what was asked for.
#[must_use]
pub fn nearest(wanted: &str, links: Vec<Link>) -> Vec<Link> {
    let wanted = wanted.to_lowercase().replace(['-', '_'], " ");
    let mut scored: Vec<(f64, Link)> = links
        .into_iter()
        .map(|link| {
            let text = link.text.to_lowercase();
            let slug = link
                .href
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .replace('-', " ");
            let likeness = |text: &str| {
                let shares_a_word = text
                    .split(' ')
                    .any(|word| word.len() > 2 && wanted.split(' ').any(|it| it == word));
                let bonus = if shares_a_word { 0.3 } else { 0.0 };
                strsim::jaro_winkler(&wanted, text) + bonus
            };
            (likeness(&text).max(likeness(&slug)), link)
        })
        .filter(|(score, _)| *score > 0.72)
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().take(5).map(|(_, link)| link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_matches_are_few_and_alike() {
        let roles = || {
            ["Back-End Web", "Front-End", "Data Science", "DevOps"]
                .map(|name| {
                    Link::new(
                        name,
                        format!("/salaries/{}", name.to_lowercase().replace(' ', "-")),
                    )
                })
                .to_vec()
        };
        let first = |wanted: &str| {
            nearest(wanted, roles())
                .first()
                .map(|link| link.text.clone())
        };
        assert_eq!(first("backend").as_deref(), Some("Back-End Web"));
        assert_eq!(first("frontend").as_deref(), Some("Front-End"));
        assert_eq!(first("devop").as_deref(), Some("DevOps"));
        assert_eq!(first("zzzz"), None);
    }

    #[test]
    fn query_values_are_escaped() {
        assert_eq!(query_escaped("C++ & \u{e9}"), "C%2B%2B%20%26%20%C3%A9");
    }
}
