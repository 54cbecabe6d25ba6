//! One image: `/admin/images/{id}`, what it shows, where it is used, the bin, and the way out of it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{SubsecRound as _, TimeDelta, Utc};
use serde::Deserialize;

use crate::admin::{Frame, Section};
use crate::db::{Conn, Db, DbError};
use crate::editors::log::{self, Thing};
use crate::editors::{Editor, accounts};
use crate::error::AppError;
use crate::ids::ImageId;
use crate::images::queries::{self, Use};
use crate::images::uploads::{LONGEST_ALT, checked_alt};
use crate::images::{Image, Media};
use crate::versions::{self, Topic};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page};

/// Days that a removed image can be put back.
pub(super) const BIN_DAYS: i64 = 30;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/images/{id}")
                .route(page().to(show))
                .route(web::post().to(describe)),
        )
        .service(web::resource("/images/{id}/removal").route(web::post().to(remove)))
        .service(web::resource("/images/{id}/restoration").route(web::post().to(restore)));
}

/// What the form holds.
#[derive(Debug, Deserialize)]
struct Typed {
    #[serde(default)]
    alt: String,
}

/// A version of the image, and its address.
struct Version {
    address: String,
    width: u32,
    height: u32,
}

#[derive(Template)]
#[template(path = "images/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    image: &'a Image,
    versions: Vec<Version>,
    uploaded_by: Option<String>,
    uses: Vec<Use>,
    alt: &'a str,
    longest_alt: usize,
    errors: FieldErrors,
}

/// What the page shows.
struct Loaded {
    image: Image,
    uploaded_by: Option<String>,
    uses: Vec<Use>,
}

fn load(conn: &mut Conn, id: ImageId) -> Result<Loaded, AppError> {
    let image = find(conn, id)?;
    let uploaded_by = image
        .editor_id
        .map(|editor| accounts::by_id(conn, editor).map(|editor| editor.name));
    Ok(Loaded {
        uploaded_by: uploaded_by.transpose()?,
        uses: queries::uses(conn, &image)?,
        image,
    })
}

fn find(conn: &mut Conn, id: ImageId) -> Result<Image, AppError> {
    let image = queries::by_id(conn, id)?;
    image.ok_or_else(|| AppError::not_found("There is no such image."))
}

/// `GET /admin/images/{id}`
async fn show(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = ImageId(*id);
    let loaded = db.read_newest(move |conn| load(conn, id)).await?;
    let alt = loaded.image.alt.clone();
    let errors = FieldErrors::default();
    form((&editor, &request, &site), loaded, &alt, errors)
}

fn form(
    (editor, request, site): (&Editor, &HttpRequest, &Site),
    loaded: Loaded,
    alt: &str,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let image = &loaded.image;
    let original = image.original();
    let narrower = original.narrower().map(|width| Version {
        address: original.file_at(width).address(),
        height: original.height_at(width),
        width,
    });
    let whole = Version {
        address: original.file().address(),
        width: original.width,
        height: original.height,
    };
    let show = Show {
        site,
        meta: Meta::new(&image.alt, "", "/admin/images/one").hidden(),
        frame: Frame::of(editor, request, Section::Images),
        versions: narrower.chain([whole]).collect(),
        uploaded_by: loaded.uploaded_by,
        uses: loaded.uses,
        image,
        alt,
        longest_alt: LONGEST_ALT,
        errors,
    };
    html_with(show.errors.status(), &show)
}

/// `POST /admin/images/{id}`
async fn describe(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = ImageId(*id);
    match change_alt(&editor, id, &typed.alt, &db).await {
        Ok(()) => Ok(see_other(
            &format!("/admin/images/{}", id.0),
            &Notice::done("The alternative text is saved. Articles keep what they say themselves."),
        )),
        Err(error) => {
            let errors = error.into_errors()?;
            let loaded = db.read_newest(move |conn| load(conn, id)).await?;
            form((&editor, &request, &site), loaded, &typed.alt, errors)
        }
    }
}

async fn change_alt(editor: &Editor, id: ImageId, typed: &str, db: &Db) -> Result<(), FormError> {
    let mut errors = FieldErrors::default();
    let alt = checked_alt(&mut errors, typed);
    errors.check()?;
    let editor = editor.id;
    db.write(move |conn| {
        find(conn, id)?;
        queries::describe(conn, id, &alt)?;
        log::note(conn, Some(editor), "changed", Thing::Image(id.0), &alt)?;
        // Covers show it.
        versions::bump(conn, &[Topic::Articles])?;
        Ok::<_, AppError>(())
    })
    .await?;
    Ok(())
}

/// `POST /admin/images/{id}/removal`
async fn remove(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    media: web::Data<Media>,
) -> Result<HttpResponse, AppError> {
    let id = ImageId(*id);
    let (image, uses) = db
        .write(move |conn| {
            let image = find(conn, id)?;
            let uses = queries::uses(conn, &image)?;
            if uses.is_empty() && image.removed_at.is_none() {
                queries::set_removed(conn, id, Some(Utc::now().naive_utc().trunc_subsecs(0)))?;
                log::note(
                    conn,
                    Some(editor.id),
                    "removed",
                    Thing::Image(id.0),
                    &image.alt,
                )?;
            }
            Ok::<_, AppError>((image, uses))
        })
        .await?;
    if !uses.is_empty() {
        let titles: Vec<String> = uses
            .iter()
            .map(|used| format!("\u{201c}{}\u{201d}", used.title))
            .collect();
        let notice = Notice::problem(format!(
            "The image is not removed: it is used in {}. Take it out there first.",
            titles.join(", ")
        ));
        return Ok(see_other(&format!("/admin/images/{}", id.0), &notice));
    }
    empty_bin(&db, &media);
    let notice = Notice::done(format!(
        "\u{201c}{}\u{201d} is removed, and its address shows nothing any more. It can be put back for {BIN_DAYS} days.",
        image.alt
    ));
    let undo = format!("/admin/images/{}/restoration", id.0);
    Ok(see_other(
        "/admin/images",
        &notice.with_undo("Put it back", undo),
    ))
}

/// `POST /admin/images/{id}/restoration`
async fn restore(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = ImageId(*id);
    db.write(move |conn| {
        let image = find(conn, id)?;
        queries::set_removed(conn, id, None)?;
        log::note(
            conn,
            Some(editor.id),
            "restored",
            Thing::Image(id.0),
            &image.alt,
        )?;
        Ok::<_, AppError>(())
    })
    .await?;
    Ok(see_other(
        &format!("/admin/images/{}", id.0),
        &Notice::done("The image is back in the library."),
    ))
}

/// Deletes, by and by, what has been in the bin for too long. Nobody waits for it.
pub(super) fn empty_bin(db: &web::Data<Db>, media: &web::Data<Media>) {
    let (db, media) = (db.clone(), media.clone());
    actix_web::rt::spawn(async move {
        let before = Utc::now().naive_utc().trunc_subsecs(0) - TimeDelta::days(BIN_DAYS);
        if let Err(error) = delete_removed(&db, &media, before).await {
            ::log::warn!("images stay in the bin for now: {error}");
        }
    });
}

async fn delete_removed(
    db: &Db,
    media: &Media,
    before: chrono::NaiveDateTime,
) -> Result<(), AppError> {
    let removed = db
        .read_newest(move |conn| Ok::<_, DbError>(queries::removed_before(conn, before)?))
        .await?;
    for image in removed {
        media.discard(&image.original()).await?;
        db.write(move |conn| Ok::<_, DbError>(queries::forget(conn, image.id, before)?))
            .await?;
    }
    Ok(())
}
