//! The admin's first page: `/admin`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Frame, Section};
use crate::editors::Editor;
use crate::error::AppError;
use crate::web::{Meta, Site, assets, html, page};

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("").route(page().to(show)));
}

#[derive(Template)]
#[template(path = "admin/dashboard.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
}

/// `/admin`
async fn show(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
) -> Result<HttpResponse, AppError> {
    html(&Show {
        site: &site,
        meta: Meta::new("Dashboard", "", "/admin").hidden(),
        frame: Frame::of(&editor, &request, Section::Dashboard),
    })
}
