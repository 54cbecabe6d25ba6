//! When pages last changed: looking at them after every change of the site, and recording what they show.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{indexnow, listed};
use crate::catalogue::{Catalogue, Catalogues};
use crate::db::{Conn, Db, DbError, insert_all};
use crate::error::AppError;
use crate::schema::page_changes;
use crate::versions::{self, PageRecord, Standing, Topic, Versions};
use crate::web::Site;
use crate::{articles, home, methodology, newsletter, salaries, technologies};

/// How often the recorder looks for changes.
const EVERY: Duration = Duration::from_millis(500);

/// How long it waits after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// The right to look at pages, of which there is one for all instances.
const WORK: &str = "pages";

/// Pages that are looked at in one transaction, and paths that are named in one statement.
const AT_A_TIME: usize = 50;

/// The running recorder. It ends when this is dropped, after the few pages that it is at.
#[derive(Debug)]
pub struct Recorder {
    is_over: Arc<AtomicBool>,
    /// Dropped to end the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the recorder, which looks at pages after every change, by whomever.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        site: Site,
        db: Db,
        catalogues: web::Data<Catalogues>,
        versions: Arc<Versions>,
    ) -> std::io::Result<Self> {
        let (end, ended) = channel::<()>();
        let is_over = Arc::new(AtomicBool::new(false));
        let goes_on = Arc::clone(&is_over);
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                let goes_on = || !goes_on.load(Ordering::Relaxed);
                let mut settled_in = None;
                let mut pause = EVERY;
                while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                    pause = EVERY;
                    // What changes meanwhile is looked at the next time.
                    let now = generation(&versions);
                    if now.is_some() && now == settled_in {
                        continue;
                    }
                    settled_in = match record(&db, &catalogues, &site, &goes_on) {
                        Ok(is_settled) => now.filter(|_| is_settled),
                        Err(error) => {
                            log::warn!("recording when pages changed: {error}; it is tried again");
                            pause = AFTER_FAILURE;
                            None
                        }
                    };
                }
            })?;
        Ok(Self {
            is_over,
            end: Some(end),
            thread: Some(thread),
        })
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, it has said so.
            let _ = thread.join();
        }
    }
}

/// A number that rises with every change; `None` where there is no knowing.
fn generation(versions: &Versions) -> Option<u64> {
    if versions.standing() == Standing::Behind && versions.refresh().is_err() {
        return None;
    }
    (versions.standing() == Standing::Current).then(|| versions.generation())
}

/// Looks at the pages that may have changed since it was last done, and records what they show. Answers whether there is
/// nothing left to do: there may be where another instance is at it, or where it does not go on. Blocks.
///
/// # Errors
/// When the database fails.
pub fn record(
    db: &Db,
    catalogues: &Catalogues,
    site: &Site,
    goes_on: &dyn Fn() -> bool,
) -> Result<bool, AppError> {
    let is_due = |conn: &mut Conn| Ok::<_, AppError>(!versions::unrecorded(conn)?.1.is_empty());
    if !db.read_newest_blocking(is_due)? {
        return Ok(true);
    }
    let recorded = db.alone_or_not(WORK, || record_alone(db, catalogues, site, goes_on))?;
    Ok(recorded == Some(true))
}

fn record_alone(
    db: &Db,
    catalogues: &Catalogues,
    site: &Site,
    goes_on: &dyn Fn() -> bool,
) -> Result<bool, AppError> {
    let (version, paths, known) = db.read_newest_blocking(|conn| {
        let paths = listed::paths(conn, site.min_candidates)?;
        let known = versions::all_records(conn)?.into_iter();
        let known: HashMap<String, PageRecord> =
            known.map(|page| (page.path.clone(), page)).collect();
        let catalogue = catalogues.of(conn)?;
        let concerned = Concerned::of(conn, &catalogue)?;
        let version = versions::newest(conn)?;
        let paths = paths.into_iter();
        let (looked_at, left): (Vec<String>, Vec<String>) =
            paths.partition(|path| concerned.has(path) || !known.contains_key(path));
        Ok::<_, AppError>((version, (looked_at, left), known))
    })?;
    let (looked_at, left) = paths;
    let mut changed = Vec::new();
    for paths in looked_at.chunks(AT_A_TIME) {
        if !goes_on() {
            return Ok(false);
        }
        let made = db.read_newest_blocking(|conn| {
            let pages = paths.iter().map(|path| look(conn, catalogues, site, path));
            pages.collect::<Result<Vec<_>, AppError>>()
        })?;
        let made = made.into_iter().flatten();
        changed.extend(made.filter(|page| known.get(&page.path) != Some(page)));
    }
    let listed: BTreeSet<&String> = looked_at.iter().chain(&left).collect();
    let gone: Vec<&String> = known.keys().filter(|path| !listed.contains(path)).collect();
    log::debug!(
        "pages looked at: {}, changed: {}, gone: {}",
        looked_at.len(),
        changed.len(),
        gone.len()
    );
    let row = |page: &PageRecord| Row {
        path: page.path.clone(),
        content_hash: page.content_hash,
        changed_at: page.changed_at,
        version,
    };
    let rows: Vec<Row> = changed.iter().map(row).collect();
    db.write_blocking(|conn| {
        let outdated: Vec<&String> = changed.iter().map(|page| &page.path).chain(gone).collect();
        for paths in outdated.chunks(AT_A_TIME) {
            let all = paths.iter().copied();
            diesel::delete(page_changes::table.filter(page_changes::path.eq_any(all)))
                .execute(conn)?;
        }
        insert_all!(conn, page_changes::table, rows.as_slice());
        versions::note_recorded(conn, version)?;
        if !outdated.is_empty() {
            if site.indexnow.is_some() {
                indexnow::note(conn, &outdated, version)?;
            }
            versions::bump(conn, &[Topic::Pages])?;
        }
        Ok::<_, DbError>(())
    })?;
    Ok(true)
}

/// A page as it is recorded.
#[derive(Insertable)]
#[diesel(table_name = page_changes, treat_none_as_default_value = false)]
struct Row {
    path: String,
    content_hash: i64,
    changed_at: NaiveDateTime,
    version: i64,
}

/// The pages that may have changed.
enum Concerned {
    /// All of them.
    All,
    /// The salary pages of these roles, by their slugs, and all that are not salary pages, of which there are few.
    Roles(BTreeSet<String>),
}

impl Concerned {
    /// Those that changed since pages were last recorded.
    fn of(conn: &mut Conn, catalogue: &Catalogue) -> QueryResult<Self> {
        let (recorded, topics) = versions::unrecorded(conn)?;
        let is_new = |topic: &Topic| matches!(topic, Topic::Program(_));
        if recorded == 0 || topics.iter().any(is_new) {
            return Ok(Self::All);
        }
        let with_technologies: HashSet<_> = salaries::queries::known(conn)?.into_iter().collect();
        let slugs = catalogue.roles().filter(|role| {
            topics.iter().any(|topic| match topic {
                Topic::Role(id) => *id == role.id,
                Topic::Technology(id) => with_technologies.contains(&(role.id, *id)),
                _ => false,
            })
        });
        Ok(Self::Roles(
            slugs.map(|role| role.slug.to_string()).collect(),
        ))
    }

    fn has(&self, path: &str) -> bool {
        match (self, path.strip_prefix("/salaries/")) {
            (Self::Roles(roles), Some(subject)) => {
                let role = subject.split('/').next().unwrap_or_default();
                roles.contains(role)
            }
            _ => true,
        }
    }
}

/// What is to be recorded of a page; `None` where it is not there any more.
fn look(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
    path: &str,
) -> Result<Option<PageRecord>, AppError> {
    match made(conn, catalogues, site, path) {
        Ok(mut page) => Ok(page.extensions_mut().remove::<PageRecord>()),
        Err(AppError::NotFound { .. } | AppError::Gone(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The page at a path that search engines may list, as visitors get it.
fn made(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
    path: &str,
) -> Result<HttpResponse, AppError> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        [""] => home::made(conn, catalogues, site),
        ["methodology"] => methodology::made(conn, catalogues, site),
        ["salaries"] => salaries::pages::made_list(conn, catalogues, site),
        ["salaries", role] => salaries::pages::made(conn, catalogues, site, role, None),
        ["salaries", role, technology] => {
            salaries::pages::made(conn, catalogues, site, role, Some(technology))
        }
        ["technologies", slug] => technologies::made(conn, catalogues, site, slug),
        ["articles"] => articles::pages::made_list(conn, catalogues, site),
        ["newsletter", "issues", slug] => {
            newsletter::pages::made_issue(conn, catalogues, site, slug)
        }
        ["articles", slug] => articles::pages::made(conn, catalogues, site, slug),
        _ => Err(AppError::not_found("There is no page at this address.")),
    }
}
