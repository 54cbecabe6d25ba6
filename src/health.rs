//! For those who run the site: `/healthz` says that the process is alive, `/readyz` that the database answers.

use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::{HttpResponse, web};
use diesel::connection::SimpleConnection;

use crate::db::Db;
use crate::error::AppError;
use crate::web::page;

/// The routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/healthz").route(page().to(alive)))
        .service(web::resource("/readyz").route(page().to(ready)));
}

async fn alive() -> HttpResponse {
    well("alive\n")
}

async fn ready(db: web::Data<Db>) -> Result<HttpResponse, AppError> {
    db.ask(|conn| conn.batch_execute("SELECT 1")).await?;
    Ok(well("ready\n"))
}

fn well(word: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::plaintext())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(word)
}
