//! Finished imports: what each did, and what of it is kept so that it can be undone.

use chrono::{Days, NaiveDateTime};
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::report::Report;
use crate::db::{Conn, on_either};
use crate::ids::{CandidateId, EditorId, ImportId, SourceId};
use crate::market::words::vocabulary;
use crate::salaries::blocks_of_source;
use crate::schema::{
    candidate_edits, candidates, editors, import_changes, imports, offers, replaced_candidates,
    replaced_offers, sources,
};

/// Days for which it is kept what an import changed and replaced.
pub const KEPT_DAYS: u64 = 90;

/// Blocks of candidates that are set aside with one statement.
const BLOCKS_TOGETHER: usize = 64;

vocabulary! {
    /// Whether it is written down what an import changed and removed.
    Journal, "a state of a journal" {
        /// It is not: the import is older than its history.
        Missing = "missing", "missing";
        /// It is.
        Kept = "kept", "kept";
        /// It was, and is thrown away.
        Forgotten = "forgotten", "forgotten";
    }
}

/// A finished import.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct PastImport {
    /// Key.
    pub id: ImportId,
    /// The source that the rows went into.
    pub source_id: SourceId,
    /// Its readable name.
    pub source: String,
    /// Name of the file.
    pub file_name: String,
    /// Rows read.
    pub rows_read: i64,
    /// Rows that became a candidate or an offer.
    pub accepted: i64,
    /// Rows of no known role.
    pub skipped: i64,
    /// Rows with an error.
    pub rejected: i64,
    /// When, UTC.
    pub finished_at: NaiveDateTime,
    /// Who imported; nobody for the command.
    pub editor: Option<String>,
    /// Whether the source's rows made way.
    pub replaces: bool,
    /// When its rows made way for those of another one, UTC.
    pub replaced_at: Option<NaiveDateTime>,
    /// Which one that was.
    pub replaced_by: Option<ImportId>,
    /// When it was undone, UTC.
    pub undone_at: Option<NaiveDateTime>,
    /// Who undid it.
    pub undone_by: Option<EditorId>,
    /// The keys of the candidates that it added.
    first_candidate: Option<CandidateId>,
    last_candidate: Option<CandidateId>,
    /// Whether it is written down what it changed.
    pub journal: Journal,
    report: Option<String>,
    /// The profile as TOML; none in the canonical form.
    pub profile: Option<String>,
}

impl PastImport {
    /// What it did, where that was written down.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        serde_json::from_str(self.report.as_deref()?).ok()
    }

    /// The keys of the candidates that it added: the first and the last; the last is lower where there was none.
    pub(super) fn added(&self) -> (CandidateId, CandidateId) {
        let none = (CandidateId(1), CandidateId(0));
        let (first, last) = (self.first_candidate, self.last_candidate);
        first.zip(last).unwrap_or(none)
    }
}

/// All columns of a [`PastImport`], in its order.
macro_rules! past_imports {
    () => {
        imports::table
            .inner_join(sources::table)
            .left_join(editors::table.on(editors::id.nullable().eq(imports::editor_id)))
            .select((
                imports::id,
                imports::source_id,
                sources::name,
                imports::file_name,
                imports::rows_read,
                imports::accepted,
                imports::skipped,
                imports::rejected,
                imports::finished_at,
                editors::name.nullable(),
                imports::replaces,
                imports::replaced_at,
                imports::replaced_by,
                imports::undone_at,
                imports::undone_by,
                imports::first_candidate,
                imports::last_candidate,
                imports::journal,
                imports::report,
                imports::profile,
            ))
    };
}

/// The newest imports, after so many newer ones.
///
/// # Errors
/// When the database fails, as every query here.
pub fn newest(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<PastImport>> {
    past_imports!()
        .order((imports::finished_at.desc(), imports::id.desc()))
        .offset(after)
        .limit(limit)
        .load(conn)
}

/// How many imports there are.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    imports::table.count().get_result(conn)
}

/// One import.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, id: ImportId) -> QueryResult<Option<PastImport>> {
    past_imports!()
        .filter(imports::id.eq(id))
        .first(conn)
        .optional()
}

/// The newest of the later imports of the same source that stand and satisfy a condition.
pub(super) fn later_of_source(
    conn: &mut Conn,
    import: &PastImport,
    condition: Later,
) -> QueryResult<Option<PastImport>> {
    let later: Vec<(ImportId, Journal)> = imports::table
        .filter(imports::source_id.eq(import.source_id))
        .filter(imports::id.gt(import.id))
        .filter(imports::undone_at.is_null())
        .select((imports::id, imports::journal))
        .load(conn)?;
    if later.is_empty() {
        return Ok(None);
    }
    let ids = || later.iter().map(|(id, _)| *id);
    let found = match condition {
        Later::Any => ids().max(),
        Later::Unknown => {
            let unknown = later
                .iter()
                .filter(|(_, journal)| *journal != Journal::Kept);
            unknown.map(|(id, _)| *id).max()
        }
        Later::Touching => {
            let later: Vec<ImportId> = ids().collect();
            let added = changed_within(conn, &later, import.added())?;
            added.max(changed_alike(conn, &later, import.id)?)
        }
    };
    match found {
        Some(id) => find(conn, id),
        None => Ok(None),
    }
}

/// Which later imports are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Later {
    /// All.
    Any,
    /// Those of which it is not known any more what they changed.
    Unknown,
    /// Those that changed rows which the import added or changed.
    Touching,
}

/// The newest of some imports that changed candidates whose keys lie in a range.
fn changed_within(
    conn: &mut Conn,
    imports: &[ImportId],
    (first, last): (CandidateId, CandidateId),
) -> QueryResult<Option<ImportId>> {
    import_changes::table
        .filter(import_changes::import_id.eq_any(imports))
        .filter(import_changes::candidate_id.between(first, last))
        .select(max(import_changes::import_id))
        .first(conn)
}

/// The newest of some imports that changed candidates whom another one changed as well.
fn changed_alike(
    conn: &mut Conn,
    imports: &[ImportId],
    import: ImportId,
) -> QueryResult<Option<ImportId>> {
    let others = diesel::alias!(import_changes as others);
    import_changes::table
        .inner_join(
            others.on(others
                .field(import_changes::candidate_id)
                .eq(import_changes::candidate_id)),
        )
        .filter(import_changes::import_id.eq(import))
        .filter(others.field(import_changes::import_id).eq_any(imports))
        .select(max(others.field(import_changes::import_id)))
        .first(conn)
}

/// Whether an editor changed one of the import's candidates by hand since.
pub(super) fn is_edited(conn: &mut Conn, import: &PastImport) -> QueryResult<bool> {
    let (first, last) = import.added();
    let added: Option<CandidateId> = candidate_edits::table
        .filter(candidate_edits::candidate_id.between(first, last))
        .filter(candidate_edits::edited_at.gt(import.finished_at))
        .select(candidate_edits::candidate_id)
        .first(conn)
        .optional()?;
    let changed: Option<CandidateId> = candidate_edits::table
        .inner_join(
            import_changes::table
                .on(import_changes::candidate_id.eq(candidate_edits::candidate_id)),
        )
        .filter(import_changes::import_id.eq(import.id))
        .filter(candidate_edits::edited_at.gt(import.finished_at))
        .select(candidate_edits::candidate_id)
        .first(conn)
        .optional()?;
    Ok(added.or(changed).is_some())
}

/// Notes that an editor changed, added or removed something of a candidate by hand, so that no import from before takes that
/// back unseen. Belongs into the transaction of the change.
///
/// # Errors
/// When the database fails.
pub fn note_edit(conn: &mut Conn, candidate: CandidateId, now: NaiveDateTime) -> QueryResult<()> {
    on_either!(conn, conn => diesel::insert_into(candidate_edits::table)
        .values((
            candidate_edits::candidate_id.eq(candidate),
            candidate_edits::edited_at.eq(now),
        ))
        .on_conflict(candidate_edits::candidate_id)
        .do_update()
        .set(candidate_edits::edited_at.eq(now))
        .execute(conn))?;
    Ok(())
}

/// Throws away what imports of long ago changed and replaced.
pub(super) fn forget_old(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<()> {
    let limit = now.checked_sub_days(Days::new(KEPT_DAYS)).unwrap_or(now);
    let old: Vec<ImportId> = imports::table
        .filter(imports::journal.eq(Journal::Kept))
        .filter(imports::finished_at.lt(limit))
        .select(imports::id)
        .load(conn)?;
    for import in old {
        forget(conn, import)?;
    }
    Ok(())
}

/// Throws away what an import changed and replaced. One that did neither can still be undone.
fn forget(conn: &mut Conn, import: ImportId) -> QueryResult<()> {
    let changes = import_changes::table.filter(import_changes::import_id.eq(import));
    let replaced = replaced_candidates::table.filter(replaced_candidates::import_id.eq(import));
    let thrown_away =
        diesel::delete(changes).execute(conn)? + diesel::delete(replaced).execute(conn)?;
    if thrown_away > 0 {
        diesel::update(imports::table.find(import))
            .set(imports::journal.eq(Journal::Forgotten))
            .execute(conn)?;
    }
    Ok(())
}

/// Sets a source's rows aside before they make way for those of an import. What an earlier import of the source set aside is
/// thrown away: a source is kept twice at most.
pub(super) fn set_aside(conn: &mut Conn, source: SourceId, import: ImportId) -> QueryResult<()> {
    let earlier: Vec<ImportId> = imports::table
        .filter(imports::source_id.eq(source))
        .filter(imports::id.ne(import))
        .filter(imports::replaces.eq(true))
        .filter(imports::journal.eq(Journal::Kept))
        .select(imports::id)
        .load(conn)?;
    for earlier in earlier {
        forget(conn, earlier)?;
    }
    let blocks: Vec<_> = blocks_of_source(conn, source)?.into_iter().collect();
    for blocks in blocks.chunks(BLOCKS_TOGETHER) {
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
            continue;
        };
        let keys = (first.keys().0, last.keys().1);
        set_aside_keys(conn, source, import, keys)?;
    }
    Ok(())
}

fn set_aside_keys(
    conn: &mut Conn,
    source: SourceId,
    import: ImportId,
    (first, last): (CandidateId, CandidateId),
) -> QueryResult<()> {
    let of_source = candidates::table
        .filter(candidates::id.between(first, last))
        .filter(candidates::source_id.eq(source))
        .select((
            candidates::id,
            sql::<BigInt>(&import.0.to_string()),
            candidates::source_id,
            candidates::role_id,
            candidates::source_key,
            candidates::seniority,
            candidates::experience_years,
            candidates::country,
            candidates::english,
            candidates::monthly_usd,
            candidates::technologies,
        ));
    on_either!(conn, conn => diesel::insert_into(replaced_candidates::table)
        .values(of_source)
        .into_columns((
            replaced_candidates::id,
            replaced_candidates::import_id,
            replaced_candidates::source_id,
            replaced_candidates::role_id,
            replaced_candidates::source_key,
            replaced_candidates::seniority,
            replaced_candidates::experience_years,
            replaced_candidates::country,
            replaced_candidates::english,
            replaced_candidates::monthly_usd,
            replaced_candidates::technologies,
        ))
        .execute(conn))?;
    let received = offers::table
        .filter(offers::candidate_id.between(first, last))
        .filter(offers::source_id.eq(source))
        .select((
            offers::candidate_id,
            offers::number,
            offers::source_id,
            offers::source_key,
            offers::monthly_usd,
            offers::offered_on,
            offers::status,
        ));
    on_either!(conn, conn => diesel::insert_into(replaced_offers::table)
        .values(received)
        .into_columns((
            replaced_offers::candidate_id,
            replaced_offers::number,
            replaced_offers::source_id,
            replaced_offers::source_key,
            replaced_offers::monthly_usd,
            replaced_offers::offered_on,
            replaced_offers::status,
        ))
        .execute(conn))?;
    Ok(())
}
