//! The images' files, for everybody: `/images/{file}`. Nothing of a session is looked at, and browsers keep them for a year.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETag, EntityTag, Header as _, IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, web};

use super::media::Media;
use super::names::FileName;
use super::queries;
use crate::db::Db;
use crate::error::AppError;
use crate::web::page;

/// The images' routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/images/{file}").route(page().to(show)));
}

/// What is at an address never changes: it names the content.
pub(super) const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";

/// `/images/{file}`
async fn show(
    path: web::Path<String>,
    request: HttpRequest,
    db: web::Data<Db>,
    media: web::Data<Media>,
) -> Result<HttpResponse, AppError> {
    let nothing = || AppError::not_found("There is no such image.");
    let name: FileName = path.parse().map_err(|_| nothing())?;
    let key = name.key().map_err(|_| nothing())?;
    // A replica may not know the newest images yet, and so only a removed one is refused.
    if db.ask(move |conn| queries::is_removed(conn, &key)).await? {
        return Err(nothing());
    }
    let tag = EntityTag::new_strong(name.to_string());
    if knows(&request, &tag) && media.has(name.clone()).await? {
        return Ok(HttpResponse::NotModified()
            .insert_header((CACHE_CONTROL, FOR_A_YEAR))
            .insert_header(ETag(tag))
            .finish());
    }
    let content_type = name.format().content_type();
    let bytes = media.file(name).await?.ok_or_else(nothing)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, FOR_A_YEAR))
        .insert_header(ETag(tag))
        .body(bytes))
}

/// Whether the browser has the file already.
fn knows(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Ok(IfNoneMatch::Any) | Err(_) => false,
    }
}
