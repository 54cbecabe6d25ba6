//! Statements of the importer.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::pg::CopyFormat;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Serialize};

use super::history::Journal;
use super::profile::SourceProfile;
use super::report::Report;
use crate::db::{BinaryRows, Conn, PutOff, insert_all};
use crate::ids::{CandidateId, EditorId, ImportId, RoleId, SourceId, TechnologyId};
use crate::market::{
    Country, English, OfferStatus, PayBasis, Seniority, Skills, Source, SourceKey,
};
use crate::money::MonthlyUsd;
use crate::schema::{
    candidates, imports, offers, removed_offers, role_redirects, roles, sources, technologies,
    technology_redirects,
};
use crate::slug::Slug;

/// The source of that slug.
pub(super) fn source_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Source>> {
    sources::table
        .filter(sources::slug.eq(slug))
        .first(conn)
        .optional()
}

/// Creates a source.
pub(super) fn create_source(conn: &mut Conn, profile: &SourceProfile) -> QueryResult<Source> {
    diesel::insert_into(sources::table)
        .values((
            sources::slug.eq(&profile.slug),
            sources::name.eq(&profile.name),
            sources::url.eq(&profile.url),
            sources::licence.eq(&profile.licence),
            sources::pay.eq(profile.pay.unwrap_or(PayBasis::Gross)),
        ))
        .returning(sources::all_columns)
        .get_result(conn)
}

/// When the same bytes were imported into the source; `None` where they were not, or were replaced since.
pub(super) fn earlier_import(
    conn: &mut Conn,
    source: SourceId,
    sha256: &str,
) -> QueryResult<Option<NaiveDateTime>> {
    imports::table
        .filter(imports::source_id.eq(source))
        .filter(imports::sha256.eq(sha256))
        .filter(imports::replaced_at.is_null())
        .filter(imports::undone_at.is_null())
        .select(imports::finished_at)
        .first(conn)
        .optional()
}

/// Removes every candidate of the source, and the offers with them, and marks its imports as replaced, by another one where
/// an import does so.
pub(super) fn clear_source(
    conn: &mut Conn,
    source: SourceId,
    by: Option<ImportId>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::delete(candidates::table.filter(candidates::source_id.eq(source))).execute(conn)?;
    let replaced = imports::table
        .filter(imports::source_id.eq(source))
        .filter(imports::replaced_at.is_null())
        .filter(imports::undone_at.is_null())
        .filter(imports::id.ne(by.unwrap_or(ImportId(0))));
    diesel::update(replaced)
        .set((imports::replaced_at.eq(now), imports::replaced_by.eq(by)))
        .execute(conn)?;
    Ok(())
}

/// An import that begins.
#[derive(Insertable)]
#[diesel(table_name = imports)]
pub(super) struct NewImport<'a> {
    pub(super) source_id: SourceId,
    pub(super) file_name: &'a str,
    pub(super) sha256: &'a str,
    pub(super) editor_id: Option<EditorId>,
    pub(super) profile: Option<String>,
    pub(super) replaces: bool,
    pub(super) journal: Journal,
    pub(super) rows_read: i64,
    pub(super) accepted: i64,
    pub(super) skipped: i64,
    pub(super) rejected: i64,
    pub(super) finished_at: NaiveDateTime,
}

impl NewImport<'_> {
    /// Gives it a key, under which it writes down what it does.
    pub(super) fn begin(&self, conn: &mut Conn) -> QueryResult<ImportId> {
        diesel::insert_into(imports::table)
            .values(self)
            .returning(imports::id)
            .get_result(conn)
    }
}

/// Writes down what an import did in the end, and the keys of the candidates that it added.
pub(super) fn finish_import(
    conn: &mut Conn,
    import: ImportId,
    report: &Report,
    added: (CandidateId, CandidateId),
    now: NaiveDateTime,
) -> QueryResult<()> {
    let json = serde_json::to_string(report)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    diesel::update(imports::table.find(import))
        .set((
            imports::rows_read.eq(report.rows_read.cast_signed()),
            imports::accepted.eq(report.accepted.cast_signed()),
            imports::skipped.eq(report.skipped.cast_signed()),
            imports::rejected.eq(report.rejected.cast_signed()),
            imports::report.eq(json),
            imports::first_candidate.eq(added.0),
            imports::last_candidate.eq(added.1),
            imports::finished_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A row of `candidates`.
#[derive(Clone, Debug, PartialEq, Insertable, Queryable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = candidates)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub(crate) struct CandidateRow {
    pub(crate) id: CandidateId,
    pub(crate) source_id: SourceId,
    pub(crate) role_id: RoleId,
    pub(crate) source_key: Option<SourceKey>,
    pub(crate) seniority: Option<Seniority>,
    pub(crate) experience_years: Option<f64>,
    pub(crate) country: Option<Country>,
    pub(crate) english: Option<English>,
    pub(crate) monthly_usd: Option<MonthlyUsd>,
    pub(crate) technologies: Skills,
}

/// A row of `offers`.
#[derive(
    Clone, Debug, PartialEq, Eq, Insertable, Queryable, AsChangeset, Serialize, Deserialize,
)]
#[diesel(table_name = offers)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub(crate) struct OfferRow {
    pub(crate) candidate_id: CandidateId,
    pub(crate) number: i64,
    pub(crate) source_id: SourceId,
    pub(crate) source_key: Option<SourceKey>,
    pub(crate) monthly_usd: MonthlyUsd,
    pub(crate) offered_on: NaiveDate,
    pub(crate) status: OfferStatus,
}

/// Keeps other writers out until the transaction ends; readers do not feel it. On `SQLite` the transaction does so.
pub(crate) fn lock(conn: &mut Conn) -> QueryResult<()> {
    if let Conn::Postgres(conn) = conn {
        conn.batch_execute("LOCK TABLE candidates, offers IN SHARE ROW EXCLUSIVE MODE")?;
    }
    Ok(())
}

/// Keys of roles by slug, and by the slugs that lead to them.
pub(super) fn roles_by_slug(conn: &mut Conn) -> QueryResult<HashMap<Slug, RoleId>> {
    let known: Vec<(Slug, RoleId)> = roles::table.select((roles::slug, roles::id)).load(conn)?;
    let former: Vec<(Slug, RoleId)> = role_redirects::table.load(conn)?;
    Ok(known.into_iter().chain(former).collect())
}

/// Keys of technologies by slug, and by the slugs that lead to them.
pub(super) fn technologies_by_slug(conn: &mut Conn) -> QueryResult<HashMap<Slug, TechnologyId>> {
    let known = technologies::table.select((technologies::slug, technologies::id));
    let known: Vec<(Slug, TechnologyId)> = known.load(conn)?;
    let former: Vec<(Slug, TechnologyId)> = technology_redirects::table.load(conn)?;
    Ok(known.into_iter().chain(former).collect())
}

/// Keys for so many roles or technologies that are created later in this transaction: on `SQLite` those after the last one,
/// which another writer could not take; on `PostgreSQL` nobody else gets them.
pub(super) fn reserve_keys(
    conn: &mut Conn,
    table: &str,
    after: i64,
    how_many: usize,
) -> QueryResult<Vec<i64>> {
    match conn {
        Conn::Sqlite(conn) => {
            let last: i64 = diesel::select(sql::<BigInt>(&format!(
                "(SELECT coalesce(max(id), 0) FROM {table})"
            )))
            .get_result(conn)?;
            Ok((last.max(after) + 1..).take(how_many).collect())
        }
        Conn::Postgres(conn) => diesel::select(sql::<BigInt>(&format!(
            "nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, {how_many})"
        )))
        .load(conn),
    }
}

/// A role to be created.
#[derive(Insertable)]
#[diesel(table_name = roles)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct NewRole {
    pub(super) id: RoleId,
    pub(super) slug: Slug,
    pub(super) name: String,
    pub(super) job_title: String,
}

/// A technology to be created.
#[derive(Insertable)]
#[diesel(table_name = technologies)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct NewTechnology {
    pub(super) id: TechnologyId,
    pub(super) slug: Slug,
    pub(super) name: String,
}

/// Creates roles.
pub(super) fn create_roles(conn: &mut Conn, new: &[NewRole]) -> QueryResult<()> {
    insert_all!(conn, roles::table, new);
    Ok(())
}

/// Creates technologies.
pub(super) fn create_technologies(conn: &mut Conn, new: &[NewTechnology]) -> QueryResult<()> {
    insert_all!(conn, technologies::table, new);
    Ok(())
}

/// The highest key that a candidate has or ever had by an import; 0 where there was none. Keys are not given twice, so that
/// those whom an import or an editor removed can come back.
pub(crate) fn last_candidate(conn: &mut Conn) -> QueryResult<CandidateId> {
    let last: Option<CandidateId> = candidates::table
        .select(diesel::dsl::max(candidates::id))
        .first(conn)?;
    let given: Option<CandidateId> = imports::table
        .select(diesel::dsl::max(imports::last_candidate))
        .first(conn)?;
    let removed: Option<CandidateId> = removed_offers::table
        .select(diesel::dsl::max(removed_offers::candidate_id))
        .first(conn)?;
    Ok(last.max(given).max(removed).unwrap_or(CandidateId(0)))
}

/// Whether the source has any candidate.
pub(super) fn is_empty(conn: &mut Conn, source: SourceId) -> QueryResult<bool> {
    let any: Option<CandidateId> = candidates::table
        .filter(candidates::source_id.eq(source))
        .select(candidates::id)
        .first(conn)
        .optional()?;
    Ok(any.is_none())
}

/// The source's candidates of those keys.
pub(super) fn candidates_by_key(
    conn: &mut Conn,
    source: SourceId,
    keys: &[SourceKey],
) -> QueryResult<Vec<CandidateRow>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    candidates::table
        .filter(candidates::source_id.eq(source))
        .filter(candidates::source_key.eq_any(keys))
        .load(conn)
}

/// The candidates of those keys in the database.
pub(crate) fn candidates_by_id(
    conn: &mut Conn,
    ids: &[CandidateId],
) -> QueryResult<Vec<CandidateRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    candidates::table
        .filter(candidates::id.eq_any(ids))
        .load(conn)
}

/// The source's offers of those keys.
pub(crate) fn offers_by_key(
    conn: &mut Conn,
    source: SourceId,
    keys: &[SourceKey],
) -> QueryResult<Vec<OfferRow>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    offers::table
        .filter(offers::source_id.eq(source))
        .filter(offers::source_key.eq_any(keys))
        .load(conn)
}

/// The highest number of the candidates' offers; candidates without offers are absent.
pub(crate) fn last_numbers(
    conn: &mut Conn,
    ids: &[CandidateId],
) -> QueryResult<HashMap<CandidateId, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let last: Vec<(CandidateId, Option<i64>)> = offers::table
        .filter(offers::candidate_id.eq_any(ids))
        .group_by(offers::candidate_id)
        .select((offers::candidate_id, diesel::dsl::max(offers::number)))
        .load(conn)?;
    let last = last.into_iter();
    Ok(last
        .filter_map(|(id, number)| Some((id, number?)))
        .collect())
}

/// Adds candidates.
pub(crate) fn insert_candidates(conn: &mut Conn, rows: &[CandidateRow]) -> QueryResult<()> {
    if let Conn::Postgres(conn) = conn {
        return copy_candidates(conn, rows);
    }
    insert_all!(conn, candidates::table, rows);
    Ok(())
}

/// Adds offers.
pub(crate) fn insert_offers(conn: &mut Conn, rows: &[OfferRow]) -> QueryResult<()> {
    if let Conn::Postgres(conn) = conn {
        return copy_offers(conn, rows);
    }
    insert_all!(conn, offers::table, rows);
    Ok(())
}

/// Bytes that a row takes on its way to the server, about.
const BYTES_OF_A_COPY: usize = 160;

fn copy_candidates(conn: &mut PgConnection, rows: &[CandidateRow]) -> QueryResult<()> {
    let mut copy = BinaryRows::with_room(rows.len() * BYTES_OF_A_COPY);
    for row in rows {
        copy.row(10);
        copy.value(row.id.0.to_be_bytes());
        copy.value(row.source_id.0.to_be_bytes());
        copy.value(row.role_id.0.to_be_bytes());
        copy.value_or_none(row.source_key.as_ref().map(SourceKey::as_str));
        copy.value_or_none(row.seniority.map(Seniority::as_str));
        copy.value_or_none(row.experience_years.map(f64::to_be_bytes));
        copy.value_or_none(row.country.map(Country::as_str));
        copy.value_or_none(row.english.map(English::as_str));
        copy.value_or_none(row.monthly_usd.map(|salary| salary.dollars().to_be_bytes()));
        copy.value(row.technologies.as_json());
    }
    diesel::copy_from(candidates::table)
        .from_raw_data(candidates::all_columns, |out| copy.write_to(out))
        .with_format(CopyFormat::Binary)
        .execute(conn)?;
    Ok(())
}

fn copy_offers(conn: &mut PgConnection, rows: &[OfferRow]) -> QueryResult<()> {
    let mut copy = BinaryRows::with_room(rows.len() * BYTES_OF_A_COPY);
    for row in rows {
        copy.row(7);
        copy.value(row.candidate_id.0.to_be_bytes());
        copy.value(row.number.to_be_bytes());
        copy.value(row.source_id.0.to_be_bytes());
        copy.value_or_none(row.source_key.as_ref().map(SourceKey::as_str));
        copy.value(row.monthly_usd.dollars().to_be_bytes());
        copy.day(row.offered_on);
        copy.value(row.status.as_str());
    }
    diesel::copy_from(offers::table)
        .from_raw_data(offers::all_columns, |out| copy.write_to(out))
        .with_format(CopyFormat::Binary)
        .execute(conn)?;
    Ok(())
}

/// Changes a candidate.
pub(crate) fn update_candidate(conn: &mut Conn, row: &CandidateRow) -> QueryResult<()> {
    diesel::update(candidates::table.find(row.id))
        .set(row)
        .execute(conn)?;
    Ok(())
}

/// Changes an offer.
pub(crate) fn update_offer(conn: &mut Conn, row: &OfferRow) -> QueryResult<()> {
    diesel::update(offers::table.find((row.candidate_id, row.number)))
        .set(row)
        .execute(conn)?;
    Ok(())
}

/// Removes an offer.
pub(crate) fn delete_offer(
    conn: &mut Conn,
    candidate: CandidateId,
    number: i64,
) -> QueryResult<()> {
    diesel::delete(offers::table.find((candidate, number))).execute(conn)?;
    Ok(())
}

/// Removes a candidate who has no offer left, and says who that was.
pub(super) fn delete_bereft(
    conn: &mut Conn,
    candidate: CandidateId,
) -> QueryResult<Option<CandidateRow>> {
    let left: i64 = offers::table
        .filter(offers::candidate_id.eq(candidate))
        .count()
        .get_result(conn)?;
    if left > 0 {
        return Ok(None);
    }
    let row = candidates::table.find(candidate).first(conn).optional()?;
    diesel::delete(candidates::table.find(candidate)).execute(conn)?;
    Ok(row)
}

/// Prepares for statements about tables that grow from nothing to anything in one transaction: on `PostgreSQL`, a plan is made
/// for the empty table and kept for the full one, of which each batch would read every row. Reading every row counts as dear from
/// then on, which would have even small statements compiled.
pub(super) fn begin(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(conn) => {
            conn.batch_execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
        }
    }
}

/// Puts off the indexes of candidates and offers, as long as there is none.
pub(crate) fn put_off_indexes(conn: &mut Conn) -> QueryResult<PutOff> {
    PutOff::indexes_of(conn, &["candidates", "offers"], &["candidates"])
}
