//! Imports in the background: files that editors uploaded, and imports that they take back, one after the other on a thread
//! of its own.
//!
//! | file | what |
//! | --- | --- |
//! | `queries` | jobs in the database |
//! | `files` | uploaded files, on this machine and for other instances |
//! | `runner` | the thread: who is at work, what waits, and what becomes of a job whose payband died |
//!
//! While an import writes, the embedded database takes no other change. How far it is stands in memory therefore, and so does
//! what editors ask for meanwhile: to end it, or to start the next one. On `PostgreSQL` it stands in the job's row as well,
//! where other instances see it.

mod files;
pub mod queries;
mod runner;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::inspect::Findings;
use super::mapping::Mapping;
use super::report::Report;
use crate::db::{Db, DbError};
use crate::ids::{EditorId, ImportId, ImportJobId};
use crate::market::words::vocabulary;
pub use files::{DbOrDisk, Upload, UploadError};

vocabulary! {
    /// What a job does.
    Task, "a task" {
        /// Reads and checks everything and writes nothing.
        DryRun = "dry_run", "Dry run";
        /// Imports a file.
        Import = "import", "Import";
        /// Takes an import back.
        Undo = "undo", "Undo";
    }
}

vocabulary! {
    /// How far a job has come.
    State, "a state of a job" {
        /// The file is there.
        Uploaded = "uploaded", "Uploaded";
        /// It is said how to read it.
        Mapped = "mapped", "Ready";
        /// Another job comes first.
        Waiting = "waiting", "Waiting";
        /// It is at work.
        Running = "running", "Running";
        /// It did what it should.
        Done = "done", "Done";
        /// It could not do what it should, and changed nothing.
        Failed = "failed", "Failed";
        /// Somebody ended it, and it changed nothing.
        Cancelled = "cancelled", "Cancelled";
    }
}

impl State {
    /// Whether the job goes on by itself.
    #[must_use]
    pub const fn is_moving(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// A file on its way into the site, or an import on its way out of it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Job {
    /// Key.
    pub id: ImportJobId,
    /// What it does, or did last.
    pub task: Task,
    /// How far it has come.
    pub state: State,
    /// Name of the file.
    pub file_name: String,
    findings: Option<String>,
    mapping: Option<String>,
    report: Option<String>,
    /// Why it failed, or what else there is to say.
    pub message: Option<String>,
    /// The import that it made, or takes back.
    pub import_id: Option<ImportId>,
    /// Who wants it.
    pub editor_id: Option<EditorId>,
    /// Their name.
    pub editor: Option<String>,
    /// Bytes or steps that are behind it.
    pub done_units: i64,
    /// All of them.
    pub all_units: i64,
    /// Rows that are behind it.
    pub done_rows: i64,
    /// When the file came, UTC.
    pub created_at: NaiveDateTime,
    /// When the task began, UTC.
    pub started_at: Option<NaiveDateTime>,
    /// When it ended, UTC.
    pub finished_at: Option<NaiveDateTime>,
    /// When somebody asked to end it, UTC.
    pub cancelled_at: Option<NaiveDateTime>,
}

impl Job {
    /// What was found in the file.
    #[must_use]
    pub fn findings(&self) -> Findings {
        let findings = self.findings.as_deref().unwrap_or_default();
        serde_json::from_str(findings).unwrap_or_default()
    }

    /// What was typed about how it is to be read.
    #[must_use]
    pub fn mapping(&self) -> Option<Mapping> {
        serde_json::from_str(self.mapping.as_deref()?).ok()
    }

    /// What the dry run or the import did.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        serde_json::from_str(self.report.as_deref()?).ok()
    }
}

/// How far a job is that is at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HowFar {
    /// Bytes or steps that are behind it.
    pub done: u64,
    /// All of them.
    pub all: u64,
    /// Rows that are behind it.
    pub rows: u64,
}

impl HowFar {
    /// In hundredths; never all of it before it is done.
    #[must_use]
    pub fn percent(self) -> u64 {
        (self.done * 100).checked_div(self.all).unwrap_or(0).min(99)
    }
}

/// The jobs of a running site. Clones share them.
#[derive(Clone)]
pub struct Jobs(Arc<Shop>);

struct Shop {
    db: Db,
    /// Where uploaded files lie.
    folder: PathBuf,
    /// Bytes of an uploaded file at most.
    upload_bytes: u64,
    live: Mutex<Live>,
}

/// What stands in memory.
#[derive(Default)]
struct Live {
    /// Whether there is a thread at work.
    is_staffed: bool,
    /// Whether it has to look again before it goes home.
    is_wanted: bool,
    /// The job that is at work here.
    running: Option<(ImportJobId, HowFar)>,
    /// Jobs that were started while the database took no change.
    started: BTreeSet<ImportJobId>,
    /// Jobs that somebody wants to end.
    cancelled: BTreeSet<ImportJobId>,
}

impl Jobs {
    /// The jobs of a database, with uploaded files in the folder `imports` below the data folder.
    #[must_use]
    pub fn open(db: Db, data_folder: &Path, upload_bytes: u64) -> Self {
        Self(Arc::new(Shop {
            db,
            folder: data_folder.join("imports"),
            upload_bytes,
            live: Mutex::default(),
        }))
    }

    /// Bytes of an uploaded file at most.
    #[must_use]
    pub fn upload_bytes(&self) -> u64 {
        self.0.upload_bytes
    }

    /// Sees to it that somebody works on what waits, and looks after jobs whose payband died.
    pub fn wake(&self) {
        runner::wake(self);
    }

    /// Starts a task of a job, as soon as its turn comes. While the embedded database takes no change, that is remembered in
    /// memory. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub fn start_blocking(&self, id: ImportJobId, task: Task) -> Result<(), DbError> {
        // Whoever changed their mind about it has changed it again.
        self.live().cancelled.remove(&id);
        let started = self
            .0
            .db
            .write_blocking(|conn| queries::start(conn, id, task).map_err(DbError::from));
        match started {
            Err(error) if error.is_busy() && task == Task::Import => {
                self.live().started.insert(id);
            }
            started => started?,
        }
        self.wake();
        Ok(())
    }

    /// Ends a job that waits or is at work, here or on another instance. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub fn cancel_blocking(&self, id: ImportJobId) -> Result<(), DbError> {
        let is_here = {
            let mut live = self.live();
            live.started.remove(&id);
            live.cancelled.insert(id);
            live.running.is_some_and(|(running, _)| running == id)
        };
        if is_here {
            return Ok(());
        }
        let noted = self
            .0
            .db
            .write_blocking(|conn| queries::cancel(conn, id).map_err(DbError::from));
        match noted {
            // The thread sees it before the job's turn comes.
            Err(error) if error.is_busy() => Ok(()),
            noted => {
                let is_over = noted?;
                if is_over {
                    self.live().cancelled.remove(&id);
                }
                Ok(())
            }
        }
    }

    /// How far a job is that is at work here.
    #[must_use]
    pub fn how_far(&self, id: ImportJobId) -> Option<HowFar> {
        let running = self.live().running;
        running
            .filter(|(running, _)| *running == id)
            .map(|(_, how_far)| how_far)
    }

    /// The state of a job as memory knows it better than its row.
    #[must_use]
    pub fn state(&self, job: &Job) -> State {
        let live = self.live();
        let runs_here = live.running.is_some_and(|(id, _)| id == job.id);
        match job.state {
            _ if runs_here => State::Running,
            State::Waiting if live.cancelled.contains(&job.id) => State::Cancelled,
            _ if live.started.contains(&job.id) => State::Waiting,
            state => state,
        }
    }

    /// Whether somebody asked to end a job.
    #[must_use]
    pub fn is_ending(&self, job: &Job) -> bool {
        job.cancelled_at.is_some() || self.live().cancelled.contains(&job.id)
    }

    /// Waits a moment for a job to come to an end, so that what takes no time needs no second look.
    pub async fn settle(&self, id: ImportJobId, patience: Duration) {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
            let job = self
                .0
                .db
                .read_newest(move |conn| queries::find(conn, id).map_err(DbError::from))
                .await;
            let is_over = |job: Job| !self.state(&job).is_moving();
            if job.is_ok_and(|job| job.is_none_or(is_over)) {
                return;
            }
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
