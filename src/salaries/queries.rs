//! The facts of roles, read from the database.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::selection::{Candidate, Facts, Offer};
use super::window::{Month, Window};
use crate::db::Conn;
use crate::ids::{CandidateId, RoleId, SourceId, TechnologyId};
use crate::market::{Country, English, ExperienceBand, OfferStatus, PayBasis, Seniority};
use crate::money::MonthlyUsd;
use crate::schema::{candidate_technologies, candidates, offers, sources};

/// Which candidates to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of every role; without their technologies.
    All,
    /// Those of one role, with their technologies.
    Role(RoleId),
    /// Those who know a technology, in every role; without their technologies.
    Technology(TechnologyId),
}

type CandidateRow = (
    CandidateId,
    RoleId,
    SourceId,
    PayBasis,
    Option<Seniority>,
    Option<f64>,
    Option<Country>,
    Option<English>,
);

type OfferRow = (CandidateId, MonthlyUsd, NaiveDate, OfferStatus);

/// The facts of the scope, role by role. Roles without candidates are absent.
///
/// # Errors
/// When the database fails.
pub fn facts(conn: &mut Conn, scope: Scope) -> QueryResult<BTreeMap<RoleId, Facts>> {
    let mut facts = BTreeMap::<RoleId, Facts>::new();
    let mut places = HashMap::<CandidateId, (RoleId, usize)>::new();
    for (id, role, source, pay, seniority, years, country, english) in candidate_rows(conn, scope)?
    {
        let of_role = facts.entry(role).or_default();
        places.insert(id, (role, of_role.candidates.len()));
        of_role.candidates.push(Candidate {
            source,
            pay,
            seniority,
            experience: years.map(ExperienceBand::of),
            country,
            english,
        });
    }
    for (id, salary, offered_on, status) in offer_rows(conn, scope)? {
        if let Some(&(role, candidate)) = places.get(&id)
            && let Some(of_role) = facts.get_mut(&role)
        {
            of_role.offers.push(Offer {
                candidate,
                salary,
                month: Month::of(offered_on),
                counted: status == OfferStatus::Open,
            });
        }
    }
    if let Scope::Role(role) = scope
        && let Some(of_role) = facts.get_mut(&role)
    {
        of_role.technologies = technology_rows(conn, role)?
            .into_iter()
            .filter_map(|(id, technology)| Some((places.get(&id)?.1, technology)))
            .collect();
    }
    Ok(facts)
}

fn candidate_rows(conn: &mut Conn, scope: Scope) -> QueryResult<Vec<CandidateRow>> {
    let mut query = candidates::table.inner_join(sources::table).into_boxed();
    match scope {
        Scope::All => {}
        Scope::Role(role) => query = query.filter(candidates::role_id.eq(role)),
        Scope::Technology(technology) => {
            query = query.filter(candidates::id.eq_any(who_know(technology)));
        }
    }
    query
        .select((
            candidates::id,
            candidates::role_id,
            candidates::source_id,
            sources::pay,
            candidates::seniority,
            candidates::experience_years,
            candidates::country,
            candidates::english,
        ))
        .load(conn)
}

fn offer_rows(conn: &mut Conn, scope: Scope) -> QueryResult<Vec<OfferRow>> {
    let mut query = offers::table.inner_join(candidates::table).into_boxed();
    match scope {
        Scope::All => {}
        Scope::Role(role) => query = query.filter(candidates::role_id.eq(role)),
        Scope::Technology(technology) => {
            query = query.filter(candidates::id.eq_any(who_know(technology)));
        }
    }
    query
        .select((
            offers::candidate_id,
            offers::monthly_usd,
            offers::offered_on,
            offers::status,
        ))
        .load(conn)
}

fn technology_rows(conn: &mut Conn, role: RoleId) -> QueryResult<Vec<(CandidateId, TechnologyId)>> {
    candidate_technologies::table
        .inner_join(candidates::table)
        .filter(candidates::role_id.eq(role))
        .select((
            candidate_technologies::candidate_id,
            candidate_technologies::technology_id,
        ))
        .load(conn)
}

/// The keys of candidates who know a technology.
#[diesel::dsl::auto_type(no_type_alias)]
fn who_know(technology: TechnologyId) -> _ {
    let known: diesel::dsl::Eq<candidate_technologies::technology_id, TechnologyId> =
        candidate_technologies::technology_id.eq(technology);
    candidate_technologies::table
        .filter(known)
        .select(candidate_technologies::candidate_id)
}

/// The days of the first and the newest counted offer.
///
/// # Errors
/// When the database fails.
pub fn counted_days(conn: &mut Conn) -> QueryResult<Option<(NaiveDate, NaiveDate)>> {
    let days: (Option<NaiveDate>, Option<NaiveDate>) = offers::table
        .filter(offers::status.eq(OfferStatus::Open))
        .select((
            diesel::dsl::min(offers::offered_on),
            diesel::dsl::max(offers::offered_on),
        ))
        .first(conn)?;
    Ok(days.0.zip(days.1))
}

/// Counted offers in the window by technology, over all roles, the most first; technologies of fewer candidates left out.
///
/// # Errors
/// When the database fails.
pub fn offers_by_technology(
    conn: &mut Conn,
    window: Window,
    min_candidates: u64,
) -> QueryResult<Vec<(TechnologyId, u64)>> {
    use diesel::dsl::{count, count_star};
    let rows: Vec<(TechnologyId, i64, i64)> = offers::table
        .inner_join(candidates::table.inner_join(candidate_technologies::table))
        .filter(offers::status.eq(OfferStatus::Open))
        .filter(offers::offered_on.ge(window.from.first_day()))
        .filter(offers::offered_on.lt(window.to.plus(1).first_day()))
        .group_by(candidate_technologies::technology_id)
        .order((count_star().desc(), candidate_technologies::technology_id))
        .select((
            candidate_technologies::technology_id,
            count_star(),
            count(offers::candidate_id).aggregate_distinct(),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter(|(.., candidates)| candidates.cast_unsigned() >= min_candidates)
        .map(|(technology, offers, _)| (technology, offers.cast_unsigned()))
        .collect())
}
