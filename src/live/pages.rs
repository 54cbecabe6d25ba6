//! `/live`: the stream of an open page.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{Fingerprint, Hub};
use crate::error::AppError;
use crate::web::{parameter, parameters};

/// The stream's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/live", web::get().to(show));
}

/// `/live?page=…&seen=…`
async fn show(request: HttpRequest, hub: web::Data<Hub>) -> Result<HttpResponse, AppError> {
    let asked = parameters(request.query_string());
    let page = parameter(&asked, "page");
    let reader = hub.into_inner().join(&page, seen(&request, &asked)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // nginx would gather what it passes on.
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(reader.stream()))
}

/// What the page shows: what it was told last, where the browser connects again, and else what it says.
fn seen(request: &HttpRequest, asked: &[(String, String)]) -> Option<Fingerprint> {
    let told = request.headers().get("last-event-id");
    let told = told.and_then(|id| id.to_str().ok()?.parse().ok());
    told.or_else(|| parameter(asked, "seen").parse().ok())
}
