//! Taking an import back as a whole: what it added goes, what it changed, removed or replaced is as it was before.
//!
//! It is one transaction, as an import is, and refused where something else has touched the same rows since.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::ControlFlow;

use chrono::{NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::BigInt;

use super::history::{self, Journal, Later, PastImport};
use super::journal::{Change, ChangeKind};
use super::queries::{self, CandidateRow, OfferRow};
use crate::db::{Conn, Db, DbError, on_either, settle};
use crate::editors::log::{self, Thing};
use crate::ids::{CandidateId, EditorId, ImportId, RoleId, TechnologyId};
use crate::newsletter::interests;
use crate::salaries::{Block, Upkeep};
use crate::schema::{
    articles, candidates, import_changes, imports, offers, replaced_candidates, replaced_offers,
    reports, roles, technologies,
};
use crate::versions::{self, Topic};

/// Keys of candidates that are removed or brought back with one statement.
const KEYS_TOGETHER: i64 = 50_000;

/// Changes that are taken back together.
const CHANGES_TOGETHER: i64 = 1_000;

/// On whose behalf an import is undone, and who follows it.
pub struct Occasion<'a> {
    /// The editor.
    pub editor: Option<EditorId>,
    /// Hears how many of how many steps are done, and may break it off.
    pub progress: &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    /// Takes part in the transaction when all else is written.
    pub recorded: &'a mut dyn FnMut(&mut Conn, &PastImport) -> QueryResult<()>,
}

/// Why an import cannot be undone. Each writes itself as one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// There is no such import.
    Unknown,
    /// It is undone already.
    Undone(NaiveDateTime),
    /// It is from before what imports change was written down.
    TooEarly,
    /// What it changed is not kept any more.
    Forgotten,
    /// Its rows made way for those of a later import.
    ReplacedBy(Box<PastImport>),
    /// Its rows made way for others that are not an import's.
    Replaced(NaiveDateTime),
    /// A later import touched the same rows, or stands on those that this one replaced.
    Later(Box<PastImport>),
    /// An editor changed some of its rows by hand.
    Edited,
    /// Something with the same keys is there now.
    KeysTaken,
    /// A role that its former rows had is gone.
    RoleGone,
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |time: &NaiveDateTime| time.format("%Y-%m-%d %H:%M");
        match self {
            Self::Unknown => f.write_str("There is no such import."),
            Self::Undone(at) => write!(f, "It was undone on {} UTC.", day(at)),
            Self::TooEarly => f.write_str(
                "It was made before it was written down what imports change, so it cannot be undone.",
            ),
            Self::Forgotten => write!(
                f,
                "What it changed or replaced is not kept any more: that is for {} days, and for the newest replacement of a \
                 source.",
                history::KEPT_DAYS
            ),
            Self::ReplacedBy(later) => write!(
                f,
                "Its rows made way for those of {} on {} UTC; undo that import first.",
                later.file_name,
                day(&later.finished_at)
            ),
            Self::Replaced(at) => write!(
                f,
                "Its rows made way for others on {} UTC, and are not kept.",
                day(at)
            ),
            Self::Later(later) => write!(
                f,
                "The import of {} on {} UTC built on the same rows; undo that one first.",
                later.file_name,
                day(&later.finished_at)
            ),
            Self::Edited => f.write_str(
                "Some of its rows were changed by hand since, and undoing it would take that back unseen.",
            ),
            Self::KeysTaken => f.write_str(
                "Rows with the same keys of the source were added since, so the former ones cannot come back.",
            ),
            Self::RoleGone => f.write_str(
                "A role that the former rows had was removed or merged since, so they cannot come back.",
            ),
        }
    }
}

/// Why nothing was undone.
#[derive(Debug)]
pub enum UndoError {
    /// It must not be.
    Hindered(Hindrance),
    /// Somebody broke it off.
    Cancelled,
    /// The database failed.
    Database(DbError),
}

impl fmt::Display for UndoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hindered(hindrance) => write!(f, "{hindrance}"),
            Self::Cancelled => {
                f.write_str("The undoing was cancelled, and the import stands as it was.")
            }
            Self::Database(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for UndoError {}

impl From<DbError> for UndoError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for UndoError {
    fn from(error: Error) -> Self {
        match error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                Self::Hindered(Hindrance::KeysTaken)
            }
            error => Self::Database(error.into()),
        }
    }
}

/// What keeps an import from being undone, if anything does. That a role of its former rows is gone shows only when it is
/// undone, for it takes a look at each of them.
///
/// # Errors
/// When the database fails.
pub fn hindrance(conn: &mut Conn, import: &PastImport) -> QueryResult<Option<Hindrance>> {
    if let Some(at) = import.undone_at {
        return Ok(Some(Hindrance::Undone(at)));
    }
    if let Some(at) = import.replaced_at {
        let by = match import.replaced_by {
            Some(by) => history::find(conn, by)?,
            None => None,
        };
        return Ok(Some(by.map_or(Hindrance::Replaced(at), |by| {
            Hindrance::ReplacedBy(Box::new(by))
        })));
    }
    match import.journal {
        Journal::Missing => return Ok(Some(Hindrance::TooEarly)),
        Journal::Forgotten => return Ok(Some(Hindrance::Forgotten)),
        Journal::Kept => {}
    }
    if history::later_of_source(conn, import, Later::Unknown)?.is_some() {
        return Ok(Some(Hindrance::Forgotten));
    }
    let condition = if import.replaces {
        Later::Any
    } else {
        Later::Touching
    };
    if let Some(later) = history::later_of_source(conn, import, condition)? {
        return Ok(Some(Hindrance::Later(Box::new(later))));
    }
    if history::is_edited(conn, import)? {
        return Ok(Some(Hindrance::Edited));
    }
    Ok(None)
}

/// Undoes an import, all of it or nothing.
///
/// # Errors
/// [`UndoError`]; the database is then as it was.
pub fn undo(
    db: &Db,
    import: ImportId,
    mut occasion: Occasion<'_>,
) -> Result<PastImport, UndoError> {
    db.write_blocking(|conn| {
        queries::lock(conn)?;
        let Some(import) = history::find(conn, import)? else {
            return Err(UndoError::Hindered(Hindrance::Unknown));
        };
        if let Some(hindrance) = hindrance(conn, &import)? {
            return Err(UndoError::Hindered(hindrance));
        }
        if role_is_gone(conn, import.id)? {
            return Err(UndoError::Hindered(Hindrance::RoleGone));
        }
        queries::begin(conn)?;
        let mut work = Work::new(conn, &import, &mut occasion)?;
        work.remove_added()?;
        work.take_changes_back()?;
        work.bring_replaced_back()?;
        let upkeep = work.upkeep;
        let mut topics = versions::of_figures(&upkeep.finish(conn)?);
        topics.extend(remove_unused(conn, &import)?);
        mark(conn, &import, occasion.editor)?;
        settle(conn, &["candidates", "offers", "facts", "reports"])?;
        if (occasion.progress)(1, 1).is_break() {
            return Err(UndoError::Cancelled);
        }
        log::note(
            conn,
            occasion.editor,
            "undid",
            Thing::Import(import.id),
            &import.file_name,
        )?;
        (occasion.recorded)(conn, &import)?;
        versions::bump(conn, &topics)?;
        Ok(import)
    })
}

/// The rows of an import, on their way back.
struct Work<'w, 'o> {
    conn: &'w mut Conn,
    import: &'w PastImport,
    occasion: &'w mut Occasion<'o>,
    upkeep: Upkeep,
    done: u64,
    all: u64,
}

impl<'w, 'o> Work<'w, 'o> {
    fn new(
        conn: &'w mut Conn,
        import: &'w PastImport,
        occasion: &'w mut Occasion<'o>,
    ) -> QueryResult<Self> {
        let changes: i64 = import_changes::table
            .filter(import_changes::import_id.eq(import.id))
            .count()
            .get_result(conn)?;
        let replaced: i64 = replaced_candidates::table
            .filter(replaced_candidates::import_id.eq(import.id))
            .count()
            .get_result(conn)?;
        let (first, last) = import.added();
        let added = (last.0 - first.0 + 1).max(0);
        Ok(Self {
            conn,
            import,
            occasion,
            upkeep: Upkeep::default(),
            done: 0,
            // Deriving the figures again takes about as long as all else.
            all: 2 * (changes + replaced + added).unsigned_abs(),
        })
    }

    fn step(&mut self, units: u64) -> Result<(), UndoError> {
        self.done += units;
        match (self.occasion.progress)(self.done, self.all.max(1)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(UndoError::Cancelled),
        }
    }

    /// Removes the candidates whom the import added, and their offers with them.
    fn remove_added(&mut self) -> Result<(), UndoError> {
        let (first, last) = self.import.added();
        for (from, to) in key_ranges(first, last) {
            let added = candidates::table
                .filter(candidates::id.between(from, to))
                .filter(candidates::source_id.eq(self.import.source_id));
            diesel::delete(added).execute(self.conn)?;
            self.changed(from, to);
            self.step((to.0 - from.0 + 1).unsigned_abs())?;
        }
        Ok(())
    }

    /// Takes back what the import did to rows that were there before, the last change first.
    fn take_changes_back(&mut self) -> Result<(), UndoError> {
        let mut before = i64::MAX;
        loop {
            let changes: Vec<Change> = import_changes::table
                .filter(import_changes::import_id.eq(self.import.id))
                .filter(import_changes::position.lt(before))
                .order(import_changes::position.desc())
                .limit(CHANGES_TOGETHER)
                .select(Change::as_select())
                .load(self.conn)?;
            let Some(last) = changes.last() else {
                return Ok(());
            };
            before = last.position;
            for change in &changes {
                self.take_back(change)?;
                self.upkeep.changed(Block::of(change.candidate_id));
            }
            self.step(changes.len() as u64)?;
        }
    }

    fn take_back(&mut self, change: &Change) -> Result<(), UndoError> {
        match change.kind {
            ChangeKind::CandidateChanged => {
                queries::update_candidate(self.conn, &former::<CandidateRow>(change)?)?;
            }
            ChangeKind::CandidateRemoved => {
                queries::insert_candidates(self.conn, &[former(change)?])?;
            }
            ChangeKind::OfferAdded => {
                let number = change.number.unwrap_or_default();
                queries::delete_offer(self.conn, change.candidate_id, number)?;
            }
            ChangeKind::OfferChanged => {
                queries::update_offer(self.conn, &former::<OfferRow>(change)?)?;
            }
            ChangeKind::OfferRemoved => queries::insert_offers(self.conn, &[former(change)?])?,
        }
        Ok(())
    }

    /// Brings back the rows that made way for those of the import.
    fn bring_replaced_back(&mut self) -> Result<(), UndoError> {
        let of_import =
            replaced_candidates::table.filter(replaced_candidates::import_id.eq(self.import.id));
        let ends: (Option<CandidateId>, Option<CandidateId>) = of_import
            .select((
                diesel::dsl::min(replaced_candidates::id),
                diesel::dsl::max(replaced_candidates::id),
            ))
            .first(self.conn)?;
        let (Some(first), Some(last)) = ends else {
            return Ok(());
        };
        for (from, to) in key_ranges(first, last) {
            let rows = bring_back(self.conn, self.import.id, from, to)?;
            if rows > 0 {
                let blocks: Vec<i64> = of_import
                    .filter(replaced_candidates::id.between(from, to))
                    .select(sql::<BigInt>(&format!("id >> {}", Block::BITS)))
                    .distinct()
                    .load(self.conn)?;
                for block in blocks {
                    let key = CandidateId(block << Block::BITS);
                    self.upkeep.changed(Block::of(key));
                }
                self.step(rows)?;
            }
        }
        diesel::delete(of_import).execute(self.conn)?;
        Ok(())
    }

    fn changed(&mut self, from: CandidateId, to: CandidateId) {
        let mut key = from;
        while key <= to {
            let block = Block::of(key);
            self.upkeep.changed(block);
            key = CandidateId(block.keys().1.0 + 1);
        }
    }
}

/// The keys from the first to the last, so many together.
fn key_ranges(
    first: CandidateId,
    last: CandidateId,
) -> impl Iterator<Item = (CandidateId, CandidateId)> {
    (first.0..=last.0)
        .step_by(usize::try_from(KEYS_TOGETHER).unwrap_or(1))
        .map(move |from| {
            let to = (from + KEYS_TOGETHER - 1).min(last.0);
            (CandidateId(from), CandidateId(to))
        })
}

fn former<T: serde::de::DeserializeOwned>(change: &Change) -> QueryResult<T> {
    serde_json::from_str(change.former.as_deref().unwrap_or_default())
        .map_err(|error| Error::DeserializationError(Box::new(error)))
}

/// Copies replaced rows of a range of keys back, and says how many candidates that were.
fn bring_back(
    conn: &mut Conn,
    import: ImportId,
    from: CandidateId,
    to: CandidateId,
) -> QueryResult<u64> {
    let people = replaced_candidates::table
        .filter(replaced_candidates::import_id.eq(import))
        .filter(replaced_candidates::id.between(from, to))
        .select((
            replaced_candidates::id,
            replaced_candidates::source_id,
            replaced_candidates::role_id,
            replaced_candidates::source_key,
            replaced_candidates::seniority,
            replaced_candidates::experience_years,
            replaced_candidates::country,
            replaced_candidates::english,
            replaced_candidates::monthly_usd,
            replaced_candidates::technologies,
        ));
    let rows = on_either!(conn, conn => diesel::insert_into(candidates::table)
        .values(people)
        .into_columns((
            candidates::id,
            candidates::source_id,
            candidates::role_id,
            candidates::source_key,
            candidates::seniority,
            candidates::experience_years,
            candidates::country,
            candidates::english,
            candidates::monthly_usd,
            candidates::technologies,
        ))
        .execute(conn))?;
    let of_import = replaced_candidates::table
        .filter(replaced_candidates::import_id.eq(import))
        .filter(replaced_candidates::id.between(from, to))
        .select(replaced_candidates::id);
    let received = replaced_offers::table
        .filter(replaced_offers::candidate_id.between(from, to))
        .filter(replaced_offers::candidate_id.eq_any(of_import))
        .select((
            replaced_offers::candidate_id,
            replaced_offers::number,
            replaced_offers::source_id,
            replaced_offers::source_key,
            replaced_offers::monthly_usd,
            replaced_offers::offered_on,
            replaced_offers::status,
        ));
    on_either!(conn, conn => diesel::insert_into(offers::table)
        .values(received)
        .into_columns((
            offers::candidate_id,
            offers::number,
            offers::source_id,
            offers::source_key,
            offers::monthly_usd,
            offers::offered_on,
            offers::status,
        ))
        .execute(conn))?;
    Ok(rows as u64)
}

/// Whether rows that would come back have a role that is no more.
fn role_is_gone(conn: &mut Conn, import: ImportId) -> QueryResult<bool> {
    let named: Vec<RoleId> = replaced_candidates::table
        .filter(replaced_candidates::import_id.eq(import))
        .select(replaced_candidates::role_id)
        .distinct()
        .load(conn)?;
    let mut named: BTreeSet<RoleId> = named.into_iter().collect();
    let mut after = 0;
    loop {
        let changes: Vec<Change> = import_changes::table
            .filter(import_changes::import_id.eq(import))
            .filter(import_changes::position.gt(after))
            .filter(
                import_changes::kind
                    .eq_any([ChangeKind::CandidateChanged, ChangeKind::CandidateRemoved]),
            )
            .order(import_changes::position)
            .limit(CHANGES_TOGETHER)
            .select(Change::as_select())
            .load(conn)?;
        let Some(last) = changes.last() else {
            break;
        };
        after = last.position;
        for change in &changes {
            named.insert(former::<CandidateRow>(change)?.role_id);
        }
    }
    let known: Vec<RoleId> = roles::table.select(roles::id).load(conn)?;
    Ok(named.iter().any(|role| !known.contains(role)))
}

/// Removes the roles and technologies that the import created and nobody has any more. Answers what pages showed of them.
fn remove_unused(conn: &mut Conn, import: &PastImport) -> QueryResult<Vec<Topic>> {
    let Some(report) = import.report() else {
        return Ok(Vec::new());
    };
    let mut topics = Vec::new();
    let created: Vec<RoleId> = roles::table
        .filter(roles::slug.eq_any(&report.written.new_roles))
        .select(roles::id)
        .load(conn)?;
    for role in created {
        if is_role_unused(conn, role)? {
            diesel::delete(roles::table.find(role)).execute(conn)?;
            topics.push(Topic::Role(role));
        }
    }
    let created: Vec<TechnologyId> = technologies::table
        .filter(technologies::slug.eq_any(&report.written.new_technologies))
        .select(technologies::id)
        .load(conn)?;
    for technology in created {
        if is_technology_unused(conn, technology)? {
            diesel::delete(technologies::table.find(technology)).execute(conn)?;
            topics.push(Topic::Technology(technology));
        }
    }
    if !topics.is_empty() {
        topics.push(Topic::Figures);
    }
    Ok(topics)
}

fn is_role_unused(conn: &mut Conn, role: RoleId) -> QueryResult<bool> {
    let candidate: Option<CandidateId> = candidates::table
        .filter(candidates::role_id.eq(role))
        .select(candidates::id)
        .first(conn)
        .optional()?;
    let articles: i64 = articles::table
        .filter(articles::role_id.eq(role))
        .count()
        .get_result(conn)?;
    // Rows that are set aside may come back.
    let replaced: Option<CandidateId> = replaced_candidates::table
        .filter(replaced_candidates::role_id.eq(role))
        .select(replaced_candidates::id)
        .first(conn)
        .optional()?;
    let is_unused = candidate.is_none() && articles == 0 && replaced.is_none();
    Ok(is_unused && !interests::name_role(conn, role)?)
}

/// Every technology that a candidate knows has reports.
fn is_technology_unused(conn: &mut Conn, technology: TechnologyId) -> QueryResult<bool> {
    let reports: i64 = reports::table
        .filter(reports::technology_id.eq(technology))
        .count()
        .get_result(conn)?;
    let articles: i64 = articles::table
        .filter(articles::technology_id.eq(technology))
        .count()
        .get_result(conn)?;
    let replaced: Option<CandidateId> = replaced_candidates::table
        .select(replaced_candidates::id)
        .first(conn)
        .optional()?;
    let is_unused = reports == 0 && articles == 0 && replaced.is_none();
    Ok(is_unused && !interests::name_technology(conn, technology)?)
}

/// Marks the import as undone, and those that it replaced as standing again.
fn mark(conn: &mut Conn, import: &PastImport, editor: Option<EditorId>) -> QueryResult<()> {
    diesel::update(imports::table.filter(imports::replaced_by.eq(import.id)))
        .set((
            imports::replaced_at.eq(None::<NaiveDateTime>),
            imports::replaced_by.eq(None::<ImportId>),
        ))
        .execute(conn)?;
    diesel::delete(import_changes::table.filter(import_changes::import_id.eq(import.id)))
        .execute(conn)?;
    diesel::update(imports::table.find(import.id))
        .set((
            imports::undone_at.eq(Utc::now().naive_utc()),
            imports::undone_by.eq(editor),
        ))
        .execute(conn)?;
    Ok(())
}
