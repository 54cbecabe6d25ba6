//! `/admin/suppressions`: addresses that get no mail.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::mail::MailAddress;
use crate::newsletter::suppressions::{self, Suppression};
use crate::newsletter::{Reason, subscribers};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page, times};

/// Addresses of a page.
const LISTED: i64 = 100;

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/suppressions")
                .route(page().to(list))
                .route(web::post().to(add)),
        )
        .service(web::resource("/suppressions/{hash}/removal").route(web::post().to(remove)));
}

/// What the form holds, and which page is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    email: String,
    page: String,
}

#[derive(Template)]
#[template(path = "newsletter/admin/suppressed.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    typed: &'a Typed,
    errors: FieldErrors,
    rows: Vec<Suppression>,
    count: i64,
    number: i64,
    last: i64,
}

/// `GET /admin/suppressions`
async fn list(
    editor: Editor,
    request: HttpRequest,
    typed: web::Query<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let frame = Frame::of(&editor, &request, Section::Subscribers);
    show(frame, &site, &db, &typed, FieldErrors::default()).await
}

async fn show(
    frame: Frame,
    site: &Site,
    db: &Db,
    typed: &Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let number = typed.page.parse().unwrap_or(1).clamp(1, 1_000_000);
    let (rows, count) = db
        .read_newest(move |conn| {
            Ok::<_, DbError>((
                suppressions::newest(conn, (number - 1) * LISTED, LISTED)?,
                suppressions::count(conn)?,
            ))
        })
        .await?;
    let status = errors.status();
    let list = List {
        site,
        meta: Meta::new("Suppression list", "", "/admin/suppressions").hidden(),
        frame,
        typed,
        errors,
        rows,
        count,
        number,
        last: ((count + LISTED - 1) / LISTED).max(1),
    };
    html_with(status, &list)
}

/// `POST /admin/suppressions`
async fn add(
    editor: Editor,
    request: HttpRequest,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    match try_add(&editor, &typed, &db).await {
        Ok(email) => {
            let notice = Notice::done(format!("{email} gets no mail any more."));
            Ok(see_other("/admin/suppressions", &notice))
        }
        Err(error) => {
            let frame = Frame::of(&editor, &request, Section::Subscribers);
            show(frame, &site, &db, &typed, error.into_errors()?).await
        }
    }
}

async fn try_add(editor: &Editor, typed: &Typed, db: &Db) -> Result<String, FormError> {
    let address = typed.email.parse::<MailAddress>().map_err(|error| {
        let mut errors = FieldErrors::default();
        errors.add("email", format!("This is none: {error}."));
        errors
    })?;
    let by = editor.name.clone();
    db.write(move |conn| {
        let now = Utc::now().naive_utc();
        subscribers::suppress(conn, &address, Reason::ByHand, &by, now)?;
        Ok(address.shown().to_owned())
    })
    .await
}

/// `POST /admin/suppressions/{hash}/removal`
async fn remove(
    _: Editor,
    hash: web::Path<String>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let removed = db
        .write(move |conn| Ok::<_, DbError>(suppressions::remove(conn, &hash)?))
        .await?;
    let notice = if removed {
        Notice::done(
            "The address may be written to again, once its owner signs up or you import it.",
        )
    } else {
        Notice::problem("The address was not on the list any more.")
    };
    Ok(see_other("/admin/suppressions", &notice))
}
