//! A file on its way into the site, or an import on its way out of it: dry run, import, progress, cancelling.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;

use super::{
    ReportView, apart, counted, download, download_rejected, find_job, go_to, grouped,
    rejected_rows,
};
use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::ImportJobId;
use crate::import::jobs::{HowFar, Job, Jobs, State, Task, queries};
use crate::import::mapping::Mapping;
use crate::market;
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, page, parameter};

/// How long a form waits for a job that may take no time.
pub(super) const PATIENCE: Duration = Duration::from_millis(900);

/// Characters of a profile's name at most.
pub(super) const LONGEST_PROFILE_NAME: usize = 100;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/imports/jobs/{id}").route(page().to(show)))
        .service(web::resource("/imports/jobs/{id}/dry-run").route(web::post().to(dry_run)))
        .service(web::resource("/imports/jobs/{id}/import").route(web::post().to(import)))
        .service(web::resource("/imports/jobs/{id}/cancellation").route(web::post().to(cancel)))
        .service(web::resource("/imports/jobs/{id}/removal").route(web::post().to(remove)))
        .service(web::resource("/imports/jobs/{id}/saved-profile").route(web::post().to(save)))
        .service(web::resource("/imports/jobs/{id}/progress.json").route(page().to(progress)))
        .service(web::resource("/imports/jobs/{id}/profile.toml").route(page().to(profile)))
        .service(web::resource("/imports/jobs/{id}/rejected.csv").route(page().to(rejected)));
}

fn address(id: ImportJobId) -> String {
    format!("/admin/imports/jobs/{}", id.0)
}

#[derive(Template)]
#[template(path = "import/job.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    job: &'a Job,
    state: State,
    is_ending: bool,
    how_far: HowFar,
    view: Option<ReportView>,
    profile: String,
    /// The source that the rows go into.
    source: String,
    replaces: bool,
}

impl Show<'_> {
    fn moves(&self) -> bool {
        self.state.is_moving()
    }

    fn is_undo(&self) -> bool {
        self.job.task == Task::Undo
    }

    /// What is being done, in words.
    fn doing(&self) -> &'static str {
        match (self.state, self.job.task) {
            _ if self.is_ending => "Ending\u{2026}",
            (State::Waiting, _) => "Waiting for its turn: another import is at work.",
            (_, Task::DryRun) => "The dry run reads and checks everything, and writes nothing.",
            (_, Task::Import) => {
                "The rows are being imported. Pages show the former figures until all of it is there."
            }
            (_, Task::Undo) => {
                "The import is being undone. Pages show the present figures until all of it is gone."
            }
        }
    }

    fn status(&self) -> String {
        status(self.state, self.job.task, self.how_far)
    }
}

/// How far a job is, in words.
fn status(state: State, task: Task, how_far: HowFar) -> String {
    match (state, task) {
        (State::Waiting, _) => "Not begun yet".to_owned(),
        (_, Task::Undo) => format!("{} %", how_far.percent()),
        _ if how_far.all > 0 && how_far.done >= how_far.all => format!(
            "{} are read; the figures are being derived from them",
            counted(how_far.rows, "row")
        ),
        _ => format!(
            "{}, {} % of the file",
            counted(how_far.rows, "row"),
            how_far.percent()
        ),
    }
}

/// How far a job is: as this instance knows, or as its row says.
fn how_far(jobs: &Jobs, job: &Job) -> HowFar {
    jobs.how_far(job.id).unwrap_or(HowFar {
        done: job.done_units.unsigned_abs(),
        all: job.all_units.unsigned_abs(),
        rows: job.done_rows.unsigned_abs(),
    })
}

/// `GET /admin/imports/jobs/{id}`
async fn show(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    let state = jobs.state(&job);
    match (state, job.import_id) {
        (State::Done, Some(import)) => return Ok(go_to(&format!("/admin/imports/{}", import.0))),
        (State::Uploaded, _) => return Ok(go_to(&format!("{}/mapping", address(job.id)))),
        _ => {}
    }
    if state.is_moving() {
        jobs.wake();
    }
    let mapping = job.mapping();
    let profile = match &mapping {
        Some(mapping) => toml_of(&db, &job, mapping).await?.unwrap_or_default(),
        None => String::new(),
    };
    let source = mapping.as_ref().map_or_else(String::new, |mapping| {
        if mapping.source.is_empty() {
            format!("{} (new)", mapping.new_source.name)
        } else {
            mapping.source.clone()
        }
    });
    let title = match job.task {
        Task::Undo => format!("Undoing the import of {}", job.file_name),
        _ => job.file_name.clone(),
    };
    html(&Show {
        site: &site,
        meta: Meta::new(title, "", address(job.id)).hidden(),
        frame: Frame::of(&editor, &request, Section::Imports),
        is_ending: state.is_moving() && jobs.is_ending(&job),
        how_far: how_far(&jobs, &job),
        view: ReportView::of(job.report()),
        replaces: mapping.is_some_and(|mapping| mapping.replace),
        source,
        profile,
        state,
        job: &job,
    })
}

/// The profile of a mapping, where it is a whole one.
async fn toml_of(db: &Db, job: &Job, mapping: &Mapping) -> Result<Option<String>, DbError> {
    let sources = db
        .read_newest(|conn| market::queries::sources(conn).map_err(DbError::from))
        .await?;
    let profile = mapping.check(&job.findings(), &sources).ok();
    Ok(profile.and_then(|profile| profile.to_toml()))
}

/// Starts the dry run of a job, and waits a moment for it.
pub(super) async fn start_dry_run(
    db: &web::Data<Db>,
    jobs: &web::Data<Jobs>,
    id: ImportJobId,
    patience: Duration,
) -> Result<HttpResponse, AppError> {
    start(db, jobs, id, Task::DryRun, patience).await?;
    Ok(go_to(&address(id)))
}

async fn start(
    db: &Db,
    jobs: &Jobs,
    id: ImportJobId,
    task: Task,
    patience: Duration,
) -> Result<(), AppError> {
    // The mapping may be incomplete.
    let job = find_job(db, id.0).await?;
    if job.state == State::Uploaded {
        return Ok(());
    }
    let starting = jobs.clone();
    apart(move || Ok(starting.start_blocking(id, task)?)).await?;
    jobs.settle(id, patience).await;
    Ok(())
}

/// `POST /admin/imports/jobs/{id}/dry-run`
async fn dry_run(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    start_dry_run(&db, &jobs, ImportJobId(*id), PATIENCE).await
}

/// `POST /admin/imports/jobs/{id}/import`
async fn import(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let id = ImportJobId(*id);
    start(&db, &jobs, id, Task::Import, PATIENCE).await?;
    let job = find_job(&db, id.0).await?;
    Ok(match (job.state, job.import_id) {
        (State::Done, Some(import)) => see_other(
            &format!("/admin/imports/{}", import.0),
            &Notice::done(format!("\u{201c}{}\u{201d} is imported.", job.file_name)),
        ),
        _ => go_to(&address(id)),
    })
}

/// `POST /admin/imports/jobs/{id}/cancellation`
async fn cancel(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    if jobs.state(&job).is_moving() {
        let cancelling = jobs.get_ref().clone();
        apart(move || Ok(cancelling.cancel_blocking(job.id)?)).await?;
        jobs.settle(job.id, PATIENCE).await;
    }
    Ok(go_to(&address(job.id)))
}

/// `POST /admin/imports/jobs/{id}/removal`
async fn remove(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    let id = job.id;
    let is_removed = db
        .write(move |conn| queries::remove(conn, id).map_err(DbError::from))
        .await?;
    if !is_removed {
        return Err(AppError::Conflict(
            "This file is being imported, or is imported already; it cannot be removed.".to_owned(),
        ));
    }
    let jobs = jobs.get_ref().clone();
    apart(move || {
        jobs.drop_all_files_blocking(id);
        Ok(())
    })
    .await?;
    Ok(see_other(
        "/admin/imports",
        &Notice::done(format!("\u{201c}{}\u{201d} is removed.", job.file_name)),
    ))
}

/// `POST /admin/imports/jobs/{id}/saved-profile`: keeps the mapping under a name.
async fn save(
    editor: Editor,
    id: web::Path<i64>,
    sent: web::Form<Vec<(String, String)>>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    let back = address(job.id);
    let name = match profile_name(&parameter(&sent, "name")) {
        Ok(name) => name,
        Err(sentence) => return Ok(see_other(&back, &Notice::problem(sentence))),
    };
    let mapping = job.mapping().unwrap_or_default();
    let Some(toml) = toml_of(&db, &job, &mapping).await? else {
        return Ok(see_other(
            &back,
            &Notice::problem("The mapping is not complete, so it cannot be saved as a profile."),
        ));
    };
    let saved = name.clone();
    let written = db.write(move |conn| {
        queries::save_profile(conn, &saved, &toml, editor.id).map_err(DbError::from)
    });
    match written.await {
        Err(error) if error.is_busy() => Ok(see_other(
            &back,
            &Notice::problem(
                "The site is busy writing, so the profile was not saved. Save it again in a moment.",
            ),
        )),
        written => {
            written?;
            let text = format!("The mapping is saved as \u{201c}{name}\u{201d}.");
            Ok(see_other(&back, &Notice::done(text)))
        }
    }
}

/// A profile's name as it is kept.
///
/// # Errors
/// What is wrong with it.
pub(super) fn profile_name(typed: &str) -> Result<String, String> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if !name.chars().any(char::is_alphanumeric) || name.chars().any(char::is_control) {
        return Err("Write a name for the profile, with letters or digits.".to_owned());
    }
    if name.chars().count() > LONGEST_PROFILE_NAME {
        return Err(format!(
            "A profile\u{2019}s name has at most {LONGEST_PROFILE_NAME} characters."
        ));
    }
    Ok(name)
}

/// How far a job is, for a script.
#[derive(Serialize)]
struct Progress {
    /// The state: a page shows more than progress when it is another.
    state: &'static str,
    is_moving: bool,
    percent: u64,
    /// In words.
    status: String,
}

/// `GET /admin/imports/jobs/{id}/progress.json`
async fn progress(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    let state = jobs.state(&job);
    if state.is_moving() {
        jobs.wake();
    }
    let how_far = how_far(&jobs, &job);
    Ok(HttpResponse::Ok().json(Progress {
        state: state.as_str(),
        is_moving: state.is_moving(),
        percent: how_far.percent(),
        status: status(state, job.task, how_far),
    }))
}

/// `GET /admin/imports/jobs/{id}/profile.toml`
async fn profile(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    let mapping = job.mapping().unwrap_or_default();
    let toml = toml_of(&db, &job, &mapping).await?;
    let toml = toml.ok_or_else(|| AppError::not_found("The mapping is not complete yet."))?;
    Ok(download(
        &format!("{}.toml", job.file_name),
        "application/toml; charset=utf-8",
        toml.into_bytes(),
    ))
}

/// `GET /admin/imports/jobs/{id}/rejected.csv`
async fn rejected(
    _: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let job = find_job(&db, *id).await?;
    let jobs = jobs.get_ref().clone();
    let rows = apart(move || rejected_rows(&jobs, job.id)).await?;
    Ok(download_rejected(&job.file_name, rows))
}
