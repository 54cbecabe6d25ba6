//! Share images as files.

use std::borrow::Cow;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};

use super::Card;
use crate::catalogue::Catalogues;
use crate::db::Db;
use crate::error::AppError;
use crate::web::canonical::moved_permanently;
use crate::web::{Meta, ShareImage, Site, dated, kept_by_query};

/// Where the image of pages without one of their own is.
const ADDRESS: &str = "/share.png";

/// The route of the site's own image.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(kept_by_query(ADDRESS, show));
}

/// `/share.png`
async fn show(
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let (query, tag) = split_tag(request.query_string());
    if !query.is_empty() {
        return Ok(moved_permanently(ADDRESS));
    }
    let image = file(site, |site| Some(card(site)), ADDRESS, tag).await?;
    // It changes with the program alone.
    let moment = db.read(move |conn| Ok::<_, AppError>(catalogues.of(conn)?.moment([])));
    Ok(dated::file(image, moment.await?))
}

fn card(site: &Site) -> Card<'_> {
    Card::new(
        site,
        ADDRESS,
        "What developers ask for, and how many offers they get",
        "Salaries by role and technology",
    )
}

/// The image of a page: its own, or else the site's.
#[must_use]
pub fn image_of<'a>(meta: &'a Meta, site: &Site) -> Cow<'a, ShareImage> {
    match &meta.image {
        Some(image) => Cow::Borrowed(image),
        None => Cow::Owned(card(site).image(ADDRESS)),
    }
}

/// A query string without the tag at its end, and the tag.
#[must_use]
pub fn split_tag(query: &str) -> (&str, Option<&str>) {
    let (rest, last) = query.rsplit_once('&').unwrap_or(("", query));
    match last.strip_prefix("v=") {
        Some(tag) => (rest, Some(tag)),
        None => (query, None),
    }
}

/// Answers with the image of what is shown, at an address without a tag or with its own; from another one it leads to the
/// address without. Drawing takes a thread of its own.
///
/// # Errors
/// [`AppError::NotFound`] where what is shown has no image; [`AppError::Failed`] where it cannot be drawn.
pub async fn file<T: Send + 'static>(
    shown: T,
    card: fn(&T) -> Option<Card<'_>>,
    address: &str,
    tag: Option<&str>,
) -> Result<HttpResponse, AppError> {
    let nothing = || AppError::not_found("There is no picture: no figures are published.");
    let wanted = card(&shown).ok_or_else(nothing)?.tag();
    if tag.is_some_and(|tag| tag != wanted) {
        return Ok(moved_permanently(address));
    }
    let drawn = web::block(move || card(&shown).ok_or_else(nothing)?.png()).await;
    let png = drawn.map_err(|error| AppError::Failed(format!("a share image: {error}")))??;
    let mut file = HttpResponse::Ok();
    file.insert_header((CONTENT_TYPE, "image/png"));
    if tag.is_some() {
        file.insert_header((CACHE_CONTROL, "max-age=31536000, immutable"));
    }
    Ok(file.body(png))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stands_at_the_end() {
        assert_eq!(split_tag("v=1"), ("", Some("1")));
        assert_eq!(split_tag("year=2024&v=1"), ("year=2024", Some("1")));
        assert_eq!(split_tag("v=1&year=2024"), ("v=1&year=2024", None));
        assert_eq!(split_tag("year=2024"), ("year=2024", None));
        assert_eq!(split_tag(""), ("", None));
    }
}
