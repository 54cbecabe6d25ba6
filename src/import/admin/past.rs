//! One finished import: what it did, with which profile, and undoing it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::job::PATIENCE;
use super::{ReportView, apart, download, download_rejected, go_to, grouped, rejected_rows};
use crate::admin::{Frame, Section};
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::ImportId;
use crate::import::history::{self, PastImport};
use crate::import::jobs::{Job, Jobs, State, queries};
use crate::import::undo;
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, page};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/imports/{id}").route(page().to(show)))
        .service(web::resource("/imports/{id}/undo").route(web::post().to(take_back)))
        .service(web::resource("/imports/{id}/profile.toml").route(page().to(profile)))
        .service(web::resource("/imports/{id}/rejected.csv").route(page().to(rejected)));
}

#[derive(Template)]
#[template(path = "import/past.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    import: &'a PastImport,
    view: Option<ReportView>,
    /// Why it cannot be undone.
    hindrance: Option<String>,
    /// What takes it back at the moment, or could not.
    undoing: Option<&'a Job>,
    rejected_address: String,
}

impl Show<'_> {
    fn is_being_undone(&self) -> bool {
        self.undoing.is_some_and(|job| job.state.is_moving())
    }

    /// Why it was not undone when somebody tried.
    fn undo_failed(&self) -> Option<&str> {
        let job = self.undoing.filter(|job| job.state == State::Failed)?;
        job.message.as_deref()
    }
}

fn found(conn: &mut Conn, id: i64) -> Result<PastImport, AppError> {
    history::find(conn, ImportId(id))?.ok_or_else(|| {
        AppError::not_found("There is no such import. With its source, it may be removed.")
    })
}

/// `GET /admin/imports/{id}`
async fn show(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let (import, hindrance, job, undoing) = db
        .read_newest(move |conn| {
            let import = found(conn, *id)?;
            let hindrance = undo::hindrance(conn, &import)?;
            let job = queries::of_import(conn, import.id)?;
            let undoing = queries::undo_of_import(conn, import.id)?;
            Ok::<_, AppError>((import, hindrance, job, undoing))
        })
        .await?;
    if undoing.as_ref().is_some_and(|job| job.state.is_moving()) {
        jobs.wake();
    }
    html(&Show {
        site: &site,
        meta: Meta::new(
            format!("Import of {}", import.file_name),
            "",
            format!("/admin/imports/{}", import.id.0),
        )
        .hidden(),
        frame: Frame::of(&editor, &request, Section::Imports),
        view: ReportView::of(import.report()),
        hindrance: hindrance.map(|hindrance| hindrance.to_string()),
        undoing: undoing.as_ref(),
        // The rejected rows of a command lie where it was run.
        rejected_address: job.map_or_else(String::new, |_| {
            format!("/admin/imports/{}/rejected.csv", import.id.0)
        }),
        import: &import,
    })
}

/// `POST /admin/imports/{id}/undo`
async fn take_back(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let back = format!("/admin/imports/{id}");
    let started = db
        .write(move |conn| {
            let import = found(conn, *id)?;
            match undo::hindrance(conn, &import)? {
                Some(hindrance) => Ok(Err(hindrance)),
                None => Ok::<_, AppError>(Ok(queries::create_undo(conn, &import, editor.id)?)),
            }
        })
        .await;
    let job = match started {
        Err(AppError::Database(error)) if error.is_busy() => {
            let sentence =
                "The site is busy writing, perhaps an import. Undo this one again when it is done.";
            return Ok(see_other(&back, &Notice::problem(sentence)));
        }
        started => match started? {
            Ok(job) => job,
            Err(hindrance) => {
                return Ok(see_other(&back, &Notice::problem(hindrance.to_string())));
            }
        },
    };
    jobs.wake();
    jobs.settle(job, PATIENCE).await;
    let ended = db
        .read_newest(move |conn| queries::find(conn, job).map_err(AppError::from))
        .await?;
    Ok(match ended.map(|job| job.state) {
        Some(State::Done) => see_other(
            &back,
            &Notice::done("The import is undone. The same file can be imported again."),
        ),
        Some(state) if state.is_moving() => go_to(&format!("/admin/imports/jobs/{}", job.0)),
        _ => go_to(&back),
    })
}

/// `GET /admin/imports/{id}/profile.toml`
async fn profile(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let import = db.read_newest(move |conn| found(conn, *id)).await?;
    let toml = import.profile.ok_or_else(|| {
        AppError::not_found("It was in the canonical form, which needs no profile.")
    })?;
    Ok(download(
        &format!("{}.toml", import.file_name),
        "application/toml; charset=utf-8",
        toml.into_bytes(),
    ))
}

/// `GET /admin/imports/{id}/rejected.csv`
async fn rejected(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = db
        .read_newest(move |conn| {
            let import = found(conn, *id)?;
            Ok::<_, AppError>(queries::of_import(conn, import.id)?)
        })
        .await?;
    let job = job.ok_or_else(|| {
        AppError::not_found("The rejected rows of a command lie where it was run, beside the file.")
    })?;
    let jobs = jobs.get_ref().clone();
    let rows = apart(move || rejected_rows(&jobs, job.id)).await?;
    Ok(download_rejected(&job.file_name, rows))
}
