//! The thread that works on jobs, one after the other, while no other instance does.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::files::Which;
use super::{HowFar, Job, Jobs, State, Task, queries};
use crate::db::{Conn, DbError};
use crate::ids::ImportJobId;
use crate::import::report::Report;
use crate::import::undo::{self, UndoError};
use crate::import::{self, ImportError, Options};
use crate::market;

/// How often the job's row is told how far it is, where others look at it.
const NOTED_EVERY: Duration = Duration::from_secs(1);

/// How often a change is tried for which the database has no time, each time for some seconds.
const TRIES: u32 = 120;

/// The right to work on jobs, of which there is one for all instances.
const WORK: &str = "imports";

/// Lets the thread look for work, and starts one where there is none.
pub(super) fn wake(jobs: &Jobs) {
    {
        let mut live = jobs.live();
        live.is_wanted = true;
        if live.is_staffed {
            return;
        }
        live.is_staffed = true;
    }
    let worker = jobs.clone();
    let started = std::thread::Builder::new()
        .name("imports".to_owned())
        .spawn(move || work(&worker));
    if let Err(error) = started {
        log::error!("imports cannot start: {error}");
        jobs.live().is_staffed = false;
    }
}

/// Somebody at work. However it ends, the next one can begin.
struct Shift<'j>(&'j Jobs);

impl Drop for Shift<'_> {
    fn drop(&mut self) {
        let mut live = self.0.live();
        live.is_staffed = false;
        live.running = None;
    }
}

/// Works until there is nothing left to do.
fn work(jobs: &Jobs) {
    let shift = Shift(jobs);
    loop {
        jobs.live().is_wanted = false;
        if let Err(error) = work_alone(jobs) {
            log::error!("imports stopped: {error}");
        }
        let mut live = jobs.live();
        if !live.is_wanted {
            // Before anybody can want something, which would not be heard.
            live.is_staffed = false;
            break;
        }
    }
    std::mem::forget(shift);
}

fn work_alone(jobs: &Jobs) -> Result<(), DbError> {
    let is_moving = |conn: &mut Conn| queries::is_anything_moving(conn).map_err(DbError::from);
    let is_anything_moving = jobs.0.db.read_newest_blocking(is_moving)?;
    if !is_anything_moving && jobs.live().started.is_empty() {
        return forget_old(jobs);
    }
    jobs.0.db.alone(WORK, || {
        clear_up(jobs)?;
        while let Some(job) = next(jobs)? {
            run(jobs, &job);
        }
        Ok(())
    })
}

/// Whoever has the right to work on jobs knows that nobody else is at work: a job that seems to be was left by a payband that
/// died. Its transaction died with it.
fn clear_up(jobs: &Jobs) -> Result<(), DbError> {
    let left = jobs
        .0
        .db
        .read_newest_blocking(|conn| queries::running(conn).map_err(DbError::from))?;
    for (id, task) in left {
        let sentence = match task {
            Task::DryRun => "payband ended during the dry run. Start it again.",
            Task::Import => {
                "payband ended in the middle of the import. Nothing of it was written, and all figures are as they were. Start \
                 it again."
            }
            Task::Undo => {
                "payband ended in the middle of it. The import stands as it was. Undo it again."
            }
        };
        patiently(jobs, |conn| {
            queries::end(conn, id, State::Failed, Some(sentence)).map_err(DbError::from)
        })?;
    }
    Ok(())
}

/// The next job, claimed.
fn next(jobs: &Jobs) -> Result<Option<Job>, DbError> {
    loop {
        let started: Vec<ImportJobId> = jobs.live().started.iter().copied().collect();
        let cancelled: Vec<ImportJobId> = jobs.live().cancelled.iter().copied().collect();
        let claimed = patiently(jobs, |conn| {
            for id in &started {
                queries::start(conn, *id, Task::Import)?;
            }
            for id in &cancelled {
                queries::cancel(conn, *id)?;
            }
            Ok(queries::claim(conn)?)
        })?;
        let mut live = jobs.live();
        for id in &started {
            live.started.remove(id);
        }
        for id in &cancelled {
            live.cancelled.remove(id);
        }
        match claimed {
            Some(job) => {
                live.running = Some((job.id, HowFar::default()));
                return Ok(Some(job));
            }
            None if live.started.is_empty() => return Ok(None),
            None => {}
        }
    }
}

/// How a job ended.
enum End {
    /// It did what it should, and its row says so.
    Done,
    /// It told what would happen.
    Rehearsed(Box<Report>),
    Cancelled,
    Failed(String),
}

fn run(jobs: &Jobs, job: &Job) {
    log::info!("{} of {} begins", job.task.label(), job.file_name);
    let end = match job.task {
        Task::DryRun | Task::Import => run_import(jobs, job),
        Task::Undo => run_undo(jobs, job),
    };
    let noted = match &end {
        End::Done => {
            if job.task == Task::Import {
                jobs.drop_file_blocking(job.id);
            }
            Ok(())
        }
        End::Rehearsed(report) => patiently(jobs, |conn| {
            queries::note_report(conn, job.id, report, None)?;
            Ok(queries::end(conn, job.id, State::Mapped, None)?)
        }),
        End::Cancelled => note_end(jobs, job, State::Cancelled, None),
        End::Failed(sentence) => note_end(jobs, job, State::Failed, Some(sentence)),
    };
    if let Err(error) = noted {
        log::error!("how {} ended is not noted: {error}", job.file_name);
    }
    if job.task != Task::Undo
        && let Err(error) = jobs.share_blocking(job.id, Which::Rejected)
    {
        log::error!("rejected rows of {}: {error}", job.file_name);
    }
    let mut live = jobs.live();
    live.running = None;
    live.cancelled.remove(&job.id);
}

fn note_end(jobs: &Jobs, job: &Job, state: State, message: Option<&str>) -> Result<(), DbError> {
    patiently(jobs, |conn| {
        queries::end(conn, job.id, state, message).map_err(DbError::from)
    })
}

fn run_import(jobs: &Jobs, job: &Job) -> End {
    let file = match jobs.file_blocking(job) {
        Ok(Some(file)) => file,
        Ok(None) => {
            return End::Failed(
                "The uploaded file is not here any more. Upload it again.".to_owned(),
            );
        }
        Err(error) => return End::Failed(format!("The uploaded file cannot be read: {error}.")),
    };
    let sources = jobs
        .0
        .db
        .read_newest_blocking(|conn| market::queries::sources(conn).map_err(DbError::from));
    let sources = match sources {
        Ok(sources) => sources,
        Err(error) => return End::Failed(format!("The database failed: {error}.")),
    };
    let mapping = job.mapping().unwrap_or_default();
    let profile = match mapping.check(&job.findings(), &sources) {
        Ok(profile) => profile,
        Err(problems) => {
            let sentences = problems.into_iter().map(|(_, sentence)| sentence);
            return End::Failed(sentences.collect::<Vec<_>>().join(" "));
        }
    };
    let options = Options {
        file,
        profile,
        source: None,
        replace: mapping.replace,
        dry_run: job.task == Task::DryRun,
        fallback_folder: jobs.0.folder.clone(),
    };
    let mut watch = Watch::new(jobs, job.id);
    for _ in 0..TRIES {
        let occasion = import::Occasion {
            editor: job.editor_id,
            file_name: Some(job.file_name.clone()),
            progress: &mut |progress| {
                watch.see(HowFar {
                    done: progress.bytes_read,
                    all: progress.bytes,
                    rows: progress.rows,
                })
            },
            recorded: &mut |conn, import, report| {
                queries::note_report(conn, job.id, report, Some(import))?;
                queries::end(conn, job.id, State::Done, None)
            },
        };
        match import::run_on(&jobs.0.db, &options, occasion) {
            Ok(report) if report.dry_run => return End::Rehearsed(Box::new(report)),
            Ok(_) => return End::Done,
            Err(ImportError::Cancelled) => return End::Cancelled,
            Err(ImportError::Database(error)) if error.is_busy() => {
                // Another program writes. It is waited for, but not by somebody who changed their mind.
                if jobs.live().cancelled.contains(&job.id) {
                    return End::Cancelled;
                }
            }
            Err(error) => return End::Failed(sentence(&error)),
        }
    }
    End::Failed("Another program keeps writing to the database. Start it again later.".to_owned())
}

fn run_undo(jobs: &Jobs, job: &Job) -> End {
    let Some(import) = job.import_id else {
        return End::Failed("There is no such import.".to_owned());
    };
    let mut watch = Watch::new(jobs, job.id);
    for _ in 0..TRIES {
        let occasion = undo::Occasion {
            editor: job.editor_id,
            progress: &mut |done, all| watch.see(HowFar { done, all, rows: 0 }),
            recorded: &mut |conn, _| queries::end(conn, job.id, State::Done, None),
        };
        match undo::undo(&jobs.0.db, import, occasion) {
            Ok(_) => return End::Done,
            Err(UndoError::Cancelled) => return End::Cancelled,
            Err(UndoError::Database(error)) if error.is_busy() => {
                if jobs.live().cancelled.contains(&job.id) {
                    return End::Cancelled;
                }
            }
            Err(error) => return End::Failed(error.to_string()),
        }
    }
    End::Failed("Another program keeps writing to the database. Undo it again later.".to_owned())
}

/// What an editor reads of an import that failed: not where the file lies on the server, nor of flags.
fn sentence(error: &ImportError) -> String {
    match error {
        ImportError::Text { cause, .. } => format!("The file cannot be read: {cause}."),
        ImportError::SameBytes { since, .. } => format!(
            "The same file was imported into this source on {} UTC. Undo that import first, or choose to replace the source\u{2019}s \
             rows.",
            since.format("%Y-%m-%d %H:%M")
        ),
        ImportError::OtherPay(source) => format!(
            "The source {} holds {} pay. Give rows of the other kind a source of their own.",
            source.name, source.pay
        ),
        ImportError::File { cause, .. } => {
            format!("The file could not be read or written: {cause}.")
        }
        error => format!("It failed: {error}."),
    }
}

/// Tells others how far a job is, and the job whether somebody wants it to end.
struct Watch<'j> {
    jobs: &'j Jobs,
    id: ImportJobId,
    noted: Instant,
}

impl<'j> Watch<'j> {
    fn new(jobs: &'j Jobs, id: ImportJobId) -> Self {
        Self {
            jobs,
            id,
            noted: Instant::now(),
        }
    }

    fn see(&mut self, how_far: HowFar) -> ControlFlow<()> {
        let is_cancelled = {
            let mut live = self.jobs.live();
            live.running = Some((self.id, how_far));
            live.cancelled.contains(&self.id)
        };
        if is_cancelled || self.is_cancelled_elsewhere(how_far) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// On `PostgreSQL` the row is written by another connection meanwhile, and says what other instances want.
    fn is_cancelled_elsewhere(&mut self, how_far: HowFar) -> bool {
        let db = &self.jobs.0.db;
        if !db.is_shared() || self.noted.elapsed() < NOTED_EVERY {
            return false;
        }
        self.noted = Instant::now();
        let asked = db.write_blocking(|conn| {
            queries::note_progress(conn, self.id, how_far).map_err(DbError::from)
        });
        asked.unwrap_or_else(|error| {
            log::warn!("how far an import is cannot be noted: {error}");
            false
        })
    }
}

/// Changes the database, as soon as it has time.
fn patiently<T>(jobs: &Jobs, work: impl Fn(&mut Conn) -> Result<T, DbError>) -> Result<T, DbError> {
    let mut tries = 0;
    loop {
        match jobs.0.db.write_blocking(&work) {
            Err(error) if error.is_busy() && tries < TRIES => tries += 1,
            worked => return worked,
        }
    }
}

/// Removes jobs of long ago and their files.
fn forget_old(jobs: &Jobs) -> Result<(), DbError> {
    let old = jobs
        .0
        .db
        .read_newest_blocking(|conn| queries::old(conn).map_err(DbError::from))?;
    for id in old {
        jobs.drop_all_files_blocking(id);
        patiently(jobs, |conn| {
            queries::remove_old(conn, id).map_err(DbError::from)
        })?;
    }
    Ok(())
}
