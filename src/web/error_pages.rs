//! The page of an error: an apology, and a way on. The cause goes to the log, once, and never to the visitor.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, ContentType};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;

use super::{Link, Meta, Site, assets};
use crate::error::AppError;

#[derive(Template)]
#[template(path = "errors/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    status: u16,
    message: String,
    near: &'a [Link],
    /// Whether the way on leads to the admin.
    is_admin: bool,
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    status: u16,
    error: &'a str,
}

/// The layer that gives every bare error response its page, or a JSON object where data was asked for.
///
/// # Errors
/// Those of the layers below.
pub async fn pages(
    site: web::Data<Site>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error
        || response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind != "text/plain; charset=utf-8")
    {
        return Ok(response);
    }
    let error = response.response().error();
    if status.is_server_error() {
        let request = response.request();
        let cause = error.map_or_else(|| "no cause is known".to_owned(), ToString::to_string);
        log::error!("{} {}: {cause}", request.method(), request.path());
    }
    let app_error = error.and_then(|error| error.as_error::<AppError>());
    let message = app_error.and_then(AppError::for_visitor);
    let message = message.unwrap_or_else(|| apology(status)).to_owned();
    let near = match app_error {
        Some(AppError::NotFound { near, .. }) => near.as_slice(),
        _ => &[],
    };
    let mut page = HttpResponse::build(status);
    // What the bare response allows or demands still holds, such as the methods of a 405.
    for (name, value) in response.headers() {
        page.insert_header((name, value));
    }
    let page = if wants_json(response.request()) {
        page.insert_header(ContentType::json()).json(ErrorJson {
            status: status.as_u16(),
            error: &message,
        })
    } else {
        let show = Show {
            site: &site,
            meta: Meta::new(
                status.canonical_reason().unwrap_or("Error"),
                "",
                response.request().path(),
            )
            .hidden(),
            status: status.as_u16(),
            message,
            near,
            is_admin: is_admin(response.request().path()),
        };
        let body = show.render().unwrap_or_else(|_| apology(status).to_owned());
        page.insert_header(ContentType::html()).body(body)
    };
    Ok(response.into_response(page))
}

/// Whether a program asks, not a reader.
fn wants_json(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.starts_with("application/json"))
        || request.path().rsplit('.').next() == Some("json")
}

fn is_admin(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

fn apology(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is no page at this address.",
        StatusCode::FORBIDDEN => "This is not open to you.",
        StatusCode::GONE => "What was at this address has been taken back.",
        StatusCode::METHOD_NOT_ALLOWED => "This address cannot be used in that way.",
        StatusCode::SERVICE_UNAVAILABLE => {
            "The site has more to do than it can manage right now. Please try again in a moment."
        }
        status if status.is_client_error() => "The request could not be understood.",
        _ => "Something went wrong on our side. It has been noted; please try again in a moment.",
    }
}
