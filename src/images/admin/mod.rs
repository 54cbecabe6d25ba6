//! The images' part of the admin. Paths are relative to `/admin`.

mod library;
mod one;
mod upload;

use actix_web::web;

/// The images' pages.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .configure(library::routes)
        .configure(upload::routes)
        .configure(one::routes);
}
