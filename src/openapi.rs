//! The description of the site's data for other programs: `/openapi.json`.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::error::AppError;
use crate::versions::Shown;
use crate::web::cache::keep;
use crate::web::{Site, kept};

/// The route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(kept("/openapi.json", show));
}

#[derive(Template)]
#[template(path = "openapi/show.json", escape = "none")]
struct Show<'a> {
    site: &'a Site,
    /// The site's name as a JSON string.
    name: String,
}

/// `/openapi.json`
async fn show(site: web::Data<Site>) -> Result<HttpResponse, AppError> {
    let show = Show {
        name: serde_json::Value::from(site.name.as_str()).to_string(),
        site: &site,
    };
    let json = HttpResponse::Ok()
        .insert_header(ContentType::json())
        .body(show.render()?);
    Ok(keep(json, Shown::nothing()))
}
