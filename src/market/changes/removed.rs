//! Offers that were removed by hand. They can be put back for thirty days.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::ChangeError;
use super::offers::{Added, Person, edited, insert, last_number, of_key};
use crate::db::Conn;
use crate::ids::{CandidateId, RemovedOfferId, RoleId, SourceId, TechnologyId};
use crate::import::{self, CandidateRow, OfferRow};
use crate::market::{Country, English, OfferStatus, Seniority, Skills, SourceKey};
use crate::money::MonthlyUsd;
use crate::schema::{candidates, offers, removed_offers, technologies};
use crate::versions::Topic;

/// How long a removed offer can be put back.
const KEPT: TimeDelta = TimeDelta::days(30);

/// An offer that was removed, with its candidate; or a candidate without one.
#[derive(Clone, Debug, PartialEq, Insertable, Queryable)]
#[diesel(table_name = removed_offers)]
#[diesel(treat_none_as_default_value = false)]
#[expect(
    missing_docs,
    reason = "the schema describes each column under its own name"
)]
pub struct Removed {
    #[diesel(skip_insertion)]
    pub id: RemovedOfferId,
    pub removed_at: NaiveDateTime,
    pub candidate_id: CandidateId,
    pub source_id: SourceId,
    pub role_id: RoleId,
    pub candidate_key: Option<SourceKey>,
    pub seniority: Option<Seniority>,
    pub experience_years: Option<f64>,
    pub country: Option<Country>,
    pub english: Option<English>,
    pub expected_monthly_usd: Option<MonthlyUsd>,
    pub technologies: Skills,
    pub number: Option<i64>,
    pub offer_key: Option<SourceKey>,
    pub monthly_usd: Option<MonthlyUsd>,
    pub offered_on: Option<NaiveDate>,
    pub status: Option<OfferStatus>,
}

impl Removed {
    fn of(person: Person, now: NaiveDateTime) -> Self {
        let Person { candidate, offer } = person;
        Self {
            id: RemovedOfferId(0),
            removed_at: now,
            candidate_id: candidate.id,
            source_id: candidate.source_id,
            role_id: candidate.role_id,
            candidate_key: candidate.source_key,
            seniority: candidate.seniority,
            experience_years: candidate.experience_years,
            country: candidate.country,
            english: candidate.english,
            expected_monthly_usd: candidate.monthly_usd,
            technologies: candidate.technologies,
            number: offer.as_ref().map(|offer| offer.number),
            monthly_usd: offer.as_ref().map(|offer| offer.monthly_usd),
            offered_on: offer.as_ref().map(|offer| offer.offered_on),
            status: offer.as_ref().map(|offer| offer.status),
            offer_key: offer.and_then(|offer| offer.source_key),
        }
    }

    fn candidate(&self, id: CandidateId) -> CandidateRow {
        CandidateRow {
            id,
            source_id: self.source_id,
            role_id: self.role_id,
            source_key: self.candidate_key.clone(),
            seniority: self.seniority,
            experience_years: self.experience_years,
            country: self.country,
            english: self.english,
            monthly_usd: self.expected_monthly_usd,
            technologies: self.technologies.clone(),
        }
    }

    fn offer(&self, candidate: CandidateId, number: i64) -> Option<OfferRow> {
        Some(OfferRow {
            candidate_id: candidate,
            number,
            source_id: self.source_id,
            source_key: self.offer_key.clone(),
            monthly_usd: self.monthly_usd?,
            offered_on: self.offered_on?,
            status: self.status?,
        })
    }
}

/// Removes an offer, and its candidate where it was the only one; without a number, a candidate who has no offer.
///
/// # Errors
/// [`ChangeError::Gone`] or [`ChangeError::Database`].
pub fn remove(
    conn: &mut Conn,
    candidate: CandidateId,
    number: Option<i64>,
    now: NaiveDateTime,
) -> Result<(RemovedOfferId, Vec<Topic>), ChangeError> {
    import::lock(conn)?;
    let person = Person::find(conn, candidate, number)?.ok_or(ChangeError::Gone("offer"))?;
    if number.is_none() && last_number(conn, candidate)? > 0 {
        // Offers came in meanwhile: the candidate is not removed with them unseen.
        return Err(ChangeError::Gone("candidate without an offer"));
    }
    let old = removed_offers::removed_at.lt(now - KEPT);
    diesel::delete(removed_offers::table.filter(old)).execute(conn)?;
    let id = diesel::insert_into(removed_offers::table)
        .values(Removed::of(person, now))
        .returning(removed_offers::id)
        .get_result(conn)?;
    if let Some(number) = number {
        import::delete_offer(conn, candidate, number)?;
    }
    if last_number(conn, candidate)? == 0 {
        diesel::delete(candidates::table.find(candidate)).execute(conn)?;
    }
    Ok((id, edited(conn, candidate)?))
}

/// Puts a removed offer back: to its candidate, who comes back too where nobody stands for them.
///
/// # Errors
/// [`ChangeError::Gone`], [`ChangeError::KeyTaken`] or [`ChangeError::Database`].
pub fn put_back(conn: &mut Conn, id: RemovedOfferId) -> Result<Added, ChangeError> {
    import::lock(conn)?;
    let removed = removed(conn, id)?.ok_or(ChangeError::Gone("removed offer"))?;
    diesel::delete(removed_offers::table.find(id)).execute(conn)?;
    let candidate = if let Some(candidate) = present(conn, &removed)? {
        candidate
    } else {
        let new = free_key(conn, removed.candidate_id)?;
        let known = known_skills(conn, &removed.technologies)?;
        let candidate = CandidateRow {
            technologies: known,
            ..removed.candidate(new)
        };
        import::insert_candidates(conn, &[candidate])?;
        let others = removed_offers::candidate_id.eq(removed.candidate_id);
        diesel::update(removed_offers::table.filter(others))
            .set(removed_offers::candidate_id.eq(new))
            .execute(conn)?;
        new
    };
    let mut number = None;
    if let Some(former) = removed.number {
        let taken = offers::table
            .find((candidate, former))
            .select(offers::number);
        let taken: Option<i64> = taken.first(conn).optional()?;
        let free = match taken {
            None => former,
            Some(_) => 1 + last_number(conn, candidate)?,
        };
        if let Some(offer) = removed.offer(candidate, free) {
            insert(conn, offer)?;
            number = Some(free);
        }
    }
    Ok(Added {
        candidate,
        number,
        new_technologies: Vec::new(),
        topics: edited(conn, candidate)?,
    })
}

/// The removed offer of that key.
///
/// # Errors
/// When the database fails.
pub fn removed(conn: &mut Conn, id: RemovedOfferId) -> QueryResult<Option<Removed>> {
    removed_offers::table.find(id).first(conn).optional()
}

/// What can be put back, the last removed first.
///
/// # Errors
/// When the database fails.
pub fn recently_removed(
    conn: &mut Conn,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Removed>> {
    removed_offers::table
        .filter(removed_offers::removed_at.ge(now - KEPT))
        .order((removed_offers::removed_at.desc(), removed_offers::id.desc()))
        .limit(limit)
        .load(conn)
}

/// The candidate, where still or again present.
fn present(conn: &mut Conn, removed: &Removed) -> QueryResult<Option<CandidateId>> {
    let known = import::candidates_by_id(conn, &[removed.candidate_id])?.pop();
    let is_same = |known: &CandidateRow| {
        known.source_id == removed.source_id && known.source_key == removed.candidate_key
    };
    let known = match (known.filter(is_same), &removed.candidate_key) {
        (None, Some(key)) => of_key(conn, removed.source_id, key, removed.role_id)?,
        (known, _) => known,
    };
    Ok(known.map(|known| known.id))
}

/// The technologies that still are there.
fn known_skills(conn: &mut Conn, skills: &Skills) -> QueryResult<Skills> {
    let known: Vec<TechnologyId> = technologies::table
        .filter(technologies::id.eq_any(skills.technologies()))
        .select(technologies::id)
        .load(conn)?;
    Ok(Skills::of(known))
}

/// The key that a candidate had, or a new one where somebody else has it.
fn free_key(conn: &mut Conn, former: CandidateId) -> QueryResult<CandidateId> {
    if import::candidates_by_id(conn, &[former])?.is_empty() {
        return Ok(former);
    }
    Ok(CandidateId(import::last_candidate(conn)?.0 + 1))
}
