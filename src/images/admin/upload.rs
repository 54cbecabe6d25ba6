//! The upload form, and what it answers to the editor's script: `/admin/images/new`, `POST /admin/images`.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;

use crate::admin::{Frame, Section};
use crate::db::Db;
use crate::editors::Editor;
use crate::error::AppError;
use crate::images::uploads::{LONGEST_ALT, Remark, Taken, Upload};
use crate::images::{Media, markdown};
use crate::web::forms::FieldErrors;
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/images/new").route(page().to(new)));
}

#[derive(Template)]
#[template(path = "images/new.html")]
struct New<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    alt: &'a str,
    longest_alt: usize,
    errors: FieldErrors,
}

/// What a script hears of an upload that was taken.
#[derive(Serialize)]
struct Answer {
    address: String,
    markdown: String,
    width: i32,
    height: i32,
    alt: String,
    /// What else there is to say, if anything.
    remark: Option<String>,
}

/// What a script hears of one that was not.
#[derive(Serialize)]
struct Problem {
    error: String,
}

/// `GET /admin/images/new`
async fn new(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
) -> Result<HttpResponse, AppError> {
    form(&editor, &request, &site, "", FieldErrors::default())
}

/// `POST /admin/images`
pub(super) async fn take(
    editor: Editor,
    request: HttpRequest,
    sent: Multipart,
    site: web::Data<Site>,
    db: web::Data<Db>,
    media: web::Data<Media>,
) -> Result<HttpResponse, AppError> {
    let wants_json = wants_json(&request);
    let upload = match Upload::read(sent).await {
        Err(error) if wants_json => return Ok(problem(&error)),
        read => read?,
    };
    let alt = upload.alt.clone();
    match upload.take(&editor, &db, &media).await {
        Ok(taken) => {
            super::one::empty_bin(&db, &media);
            Ok(answer(&taken, wants_json))
        }
        Err(error) if wants_json => match error.into_errors() {
            Ok(errors) => Ok(problem_of(&errors)),
            Err(error) => Ok(problem(&error)),
        },
        Err(error) => form(&editor, &request, &site, &alt, error.into_errors()?),
    }
}

/// Whether the editor's script asks, and not a form.
fn wants_json(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.starts_with("application/json"))
}

fn form(
    editor: &Editor,
    request: &HttpRequest,
    site: &Site,
    alt: &str,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let new = New {
        site,
        meta: Meta::new("Upload an image", "", "/admin/images/new").hidden(),
        frame: Frame::of(editor, request, Section::Images),
        alt,
        longest_alt: LONGEST_ALT,
        errors,
    };
    html_with(new.errors.status(), &new)
}

fn answer(taken: &Taken, wants_json: bool) -> HttpResponse {
    let Taken { image, alt, remark } = taken;
    let said = said(*remark, &image.alt);
    if !wants_json {
        let notice = said.unwrap_or_else(|| "The image is in the library.".to_owned());
        let address = format!("/admin/images/{}", image.id.0);
        return see_other(&address, &Notice::done(notice));
    }
    let address = image.original().file().address();
    HttpResponse::Ok().json(Answer {
        markdown: markdown(alt, &address),
        address,
        width: image.width,
        height: image.height,
        alt: alt.clone(),
        remark: said,
    })
}

fn said(remark: Remark, alt: &str) -> Option<String> {
    match remark {
        Remark::None => None,
        Remark::FirstFrame => Some(
            "The image is in the library, but it does not move any more: only its first frame is kept."
                .to_owned(),
        ),
        Remark::Known => Some(format!(
            "This file was in the library already, and nothing was added. Its alternative text is \u{201c}{alt}\u{201d}."
        )),
        Remark::Restored => Some("This file was in the bin, and is back in the library.".to_owned()),
    }
}

/// An error as a script reads it.
fn problem(error: &AppError) -> HttpResponse {
    use actix_web::ResponseError as _;
    let status = error.status_code();
    if status.is_server_error() {
        log::error!("POST /admin/images: {error}");
    }
    let sentence = error
        .for_visitor()
        .unwrap_or("The site could not keep the image just now. Please try again in a moment.");
    told(status, sentence.to_owned())
}

fn problem_of(errors: &FieldErrors) -> HttpResponse {
    let mut sentences: Vec<&str> = errors.fields().map(|(_, sentence)| sentence).collect();
    sentences.extend(errors.of_whole());
    told(errors.status(), sentences.join(" "))
}

fn told(status: StatusCode, error: String) -> HttpResponse {
    HttpResponse::build(status).json(Problem { error })
}
