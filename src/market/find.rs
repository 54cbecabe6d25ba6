//! Finding offers one by one: the last added first, page by page, in the order of candidates' keys.
//!
//! No index knows what an editor may ask for, and none is kept for it, for imports would pay for it. The keys are gone through
//! from the highest down in ranges that grow, until a page is full; where little is found, not longer than half a second.

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::queries::{self, knows};
use super::{Country, English, OfferStatus, Seniority, Skills, SourceKey};
use crate::db::Conn;
use crate::ids::{CandidateId, RoleId, SourceId, TechnologyId};
use crate::money::MonthlyUsd;
use crate::schema::{candidates, offers};

/// How long one search may go on.
const PATIENCE: Duration = Duration::from_millis(500);

/// Keys of the first range, and of the widest.
const NARROW: i64 = 4_096;
const WIDE: i64 = 262_144;

/// Candidates that a key is looked up for at most.
const OF_KEY: i64 = 500;

/// What is searched for; what is `None` or empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The candidate's role.
    pub role: Option<RoleId>,
    /// A technology that the candidate knows.
    pub technology: Option<TechnologyId>,
    /// Where the offer came from.
    pub source: Option<SourceId>,
    /// The source's own key of the offer or of the candidate.
    pub key: String,
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
    /// What became of the offer.
    pub status: Option<State>,
}

/// What became of an offer, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is an offer, and that became of it.
    Offer(OfferStatus),
    /// The candidate received no offer.
    WithoutOffer,
}

/// A place in the order of offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The candidate.
    pub candidate: CandidateId,
    /// Which of the candidate's offers; 0 is after all of them.
    pub number: i64,
}

/// An offer with its candidate, or a candidate without one.
#[derive(Clone, Debug, PartialEq, Queryable)]
pub struct Line {
    /// The candidate.
    pub candidate: CandidateId,
    /// The candidate's source.
    pub source: SourceId,
    /// The candidate's role.
    pub role: RoleId,
    /// The source's own key of the candidate.
    pub candidate_key: Option<SourceKey>,
    /// Seniority.
    pub seniority: Option<Seniority>,
    /// Where the candidate lives.
    pub country: Option<Country>,
    /// Level of English.
    pub english: Option<English>,
    /// The candidate's latest salary expectation.
    pub expectation: Option<MonthlyUsd>,
    /// What the candidate knows.
    pub skills: Skills,
    /// Which of the candidate's offers it is; `None` for a candidate without one, as all that follows.
    pub number: Option<i64>,
    /// The source's own key of the offer.
    pub offer_key: Option<SourceKey>,
    /// The salary of the offer.
    pub salary: Option<MonthlyUsd>,
    /// The day.
    pub offered_on: Option<NaiveDate>,
    /// What became of it.
    pub status: Option<OfferStatus>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// A page of it.
    pub lines: Vec<Line>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Place>,
    /// Whether the search was broken off before the page was full.
    pub is_partial: bool,
}

/// A page of so many offers, those before a place, or the last added.
///
/// # Errors
/// When the database fails.
pub fn find(
    conn: &mut Conn,
    search: &Search,
    before: Option<Place>,
    limit: usize,
) -> QueryResult<Found> {
    let began = Instant::now();
    let of_key = match search.key.as_str() {
        "" => None,
        key => Some(candidates_of_key(conn, &SourceKey::from(key))?),
    };
    let newest: Option<CandidateId> = candidates::table
        .select(diesel::dsl::max(candidates::id))
        .first(conn)?;
    let mut last = before
        .map(|place| place.candidate)
        .or(newest)
        .map_or(0, |last| last.0);
    // Where the key leads to a few candidates, one range holds them all.
    let mut width = if of_key.is_some() { last } else { NARROW };
    let mut lines = Vec::new();
    while last > 0 {
        let range = Range {
            first: CandidateId((last - width + 1).max(1)),
            last: CandidateId(last),
            before,
            limit: limit + 1 - lines.len(),
        };
        lines.extend(within(conn, search, of_key.as_deref(), range)?);
        if lines.len() > limit {
            lines.truncate(limit);
            let next = lines.last().map(Line::place);
            return Ok(Found {
                lines,
                next,
                is_partial: false,
            });
        }
        last = range.first.0 - 1;
        width = (width * 2).min(WIDE);
        if last > 0 && began.elapsed() > PATIENCE {
            let next = Place {
                candidate: range.first,
                number: 0,
            };
            return Ok(Found {
                lines,
                next: Some(next),
                is_partial: true,
            });
        }
    }
    Ok(Found {
        lines,
        next: None,
        is_partial: false,
    })
}

impl Line {
    fn place(&self) -> Place {
        Place {
            candidate: self.candidate,
            number: self.number.unwrap_or(0),
        }
    }
}

/// Candidates' keys that are gone through at a time.
#[derive(Clone, Copy)]
struct Range {
    first: CandidateId,
    last: CandidateId,
    before: Option<Place>,
    limit: usize,
}

fn within(
    conn: &mut Conn,
    search: &Search,
    of_key: Option<&[CandidateId]>,
    range: Range,
) -> QueryResult<Vec<Line>> {
    let mut query = candidates::table
        .left_join(offers::table)
        .filter(candidates::id.between(range.first, range.last))
        .into_boxed();
    if let Some(before) = range.before {
        query = query.filter(
            candidates::id
                .lt(before.candidate)
                .or(offers::number.lt(before.number)),
        );
    }
    if let Some(role) = search.role {
        query = query.filter(candidates::role_id.eq(role));
    }
    if let Some(technology) = search.technology {
        query = query.filter(knows(technology));
    }
    if let Some(source) = search.source {
        // Its sum with nothing: by the index of sources, SQLite would go through all candidates of the source for each range.
        query = query.filter((candidates::source_id + 0).eq(source.0));
    }
    if let Some(from) = search.from {
        query = query.filter(offers::offered_on.ge(from));
    }
    if let Some(to) = search.to {
        query = query.filter(offers::offered_on.le(to));
    }
    match search.status {
        Some(State::Offer(status)) => query = query.filter(offers::status.eq(status)),
        Some(State::WithoutOffer) => query = query.filter(offers::number.nullable().is_null()),
        None => {}
    }
    if let Some(keys) = of_key {
        let key = SourceKey::from(search.key.as_str());
        query = query.filter(candidates::id.eq_any(keys)).filter(
            candidates::source_key
                .eq(key.clone())
                .or(offers::source_key.eq(key)),
        );
    }
    query
        .order((candidates::id.desc(), offers::number.desc()))
        .limit(i64::try_from(range.limit).unwrap_or(i64::MAX))
        .select((
            candidates::id,
            candidates::source_id,
            candidates::role_id,
            candidates::source_key,
            candidates::seniority,
            candidates::country,
            candidates::english,
            candidates::monthly_usd,
            candidates::technologies,
            offers::number.nullable(),
            offers::source_key.nullable(),
            offers::monthly_usd.nullable(),
            offers::offered_on.nullable(),
            offers::status.nullable(),
        ))
        .load(conn)
}

/// The candidates of that key, or with an offer of that key, in any source.
fn candidates_of_key(conn: &mut Conn, key: &SourceKey) -> QueryResult<Vec<CandidateId>> {
    let sources: Vec<SourceId> = queries::sources(conn)?
        .into_iter()
        .map(|source| source.id)
        .collect();
    let mut found: Vec<CandidateId> = candidates::table
        .filter(candidates::source_id.eq_any(&sources))
        .filter(candidates::source_key.eq(key))
        .select(candidates::id)
        .limit(OF_KEY)
        .load(conn)?;
    let owners: Vec<CandidateId> = offers::table
        .filter(offers::source_id.eq_any(&sources))
        .filter(offers::source_key.eq(key))
        .select(offers::candidate_id)
        .limit(OF_KEY)
        .load(conn)?;
    found.extend(owners);
    Ok(found)
}
