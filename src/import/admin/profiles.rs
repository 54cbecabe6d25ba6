//! `/admin/imports/profiles`: saved mappings.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::download;
use super::job::profile_name;
use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::ImportProfileId;
use crate::import::jobs::queries::{self, SavedProfile};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page, parameter};

const LIST: &str = "/admin/imports/profiles";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/imports/profiles").route(page().to(list)))
        .service(web::resource("/imports/profiles/{id}").route(web::post().to(rename)))
        .service(web::resource("/imports/profiles/{id}/profile.toml").route(page().to(file)))
        .service(web::resource("/imports/profiles/{id}/removal").route(web::post().to(remove)))
        .service(
            web::resource("/imports/profiles/{id}/restoration").route(web::post().to(restore)),
        );
}

#[derive(Template)]
#[template(path = "import/profiles.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    errors: FieldErrors,
    profiles: Vec<SavedProfile>,
    /// The profile whose new name was refused, and that name.
    typed: Option<(ImportProfileId, String)>,
}

impl List<'_> {
    /// What stands in a profile's field.
    fn name<'s>(&'s self, saved: &'s SavedProfile) -> &'s str {
        match &self.typed {
            Some((id, typed)) if *id == saved.id => typed,
            _ => &saved.name,
        }
    }

    fn problem(&self, saved: &SavedProfile) -> Option<&str> {
        let is_it = self.typed.as_ref().is_some_and(|(id, _)| *id == saved.id);
        self.errors.of("name").filter(|_| is_it)
    }
}

/// `GET /admin/imports/profiles`
async fn list(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let frame = Frame::of(&editor, &request, Section::Imports);
    show(frame, &site, &db, FieldErrors::default(), None).await
}

async fn show(
    frame: Frame,
    site: &Site,
    db: &Db,
    errors: FieldErrors,
    typed: Option<(ImportProfileId, String)>,
) -> Result<HttpResponse, AppError> {
    let profiles = db
        .read_newest(|conn| queries::profiles(conn).map_err(DbError::from))
        .await?;
    html_with(
        errors.status(),
        &List {
            site,
            meta: Meta::new("Saved profiles", "", LIST).hidden(),
            frame,
            errors,
            profiles,
            typed,
        },
    )
}

async fn find(db: &Db, id: i64) -> Result<SavedProfile, AppError> {
    let found = db
        .read_newest(move |conn| queries::profile(conn, ImportProfileId(id)).map_err(DbError::from))
        .await?;
    found.ok_or_else(|| AppError::not_found("There is no such profile."))
}

/// `POST /admin/imports/profiles/{id}`: another name.
async fn rename(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    sent: web::Form<Vec<(String, String)>>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let saved = find(&db, *id).await?;
    let typed = parameter(&sent, "name");
    match check_and_rename(&db, saved.id, &typed).await {
        Ok(name) => Ok(see_other(
            LIST,
            &Notice::done(format!("The profile is called \u{201c}{name}\u{201d} now.")),
        )),
        Err(error) => {
            let frame = Frame::of(&editor, &request, Section::Imports);
            show(
                frame,
                &site,
                &db,
                error.into_errors()?,
                Some((saved.id, typed)),
            )
            .await
        }
    }
}

async fn check_and_rename(db: &Db, id: ImportProfileId, typed: &str) -> Result<String, FormError> {
    let mut errors = FieldErrors::default();
    let name = match profile_name(typed) {
        Ok(name) => name,
        Err(sentence) => {
            errors.add("name", sentence);
            return Err(errors.into());
        }
    };
    let wanted = name.clone();
    let is_taken = db
        .write(move |conn| {
            let is_taken = queries::is_name_taken(conn, &wanted, id)?;
            if !is_taken {
                queries::rename_profile(conn, id, &wanted)?;
            }
            Ok::<_, DbError>(is_taken)
        })
        .await?;
    if is_taken {
        errors.add(
            "name",
            format!("There is a profile \u{201c}{name}\u{201d} already."),
        );
    }
    errors.check()?;
    Ok(name)
}

/// `GET /admin/imports/profiles/{id}/profile.toml`
async fn file(_: Editor, id: web::Path<i64>, db: web::Data<Db>) -> Result<HttpResponse, AppError> {
    let saved = find(&db, *id).await?;
    Ok(download(
        &format!("{}.toml", saved.name),
        "application/toml; charset=utf-8",
        saved.profile.into_bytes(),
    ))
}

/// `POST /admin/imports/profiles/{id}/removal`
async fn remove(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let saved = find(&db, *id).await?;
    db.write(move |conn| queries::remove_profile(conn, saved.id).map_err(DbError::from))
        .await?;
    let notice = Notice::done(format!("\u{201c}{}\u{201d} is removed.", saved.name)).with_undo(
        "Take it back",
        format!("/admin/imports/profiles/{id}/restoration"),
    );
    Ok(see_other(LIST, &notice))
}

/// `POST /admin/imports/profiles/{id}/restoration`
async fn restore(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = ImportProfileId(*id);
    let restored = db
        .write(move |conn| queries::restore_profile(conn, id).map_err(DbError::from))
        .await?;
    let notice = match restored {
        Some(name) => Notice::done(format!("\u{201c}{name}\u{201d} is back.")),
        None => Notice::problem(
            "The profile cannot come back: it is gone, or another one has its name by now.",
        ),
    };
    Ok(see_other(LIST, &notice))
}
