//! A form that was sent after its session had ended. What was typed is not lost: the answer is the sign-in page with the form
//! inside; and once the password was right, a page that sends the same form again.

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpResponse};
use askama::Template;
use futures_util::StreamExt;

use super::sign_in::{self, safe};
use crate::error::AppError;
use crate::web::forms::{FORM_BYTES, FieldErrors};
use crate::web::{Meta, Site, assets, html, html_with, parameters};

/// Bytes of the sign-in form at most: it may hold another form, written as hexadecimal digits.
pub(super) const LONGEST: usize = 2 * FORM_BYTES + 64 * 1024;

/// Bytes of an upload that are read and thrown away: a browser shows no answer while it is sending.
const READ_AWAY: usize = 256 << 20;

#[derive(Template)]
#[template(path = "editors/kept_upload.html")]
struct Upload<'a> {
    site: &'a Site,
    meta: Meta,
}

#[derive(Template)]
#[template(path = "editors/kept_form.html")]
struct Kept<'a> {
    site: &'a Site,
    meta: Meta,
    to: &'a str,
    fields: Vec<(String, String)>,
}

/// The answer to a form of somebody who is not signed in any more.
pub(super) async fn answer(
    request: &mut ServiceRequest,
    site: &Site,
) -> Result<HttpResponse, AppError> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
        read(request, READ_AWAY, |_| {}).await?;
        let page = Upload {
            site,
            meta: Meta::new("Your session has ended", "", "/admin/sign-in").hidden(),
        };
        return html_with(StatusCode::UNAUTHORIZED, &page);
    }
    let mut body = BytesMut::new();
    read(request, FORM_BYTES, |chunk| body.extend_from_slice(&chunk)).await?;
    let to = request.uri().path_and_query().map_or("", |to| to.as_str());
    let kept = hex::encode(&body);
    let page = sign_in::Typed {
        to: safe(to),
        kept: Some(&kept),
        ..sign_in::Typed::default()
    };
    sign_in::form(
        site,
        &page,
        FieldErrors::default(),
        StatusCode::UNAUTHORIZED,
    )
}

/// The page after the password was right, which sends the form again; `None` where the form cannot be read.
pub(super) fn send_again(
    site: &Site,
    to: &str,
    kept: &str,
) -> Result<Option<HttpResponse>, AppError> {
    let Some(body) = hex::decode(kept)
        .ok()
        .and_then(|body| String::from_utf8(body).ok())
    else {
        return Ok(None);
    };
    let page = html(&Kept {
        site,
        meta: Meta::new("Your text is kept", "", "/admin/sign-in").hidden(),
        to,
        fields: parameters(&body),
    })?;
    Ok(Some(page))
}

/// Reads what is sent, to its end.
async fn read(
    request: &mut ServiceRequest,
    limit: usize,
    mut take: impl FnMut(Bytes),
) -> Result<(), AppError> {
    let mut payload = request.take_payload();
    let mut left = limit;
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|_| AppError::Invalid("The form did not arrive whole.".to_owned()))?;
        left = left.checked_sub(chunk.len()).ok_or_else(|| {
            AppError::TooLarge(
                "Your session has ended, and what you sent is too large to be kept meanwhile. Go back in your browser: \
                 what you typed is still there. Sign in in another tab, then send it again."
                    .to_owned(),
            )
        })?;
        take(chunk);
    }
    Ok(())
}
