//! The description of the site's data for other programs: `/openapi.json`.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::catalogue::Catalogues;
use crate::db::Db;
use crate::error::AppError;
use crate::web::{Site, dated, kept};

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
async fn show(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let moment = db.read(move |conn| Ok::<_, AppError>(catalogues.of(conn)?.moment([])));
    let moment = moment.await?;
    let show = Show {
        name: serde_json::Value::from(site.name.as_str()).to_string(),
        site: &site,
    };
    let json = HttpResponse::Ok()
        .insert_header(ContentType::json())
        .body(show.render()?);
    Ok(dated::file(json, moment))
}
