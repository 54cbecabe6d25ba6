//! The articles' pages of the admin: `/admin/articles` and below.

mod bin;
mod edit;
mod history;
mod list;
mod preview;
mod save;
mod working_copy;

use actix_web::web;

use crate::web::{forms, page};

pub use preview::routes;

/// Bytes of an article's form at most: too long a text comes back with a word beside it, in whatever script it is, which
/// forms write with up to three bytes for one.
const FORM_BYTES: usize = 20 << 20;

/// The routes, relative to `/admin`. Names come before keys.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    let large = || forms::of_bytes(FORM_BYTES);
    config
        .service(
            web::resource("/articles")
                .app_data(large())
                .route(page().to(list::show))
                .route(web::post().to(save::create)),
        )
        .service(web::resource("/articles/new").route(page().to(edit::new)))
        .service(
            web::resource("/articles/new/working-copy")
                .app_data(large())
                .route(web::post().to(working_copy::keep_new)),
        )
        .service(web::resource("/articles/bin").route(page().to(bin::show)))
        .service(web::resource("/articles/slug").route(page().to(edit::slug)))
        .service(
            web::resource("/articles/preview")
                .app_data(large())
                .route(page().to(preview::nothing))
                .route(web::post().to(preview::typed)),
        )
        .service(
            web::resource("/articles/{id}")
                .app_data(large())
                .route(page().to(edit::show))
                .route(web::post().to(save::change)),
        )
        .service(
            web::resource("/articles/{id}/publication")
                .app_data(large())
                .route(web::post().to(save::publication)),
        )
        .service(
            web::resource("/articles/{id}/working-copy")
                .app_data(large())
                .route(web::post().to(working_copy::keep)),
        )
        .service(web::resource("/articles/{id}/removal").route(web::post().to(bin::remove)))
        .service(web::resource("/articles/{id}/restoration").route(web::post().to(bin::restore)))
        .service(web::resource("/articles/{id}/preview").route(page().to(preview::saved)))
        .service(web::resource("/articles/{id}/preview-link").route(web::post().to(preview::link)))
        .service(web::resource("/articles/{id}/revisions").route(page().to(history::show)))
        .service(
            web::resource("/articles/{id}/revisions/{number}/restoration")
                .route(web::post().to(history::restore)),
        );
}
