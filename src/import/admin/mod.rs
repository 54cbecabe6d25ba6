//! The import screen: `/admin/imports`. Upload, mapping, dry run, import in the background, history, undo. Paths are relative
//! to `/admin`.
//!
//! | file | what |
//! | --- | --- |
//! | `list` | uploading a file, what is under way, the history |
//! | `mapping` | how a file is read: encoding and delimiter, columns, values |
//! | `job` | a file on its way: dry run, import, progress, cancelling |
//! | `past` | one finished import, and undoing it |
//! | `profiles` | saved mappings |

mod job;
mod list;
mod mapping;
mod past;
mod profiles;

use std::fmt::Write as _;

use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_TYPE, ContentDisposition, DispositionParam, DispositionType,
    LOCATION,
};
use actix_web::{HttpResponse, web};
use tokio::sync::oneshot;

use super::guess::Known;
use super::jobs::{DbOrDisk, Job, Jobs, queries};
use super::report::Report;
use crate::db::{Conn, Db, DbError};
use crate::error::AppError;
use crate::ids::ImportJobId;
use crate::market;
use crate::money::Grouped;

/// The import screen's pages.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    // What has a name comes before what has a number.
    config
        .configure(list::routes)
        .configure(profiles::routes)
        .configure(mapping::routes)
        .configure(job::routes)
        .configure(past::routes);
}

impl From<DbOrDisk> for AppError {
    fn from(error: DbOrDisk) -> Self {
        match error {
            DbOrDisk::Database(error) => Self::Database(error),
            DbOrDisk::Disk(_) => Self::Failed(error.to_string()),
        }
    }
}

/// Works on a thread of its own: for files, which may take a while, and must not keep pages waiting.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        // Whoever asked may have gone away meanwhile.
        let _ = tell.send(work());
    });
    told.await
        .unwrap_or_else(|_| Err(DbError::Cancelled.into()))
}

/// A job that there is.
fn job_of(conn: &mut Conn, id: ImportJobId) -> Result<Job, AppError> {
    queries::find(conn, id)?.ok_or_else(|| {
        AppError::not_found(
            "There is no such file on its way. It may be imported, or removed, or it is too old.",
        )
    })
}

/// The same, read by itself.
async fn find_job(db: &Db, id: i64) -> Result<Job, AppError> {
    db.read_newest(move |conn| job_of(conn, ImportJobId(id)))
        .await
}

/// The names by which roles and technologies are recognised.
fn known(conn: &mut Conn) -> Result<Known, DbError> {
    let roles = market::queries::roles(conn)?.into_iter();
    let technologies = market::queries::technologies(conn)?.into_iter();
    Ok(Known {
        roles: roles.map(|role| (role.slug, role.name)).collect(),
        technologies: technologies
            .map(|technology| (technology.slug, technology.name))
            .collect(),
    })
}

/// Sends the browser on after a form, without a notice.
fn go_to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .finish()
}

/// A file to be saved.
fn download(name: &str, content_type: &'static str, bytes: Vec<u8>) -> HttpResponse {
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(
            name.chars()
                .map(|letter| {
                    if letter.is_ascii_graphic() && letter != '"' {
                        letter
                    } else {
                        '-'
                    }
                })
                .collect(),
        )],
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(bytes)
}

/// The rejected rows of a job, where it has any and they are kept. Blocks.
fn rejected_rows(jobs: &Jobs, id: ImportJobId) -> Result<Vec<u8>, AppError> {
    let gone =
        || AppError::not_found("The rejected rows are not kept any more, or there were none.");
    let path = jobs.rejected_rows_blocking(id)?.ok_or_else(gone)?;
    std::fs::read(path).map_err(|error| AppError::Failed(format!("rejected rows: {error}")))
}

/// Rejected rows, as a file to be saved.
fn download_rejected(file_name: &str, rows: Vec<u8>) -> HttpResponse {
    let name = format!("{file_name}.rejected.csv");
    download(&name, "text/csv; charset=utf-8", rows)
}

/// A number, or a reference to one, as templates hand them over.
trait Count {
    fn count(&self) -> u64;
}

impl Count for u64 {
    fn count(&self) -> u64 {
        *self
    }
}

impl Count for i64 {
    fn count(&self) -> u64 {
        self.unsigned_abs()
    }
}

impl Count for usize {
    fn count(&self) -> u64 {
        *self as u64
    }
}

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        (**self).count()
    }
}

/// A number with groups of digits.
fn grouped(number: impl Count) -> Grouped {
    Grouped(number.count().cast_signed())
}

/// Whether two texts are the same.
fn same(one: impl AsRef<str>, other: impl AsRef<str>) -> bool {
    one.as_ref() == other.as_ref()
}

/// So many of something, as a sentence says it: `1 row`, `1,234 rows`.
fn counted(number: impl Count, one: &str) -> String {
    let number = number.count();
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(number))
}

/// A size in words.
fn size(bytes: impl Count) -> String {
    let bytes = bytes.count();
    match bytes {
        0..1_000 => counted(bytes, "byte"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// What a report says, in finished sentences.
struct ReportView {
    report: Report,
}

impl ReportView {
    fn of(report: Option<Report>) -> Option<Self> {
        report.map(|report| Self { report })
    }

    fn counts(&self) -> [(&'static str, String); 4] {
        let report = &self.report;
        [
            ("Rows read", grouped(report.rows_read).to_string()),
            ("Accepted", grouped(report.accepted).to_string()),
            ("Skipped", grouped(report.skipped).to_string()),
            ("Rejected", grouped(report.rejected).to_string()),
        ]
    }

    /// What it wrote, or would write.
    fn written(&self) -> String {
        let written = &self.report.written;
        let would = if self.report.dry_run { "would be " } else { "" };
        let mut text = format!(
            "{} {would}added and {} updated; {} {would}added and {} updated.",
            counted(written.candidates_added, "candidate"),
            grouped(written.candidates_updated),
            counted(written.offers_added, "offer"),
            grouped(written.offers_updated),
        );
        for (what, slugs) in [
            ("role", &written.new_roles),
            ("technolog", &written.new_technologies),
        ] {
            if slugs.is_empty() {
                continue;
            }
            let ending = match (what, slugs.len()) {
                ("technolog", 1) => "y",
                ("technolog", _) => "ies",
                (_, 1) => "",
                _ => "s",
            };
            let shown = slugs
                .iter()
                .take(30)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            let more = slugs.len().saturating_sub(30);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let number = slugs.len();
            // Writing into text does not fail.
            let _ = write!(text, " {number} new {what}{ending}: {shown}{more}.");
        }
        text
    }

    fn more_rejected(&self) -> u64 {
        let listed = self.report.rejected_rows.len() as u64;
        self.report.rejected.saturating_sub(listed)
    }
}
