//! One offer by hand: under the rules of an import, for whom it would be one row.

use chrono::Utc;
use diesel::prelude::*;

use super::{ChangeError, TakenKey};
use crate::db::Conn;
use crate::ids::{CandidateId, RoleId, SourceId, TechnologyId};
use crate::import::{self, CandidateRow, OfferRow, Row, RowName, RowOffer, history};
use crate::market::{OfferStatus, Skills, SourceKey, queries};
use crate::salaries::{Block, Upkeep};
use crate::schema::{candidates, offers};
use crate::versions::{self, Topic};

/// What was written.
#[derive(Clone, Debug)]
pub struct Added {
    /// Whose offer it is.
    pub candidate: CandidateId,
    /// Which of the candidate's offers it is; `None` for a candidate without one.
    pub number: Option<i64>,
    /// Names of technologies that were met for the first time.
    pub new_technologies: Vec<String>,
    /// What pages show of it.
    pub topics: Vec<Topic>,
}

/// A candidate and one of the candidate's offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub(crate) candidate: CandidateRow,
    pub(crate) offer: Option<OfferRow>,
}

impl Person {
    /// The candidate and the offer of that number; the candidate alone without one. `None` where either is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub fn find(
        conn: &mut Conn,
        candidate: CandidateId,
        number: Option<i64>,
    ) -> QueryResult<Option<Self>> {
        let Some(row) = import::candidates_by_id(conn, &[candidate])?.pop() else {
            return Ok(None);
        };
        let offer = match number {
            None => None,
            Some(number) => {
                let found = offers::table.find((candidate, number)).first(conn);
                let Some(offer) = found.optional()? else {
                    return Ok(None);
                };
                Some(offer)
            }
        };
        Ok(Some(Self {
            candidate: row,
            offer,
        }))
    }
}

/// Adds an offer to a source. A candidate whom the source knows by the same key in the role receives it, and takes over
/// what is said of them; any other is new.
///
/// # Errors
/// [`ChangeError::Gone`] of the source or role, [`ChangeError::KeyTaken`] or [`ChangeError::Database`].
pub(crate) fn add(conn: &mut Conn, source: SourceId, row: &Row) -> Result<Added, ChangeError> {
    import::lock(conn)?;
    queries::source(conn, source)?.ok_or(ChangeError::Gone("source"))?;
    let role = role(conn, &row.role)?;
    let (skills, new_technologies) = skills(conn, &row.technologies)?;
    let known = match &row.candidate_key {
        Some(key) => of_key(conn, source, key, role)?,
        None => None,
    };
    let candidate = if let Some(known) = known {
        let known = CandidateRow {
            seniority: row.seniority.or(known.seniority),
            experience_years: row.experience_years.or(known.experience_years),
            country: row.country.or(known.country),
            english: row.english.or(known.english),
            monthly_usd: row.salary.or(known.monthly_usd),
            technologies: if skills.technologies().is_empty() {
                known.technologies
            } else {
                skills
            },
            ..known
        };
        import::update_candidate(conn, &known)?;
        known.id
    } else {
        let id = CandidateId(import::last_candidate(conn)?.0 + 1);
        let new = CandidateRow {
            id,
            source_id: source,
            role_id: role,
            source_key: row.candidate_key.clone(),
            seniority: row.seniority,
            experience_years: row.experience_years,
            country: row.country,
            english: row.english,
            monthly_usd: row.salary,
            technologies: skills,
        };
        import::insert_candidates(conn, &[new])?;
        id
    };
    let number = match &row.offer {
        Some(offer) => Some(receive(conn, candidate, source, offer)?),
        None => None,
    };
    Ok(Added {
        candidate,
        number,
        new_technologies,
        topics: edited(conn, candidate)?,
    })
}

/// Corrects an offer and what is known of its candidate. A candidate without an offer may receive one with it.
///
/// # Errors
/// [`ChangeError::Gone`] of the offer or role, [`ChangeError::KeyTaken`] or [`ChangeError::Database`].
pub(crate) fn change(
    conn: &mut Conn,
    candidate: CandidateId,
    number: Option<i64>,
    row: &Row,
) -> Result<Added, ChangeError> {
    import::lock(conn)?;
    let former = Person::find(conn, candidate, number)?.ok_or(ChangeError::Gone("offer"))?;
    let source = former.candidate.source_id;
    let role = role(conn, &row.role)?;
    if let Some(key) = &former.candidate.source_key
        && role != former.candidate.role_id
        && of_key(conn, source, key, role)?.is_some()
    {
        return Err(ChangeError::KeyTaken(TakenKey::Candidate));
    }
    let (skills, new_technologies) = skills(conn, &row.technologies)?;
    let corrected = CandidateRow {
        role_id: role,
        seniority: row.seniority,
        experience_years: row.experience_years,
        country: row.country,
        english: row.english,
        monthly_usd: row.salary.or(former.candidate.monthly_usd),
        technologies: skills,
        ..former.candidate
    };
    import::update_candidate(conn, &corrected)?;
    let number = match (former.offer, &row.offer) {
        (Some(known), Some(offer)) => {
            let corrected = OfferRow {
                monthly_usd: offer.salary,
                offered_on: offer.offered_on,
                status: offer.status,
                ..known
            };
            import::update_offer(conn, &corrected)?;
            number
        }
        (None, Some(offer)) => Some(receive(conn, candidate, source, offer)?),
        (_, None) => number,
    };
    Ok(Added {
        candidate,
        number,
        new_technologies,
        topics: edited(conn, candidate)?,
    })
}

/// Says what became of an offer.
///
/// # Errors
/// [`ChangeError::Gone`] or [`ChangeError::Database`].
pub fn answer(
    conn: &mut Conn,
    candidate: CandidateId,
    number: i64,
    status: OfferStatus,
) -> Result<Vec<Topic>, ChangeError> {
    import::lock(conn)?;
    let changed = diesel::update(offers::table.find((candidate, number)))
        .set(offers::status.eq(status))
        .execute(conn)?;
    if changed == 0 {
        return Err(ChangeError::Gone("offer"));
    }
    Ok(edited(conn, candidate)?)
}

/// Ends a change of a candidate or of an offer: what derives from it is brought up to date, and no undone import takes it
/// back unseen.
pub(super) fn edited(conn: &mut Conn, candidate: CandidateId) -> QueryResult<Vec<Topic>> {
    history::note_edit(conn, candidate, Utc::now().naive_utc())?;
    let mut upkeep = Upkeep::default();
    upkeep.changed(Block::of(candidate));
    Ok(versions::of_figures(&upkeep.finish(conn)?))
}

/// The source's candidate of that key in that role.
pub(super) fn of_key(
    conn: &mut Conn,
    source: SourceId,
    key: &SourceKey,
    role: RoleId,
) -> QueryResult<Option<CandidateRow>> {
    candidates::table
        .filter(candidates::source_id.eq(source))
        .filter(candidates::source_key.eq(key))
        .filter(candidates::role_id.eq(role))
        .first(conn)
        .optional()
}

/// Gives a candidate an offer, and says which of the candidate's it is.
fn receive(
    conn: &mut Conn,
    candidate: CandidateId,
    source: SourceId,
    offer: &RowOffer,
) -> Result<i64, ChangeError> {
    let number = 1 + last_number(conn, candidate)?;
    let row = OfferRow {
        candidate_id: candidate,
        number,
        source_id: source,
        source_key: offer.key.clone(),
        monthly_usd: offer.salary,
        offered_on: offer.offered_on,
        status: offer.status,
    };
    insert(conn, row)?;
    Ok(number)
}

/// The number of the candidate's newest offer; 0 without one.
pub(super) fn last_number(conn: &mut Conn, candidate: CandidateId) -> QueryResult<i64> {
    let last = import::last_numbers(conn, &[candidate])?;
    Ok(last.get(&candidate).copied().unwrap_or(0))
}

/// Adds an offer whose key, where it has one, the source does not know.
pub(super) fn insert(conn: &mut Conn, row: OfferRow) -> Result<(), ChangeError> {
    if let Some(key) = &row.source_key
        && !import::offers_by_key(conn, row.source_id, std::slice::from_ref(key))?.is_empty()
    {
        return Err(ChangeError::KeyTaken(TakenKey::Offer));
    }
    Ok(import::insert_offers(conn, &[row])?)
}

fn role(conn: &mut Conn, named: &RowName) -> Result<RoleId, ChangeError> {
    let found = queries::role_by_any_slug(conn, &named.slug)?;
    Ok(found.ok_or(ChangeError::Gone("role"))?.id)
}

/// The technologies, and the names of those that are created for it.
fn skills(
    conn: &mut Conn,
    named: &[std::sync::Arc<RowName>],
) -> QueryResult<(Skills, Vec<String>)> {
    let mut keys: Vec<TechnologyId> = Vec::new();
    let mut new = Vec::new();
    for technology in named {
        if let Some(known) = queries::technology_by_any_slug(conn, &technology.slug)? {
            keys.push(known.id);
        } else {
            let name = technology.technology_name();
            keys.push(queries::create_technology(conn, &technology.slug, &name)?);
            new.push(name);
        }
    }
    Ok((Skills::of(keys), new))
}
