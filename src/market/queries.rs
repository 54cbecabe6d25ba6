//! Questions about roles, technologies and sources.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use super::{OfferStatus, Role, Source, Technology};
use crate::db::Conn;
use crate::ids::{CandidateId, RoleId, SourceId, TechnologyId};
use crate::money::{Grouped, MonthlyUsd};
use crate::salaries::{Month, NO_TECHNOLOGY};
use crate::schema::{
    articles, candidates, imports, offers, removed_offers, replaced_candidates, reports,
    role_redirects, role_sources, roles, sources, technologies, technology_redirects,
};
use crate::slug::Slug;

/// Every role, by name.
///
/// # Errors
/// When the database fails, as every query here.
pub fn roles(conn: &mut Conn) -> QueryResult<Vec<Role>> {
    roles::table.order((roles::name, roles::id)).load(conn)
}

/// Every technology, by name.
///
/// # Errors
/// When the database fails.
pub fn technologies(conn: &mut Conn) -> QueryResult<Vec<Technology>> {
    technologies::table
        .order((technologies::name, technologies::id))
        .load(conn)
}

/// Every source, by name.
///
/// # Errors
/// When the database fails.
pub fn sources(conn: &mut Conn) -> QueryResult<Vec<Source>> {
    sources::table
        .order((sources::name, sources::id))
        .load(conn)
}

/// The role of that key.
///
/// # Errors
/// When the database fails.
pub fn role(conn: &mut Conn, id: RoleId) -> QueryResult<Option<Role>> {
    roles::table.find(id).first(conn).optional()
}

/// The role of that slug.
///
/// # Errors
/// When the database fails.
pub fn role_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Role>> {
    roles::table
        .filter(roles::slug.eq(slug))
        .first(conn)
        .optional()
}

/// The technology of that slug.
///
/// # Errors
/// When the database fails.
pub fn technology_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Technology>> {
    technologies::table
        .filter(technologies::slug.eq(slug))
        .first(conn)
        .optional()
}

/// Creates a role.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn create_role(
    conn: &mut Conn,
    slug: &Slug,
    name: &str,
    job_title: &str,
) -> QueryResult<RoleId> {
    diesel::insert_into(roles::table)
        .values((
            roles::slug.eq(slug),
            roles::name.eq(name),
            roles::job_title.eq(job_title),
        ))
        .returning(roles::id)
        .get_result(conn)
}

/// Creates a technology.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn create_technology(conn: &mut Conn, slug: &Slug, name: &str) -> QueryResult<TechnologyId> {
    diesel::insert_into(technologies::table)
        .values((technologies::slug.eq(slug), technologies::name.eq(name)))
        .returning(technologies::id)
        .get_result(conn)
}

/// The source of that key.
///
/// # Errors
/// When the database fails.
pub fn source(conn: &mut Conn, id: SourceId) -> QueryResult<Option<Source>> {
    sources::table.find(id).first(conn).optional()
}

/// The source of that slug.
///
/// # Errors
/// When the database fails.
pub fn source_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Source>> {
    sources::table
        .filter(sources::slug.eq(slug))
        .first(conn)
        .optional()
}

/// The technology of that key.
///
/// # Errors
/// When the database fails.
pub fn technology(conn: &mut Conn, id: TechnologyId) -> QueryResult<Option<Technology>> {
    technologies::table.find(id).first(conn).optional()
}

/// Every slug that a role had before, or that was a merged role's, with the role that it leads to.
///
/// # Errors
/// When the database fails.
pub fn former_role_slugs(conn: &mut Conn) -> QueryResult<Vec<(Slug, RoleId)>> {
    role_redirects::table.order(role_redirects::slug).load(conn)
}

/// Every slug that a technology had before, or that was a merged technology's, with the technology that it leads to.
///
/// # Errors
/// When the database fails.
pub fn former_technology_slugs(conn: &mut Conn) -> QueryResult<Vec<(Slug, TechnologyId)>> {
    technology_redirects::table
        .order(technology_redirects::slug)
        .load(conn)
}

/// The role that a slug leads to: one that has it, or had it before.
///
/// # Errors
/// When the database fails.
pub fn role_by_any_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Role>> {
    if let Some(role) = role_by_slug(conn, slug)? {
        return Ok(Some(role));
    }
    roles::table
        .inner_join(role_redirects::table)
        .filter(role_redirects::slug.eq(slug))
        .select(roles::all_columns)
        .first(conn)
        .optional()
}

/// The technology that a slug leads to: one that has it, or had it before.
///
/// # Errors
/// When the database fails.
pub fn technology_by_any_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Technology>> {
    if let Some(technology) = technology_by_slug(conn, slug)? {
        return Ok(Some(technology));
    }
    technologies::table
        .inner_join(technology_redirects::table)
        .filter(technology_redirects::slug.eq(slug))
        .select(technologies::all_columns)
        .first(conn)
        .optional()
}

/// How much there is of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceCounts {
    /// Candidates.
    pub candidates: Grouped,
    /// Offers, counted or not.
    pub offers: Grouped,
    /// The month of the newest offer.
    pub newest_month: Option<Month>,
    /// When a file was last imported, UTC.
    pub last_import: Option<NaiveDateTime>,
}

/// How much there is of each source. Sources with nothing at all are absent.
///
/// # Errors
/// When the database fails.
pub fn source_counts(conn: &mut Conn) -> QueryResult<HashMap<SourceId, SourceCounts>> {
    let by_role: Vec<(SourceId, i64, i64, Option<NaiveDate>)> = role_sources::table
        .select((
            role_sources::source_id,
            role_sources::candidates,
            role_sources::offers,
            role_sources::newest_month,
        ))
        .load(conn)?;
    let files: Vec<(SourceId, Option<NaiveDateTime>)> = imports::table
        .group_by(imports::source_id)
        .select((imports::source_id, max(imports::finished_at)))
        .load(conn)?;
    let mut counts = HashMap::<SourceId, SourceCounts>::new();
    for (source, candidates, offers, newest) in by_role {
        let counts = counts.entry(source).or_default();
        counts.candidates.0 += candidates;
        counts.offers.0 += offers;
        counts.newest_month = counts.newest_month.max(newest.map(Month::of));
    }
    for (source, last_import) in files {
        counts.entry(source).or_default().last_import = last_import;
    }
    Ok(counts)
}

/// What a list of roles or technologies shows of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Candidates, as the salary pages count them.
    pub candidates: Grouped,
    /// Offers, as the salary pages count them.
    pub offers: Grouped,
    /// Articles that are attached.
    pub articles: Grouped,
}

/// What there is of each role. Roles with nothing at all are absent.
///
/// # Errors
/// When the database fails.
pub fn role_counts(conn: &mut Conn) -> QueryResult<HashMap<RoleId, Counts>> {
    let reported: Vec<(RoleId, i64, i64)> = reports::table
        .filter(reports::technology_id.eq(NO_TECHNOLOGY))
        .filter(reports::filter.eq(""))
        .select((reports::role_id, reports::candidates, reports::offers))
        .load(conn)?;
    let written: Vec<(Option<RoleId>, i64)> = articles::table
        .group_by(articles::role_id)
        .select((articles::role_id, count_star()))
        .load(conn)?;
    Ok(counts(reported, written))
}

/// What there is of each technology, all roles together. Technologies with nothing at all are absent.
///
/// # Errors
/// When the database fails.
pub fn technology_counts(conn: &mut Conn) -> QueryResult<HashMap<TechnologyId, Counts>> {
    let reported: Vec<(TechnologyId, i64, i64)> = reports::table
        .filter(reports::technology_id.ne(NO_TECHNOLOGY))
        .filter(reports::filter.eq(""))
        .select((reports::technology_id, reports::candidates, reports::offers))
        .load(conn)?;
    let written: Vec<(Option<TechnologyId>, i64)> = articles::table
        .group_by(articles::technology_id)
        .select((articles::technology_id, count_star()))
        .load(conn)?;
    Ok(counts(reported, written))
}

fn counts<Id: Copy + Eq + Hash>(
    reported: Vec<(Id, i64, i64)>,
    written: Vec<(Option<Id>, i64)>,
) -> HashMap<Id, Counts> {
    let mut counts = HashMap::<Id, Counts>::new();
    for (id, candidates, offers) in reported {
        let counts = counts.entry(id).or_default();
        counts.candidates.0 += candidates;
        counts.offers.0 += offers;
    }
    for (id, articles) in written {
        if let Some(id) = id {
            counts.entry(id).or_default().articles = Grouped(articles);
        }
    }
    counts
}

/// Candidates of a role, all there are.
///
/// # Errors
/// When the database fails.
pub fn candidates_of_role(conn: &mut Conn, role: RoleId) -> QueryResult<i64> {
    candidates::table
        .filter(candidates::role_id.eq(role))
        .count()
        .get_result(conn)
}

/// Candidates who know a technology, all there are.
///
/// # Errors
/// When the database fails.
pub fn candidates_who_know(conn: &mut Conn, technology: TechnologyId) -> QueryResult<i64> {
    candidates::table
        .filter(knows(technology))
        .count()
        .get_result(conn)
}

/// What a candidate received: which offer, salary, day, and what became of it.
pub type ReceivedOffer = (i64, MonthlyUsd, NaiveDate, OfferStatus);

/// A candidate's offers, the newest first.
///
/// # Errors
/// When the database fails.
pub fn offers_of_candidate(
    conn: &mut Conn,
    candidate: CandidateId,
) -> QueryResult<Vec<ReceivedOffer>> {
    offers::table
        .filter(offers::candidate_id.eq(candidate))
        .order((offers::offered_on.desc(), offers::number.desc()))
        .select((
            offers::number,
            offers::monthly_usd,
            offers::offered_on,
            offers::status,
        ))
        .load(conn)
}

/// Declares a condition on the column that lists technologies.
macro_rules! lists {
    ($(#[$doc:meta])* $name:ident, $column:expr) => {
        $(#[$doc])*
        #[diesel::dsl::auto_type]
        pub(crate) fn $name(technology: TechnologyId) -> _ {
            let key: i64 = technology.0;
            let alone: String = format!("[{key}]");
            let first: String = format!("[{key},%");
            let between: String = format!("%,{key},%");
            let last: String = format!("%,{key}]");
            $column
                .like(first)
                .or($column.like(between))
                .or($column.like(last))
                .or($column.like(alone))
        }
    };
}

lists!(
    /// A condition on candidates: that they know a technology.
    knows,
    candidates::technologies
);
lists!(
    /// A condition on candidates that made way for others: that they knew a technology.
    knew,
    replaced_candidates::technologies
);
lists!(
    /// A condition on removed offers: that their candidates knew a technology.
    knew_when_removed,
    removed_offers::technologies
);
