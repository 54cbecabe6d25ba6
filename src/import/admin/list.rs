//! `/admin/imports`: uploading a file, what is under way, and every import so far.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use futures_util::StreamExt;
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::{apart, counted, grouped, known};
use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::editors::Editor;
use crate::error::AppError;
use crate::ids::{EditorId, ImportJobId};
use crate::import::history::{self, PastImport};
use crate::import::inspect::{InspectError, inspect};
use crate::import::jobs::{Job, Jobs, State, Upload, UploadError, queries};
use crate::import::mapping::Mapping;
use crate::web::forms::FieldErrors;
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page};

/// Imports on a page of the history.
const ON_A_PAGE: i64 = 50;

/// Characters of a file's name at most.
const LONGEST_NAME: usize = 150;

/// How often it is tried to note an upload while somebody else writes, each time for some seconds.
const TRIES: u32 = 10;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/imports")
            .route(page().to(list))
            .route(web::post().to(upload)),
    );
}

#[derive(Template)]
#[template(path = "import/list.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    errors: FieldErrors,
    upload_bytes: u64,
    upload_megabytes: u64,
    jobs: Vec<(Job, State)>,
    imports: Vec<PastImport>,
    /// All of them.
    count: u64,
    page: i64,
    pages: i64,
}

#[derive(Deserialize)]
struct Asked {
    page: Option<String>,
}

/// `GET /admin/imports`
async fn list(
    editor: Editor,
    request: HttpRequest,
    asked: web::Query<Asked>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
) -> Result<HttpResponse, AppError> {
    let page = asked.page.as_deref().and_then(|page| page.parse().ok());
    let frame = Frame::of(&editor, &request, Section::Imports);
    show(
        frame,
        &site,
        &db,
        &jobs,
        page.unwrap_or(1),
        FieldErrors::default(),
        None,
    )
    .await
}

async fn show(
    frame: Frame,
    site: &Site,
    db: &Db,
    jobs: &Jobs,
    page: i64,
    errors: FieldErrors,
    status: Option<StatusCode>,
) -> Result<HttpResponse, AppError> {
    let page = page.clamp(1, 1_000_000);
    let (unfinished, imports, count) = db
        .read_newest(move |conn| {
            Ok::<_, AppError>((
                queries::unfinished(conn)?,
                history::newest(conn, (page - 1) * ON_A_PAGE, ON_A_PAGE)?,
                history::count(conn)?,
            ))
        })
        .await?;
    if unfinished.iter().any(|job| job.state.is_moving()) {
        // Somebody may have died at it.
        jobs.wake();
    }
    let with_state = |job: Job| {
        let state = jobs.state(&job);
        (job, state)
    };
    let status = status.unwrap_or_else(|| errors.status());
    let list = List {
        site,
        errors,
        meta: Meta::new("Imports", "", "/admin/imports").hidden(),
        frame,
        upload_bytes: jobs.upload_bytes(),
        upload_megabytes: jobs.upload_bytes() >> 20,
        jobs: unfinished.into_iter().map(with_state).collect(),
        imports,
        count: count.unsigned_abs(),
        page,
        pages: (count + ON_A_PAGE - 1) / ON_A_PAGE,
    };
    html_with(status, &list)
}

/// `POST /admin/imports`
async fn upload(
    editor: Editor,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
    jobs: web::Data<Jobs>,
    form: Multipart,
) -> Result<HttpResponse, AppError> {
    let received = match receive(&jobs, form).await {
        Ok(received) => {
            let (jobs, db) = (jobs.get_ref().clone(), db.get_ref().clone());
            apart(move || Ok(take(&jobs, &db, received, editor.id))).await?
        }
        Err(problem) => Err(problem),
    };
    match received {
        Ok((id, notice)) => Ok(see_other(
            &format!("/admin/imports/jobs/{}/mapping", id.0),
            &Notice::done(notice),
        )),
        Err(Problem::Failed(error)) if error.is_busy() => {
            let errors = FieldErrors::whole(
                "The site is busy writing, perhaps an import, and the file could not be noted. Please upload it again in a moment.",
            );
            let frame = Frame::of(&editor, &request, Section::Imports);
            let busy = Some(StatusCode::SERVICE_UNAVAILABLE);
            show(frame, &site, &db, &jobs, 1, errors, busy).await
        }
        Err(Problem::Failed(error)) => Err(error.into()),
        Err(Problem::Said(status, sentence)) => {
            let mut errors = FieldErrors::default();
            errors.add("file", sentence);
            let frame = Frame::of(&editor, &request, Section::Imports);
            show(frame, &site, &db, &jobs, 1, errors, Some(status)).await
        }
    }
}

/// A file that came.
struct Received {
    name: String,
    file: NamedTempFile,
    bytes: u64,
}

/// Why a file was not taken.
enum Problem {
    /// What stands beside the field, and the page's status.
    Said(StatusCode, String),
    Failed(DbError),
}

impl Problem {
    fn said(sentence: impl Into<String>) -> Self {
        Self::Said(StatusCode::UNPROCESSABLE_ENTITY, sentence.into())
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let status = match &error {
            UploadError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            UploadError::Disk(cause) => {
                log::error!("an upload: {cause}");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self::Said(status, error.to_string())
    }
}

impl From<MultipartError> for Problem {
    fn from(_: MultipartError) -> Self {
        Self::Said(
            StatusCode::BAD_REQUEST,
            "The upload broke off before all of the file was here. Upload it again.".to_owned(),
        )
    }
}

/// Reads the form with the file.
async fn receive(jobs: &Jobs, mut form: Multipart) -> Result<Received, Problem> {
    let mut received = None;
    while let Some(field) = form.next().await {
        let mut field = field?;
        if field.name() != Some("file") || received.is_some() {
            pass_over(&mut field).await;
            continue;
        }
        let disposition = field.content_disposition();
        let name = disposition.and_then(|disposition| disposition.get_filename());
        let name = plain_name(name.unwrap_or_default());
        let mut upload = Upload::begin(jobs)?;
        while let Some(bytes) = field.next().await {
            if let Err(problem) = upload.take(bytes?).await {
                // A browser reads the answer only when it could send everything.
                pass_over(&mut field).await;
                return Err(problem.into());
            }
        }
        let bytes = upload.bytes();
        received = Some(Received {
            name,
            file: upload.finish().await?,
            bytes,
        });
    }
    match received {
        Some(received) if received.bytes > 0 => Ok(received),
        Some(received) if !received.name.is_empty() => Err(Problem::said("The file is empty.")),
        _ => Err(Problem::said("Choose a file.")),
    }
}

/// Reads what is not wanted, up to a gigabyte.
async fn pass_over(field: &mut Field) {
    let mut left: usize = 1 << 30;
    while let Some(Ok(bytes)) = field.next().await {
        left = left.saturating_sub(bytes.len());
        if left == 0 {
            return;
        }
    }
}

/// A file's name without folders and signs that cannot be shown.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = name.chars().filter(|letter| !letter.is_control());
    shown
        .take(LONGEST_NAME)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Looks into the file, and makes a job of it with a first mapping.
fn take(
    jobs: &Jobs,
    db: &Db,
    received: Received,
    editor: EditorId,
) -> Result<(ImportJobId, String), Problem> {
    let findings = inspect(received.file.path()).map_err(|error| match error {
        InspectError::NoTable(sentence) => Problem::said(sentence),
        InspectError::File(_) => {
            log::error!("an upload: {error}");
            Problem::Said(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
        }
    })?;
    let known = db.read_newest_blocking(known).map_err(Problem::Failed)?;
    let name = if received.name.is_empty() {
        "upload.csv".to_owned()
    } else {
        received.name
    };
    let mapping = Mapping::guess(&findings, &known, &name);
    let mut tries = 0;
    let id = loop {
        let created = db.write_blocking(|conn| {
            queries::create(conn, &name, received.bytes, &findings, &mapping, editor)
                .map_err(DbError::from)
        });
        match created {
            Err(error) if error.is_busy() && tries < TRIES => tries += 1,
            created => break created.map_err(Problem::Failed)?,
        }
    };
    if let Err(error) = jobs.keep_file_blocking(id, received.file) {
        log::error!("an upload: {error}");
        return Err(Problem::Said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The file could not be kept. Upload it again.".to_owned(),
        ));
    }
    let notice = format!(
        "\u{201c}{name}\u{201d} is uploaded: {} and {}.",
        counted(findings.rows, "row"),
        counted(findings.headers.len() as u64, "column")
    );
    Ok((id, notice))
}
