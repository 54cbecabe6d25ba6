//! The images' files, for everybody: `/images/{file}`. Nothing of a session is looked at, and browsers keep them for a year.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};

use super::media::Media;
use super::names::FileName;
use super::queries;
use crate::db::Db;
use crate::error::AppError;
use crate::web::conditions::{self, Outcome};
use crate::web::{dated, page};

/// The images' routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/images/{file}").route(page().to(show)));
}

/// What is at an address never changes: it names the content.
pub(super) const FOR_A_YEAR: &str = "max-age=31536000, immutable";

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
    let standing = db.ask(move |conn| queries::standing(conn, &key)).await?;
    if standing.is_some_and(|(_, is_removed)| is_removed) {
        return Err(nothing());
    }
    let uploaded_at = standing.map(|(at, _)| at);
    let tag = format!("\"{name}\"");
    let answer = |status, body: Bytes| {
        let answer = HttpResponse::build(status)
            .insert_header((CACHE_CONTROL, FOR_A_YEAR))
            .insert_header((ETAG, tag.as_str()))
            .body(body);
        dated::last_modified(answer, uploaded_at)
    };
    let changed_at = uploaded_at.map(dated::system_time);
    let condition = conditions::judge(request.headers(), |named| named == tag, changed_at);
    if condition != Outcome::Send && media.has(name.clone()).await? {
        let status = match condition {
            Outcome::Failed => StatusCode::PRECONDITION_FAILED,
            _ => StatusCode::NOT_MODIFIED,
        };
        return Ok(answer(status, Bytes::new()));
    }
    let content_type = HeaderValue::from_static(name.format().content_type());
    let bytes = media.file(name).await?.ok_or_else(nothing)?;
    let mut image = answer(StatusCode::OK, bytes);
    image.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(image)
}
