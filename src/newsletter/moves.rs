//! “Tell me when it moves”: who wants to hear of a role or technology gets a mail when its median has left the interval that
//! it had, or its offers have become more or fewer by more than a set share, since they were told last; at most once a month.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::State;
use super::interests::Interest;
use super::letters::{self, Kind, State as LetterState};
use crate::catalogue::Catalogue;
use crate::db::Conn;
use crate::error::AppError;
use crate::ids::SubscriberId;
use crate::market::queries as market;
use crate::money::{Grouped, HalfUsd};
use crate::salaries::figures::Figures;
use crate::salaries::{Filters, Report, Subject, most_offered_role};
use crate::schema::{interests, letters as letter_rows, subscribers};
use crate::web::Site;

/// Nobody gets two notices within this time.
const ONCE_IN: TimeDelta = TimeDelta::days(30);

/// What a selection says. Amounts are doubled, USD a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    median: i64,
    /// The interval that the median is known to lie in.
    low: i64,
    high: i64,
    offers: i64,
}

impl Standing {
    /// That of a selection. The interval is the one of notched box plots (`McGill`, Tukey and Larsen, 1978): 1.57 times the
    /// distance of the quartiles, divided by the root of the number of candidates, to both sides of the median.
    #[must_use]
    pub fn of(figures: &Figures) -> Self {
        let percentiles = &figures.percentiles;
        let median = percentiles.median.doubled();
        let distance = percentiles.p75.doubled() - percentiles.p25.doubled();
        let squared = distance.unsigned_abs().pow(2) * 24_649;
        let half = (squared / 10_000 / figures.candidates.max(1)).isqrt();
        let half = i64::try_from(half).unwrap_or(i64::MAX);
        Self {
            median,
            low: median.saturating_sub(half),
            high: median.saturating_add(half),
            offers: i64::try_from(figures.offers).unwrap_or(i64::MAX),
        }
    }

    /// What has moved since, in a sentence; `None` where nothing has.
    #[must_use]
    pub fn moved(self, now: Self, percent: i64) -> Option<String> {
        let has_left = now.median < self.low || now.median > self.high;
        let distance = (now.offers - self.offers).abs();
        let has_grown = distance.saturating_mul(100) > percent.saturating_mul(self.offers);
        let median = || {
            format!(
                "The median salary expectation is {} a month now. It was {} (between {} and {}).",
                usd(now.median),
                usd(self.median),
                usd(self.low),
                usd(self.high)
            )
        };
        let offers = || {
            format!(
                "There are {} offers in the latest twelve months. There were {}.",
                Grouped(now.offers),
                Grouped(self.offers)
            )
        };
        match (has_left, has_grown) {
            (true, true) => Some(format!("{} {}", median(), offers())),
            (true, false) => Some(median()),
            (false, true) => Some(offers()),
            (false, false) => None,
        }
    }
}

/// A doubled amount, as readers see amounts.
fn usd(doubled: i64) -> String {
    let lower = i32::try_from(doubled.div_euclid(2)).unwrap_or(i32::MAX);
    let upper = i32::try_from((doubled + 1).div_euclid(2)).unwrap_or(i32::MAX);
    HalfUsd::mean(lower, upper).to_string()
}

/// What has moved, as a notice says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// What the role and technology are called.
    pub name: String,
    /// Path of the salary page.
    pub path: String,
    /// What has moved.
    pub sentence: String,
}

/// An interest of somebody, and what they were told.
#[derive(Queryable)]
struct Row {
    id: i64,
    subscriber: SubscriberId,
    interest: Interest,
    median: Option<i64>,
    low: Option<i64>,
    high: Option<i64>,
    offers: Option<i64>,
}

impl Row {
    fn told(&self) -> Option<Standing> {
        Some(Standing {
            median: self.median?,
            low: self.low?,
            high: self.high?,
            offers: self.offers?,
        })
    }
}

/// Whether anybody wants to hear of anything.
///
/// # Errors
/// When the database fails.
pub fn is_wanted(conn: &mut Conn) -> QueryResult<bool> {
    let any: Option<i64> = interests::table
        .select(interests::id)
        .first(conn)
        .optional()?;
    Ok(any.is_some())
}

/// Looks at everything that somebody wants to hear of, and writes notices. Answers how many. Belongs to one instance at a
/// time.
///
/// # Errors
/// When the database fails.
pub fn look(
    conn: &mut Conn,
    catalogue: &Catalogue,
    site: &Site,
    percent: i64,
    now: NaiveDateTime,
) -> Result<usize, AppError> {
    let rows: Vec<Row> = interests::table
        .inner_join(subscribers::table)
        .filter(subscribers::state.eq(State::Confirmed))
        .order((interests::subscriber_id, interests::id))
        .select((
            interests::id,
            interests::subscriber_id,
            (interests::role_id, interests::technology_id),
            interests::told_median,
            interests::told_low,
            interests::told_high,
            interests::told_offers,
        ))
        .load(conn)?;
    let mut found: BTreeMap<Interest, Option<(Standing, String, String)>> = BTreeMap::new();
    let mut moves: BTreeMap<SubscriberId, Vec<(i64, Standing, Move)>> = BTreeMap::new();
    for row in rows {
        let known = match found.entry(row.interest) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                unknown.insert(standing(conn, catalogue, site, row.interest)?)
            }
        };
        let Some((standing, name, path)) = known else {
            continue;
        };
        let Some(told) = row.told() else {
            // Whoever has just come is told of what happens from now on.
            note(conn, row.id, *standing, now)?;
            continue;
        };
        if let Some(sentence) = told.moved(*standing, percent) {
            let said = Move {
                name: name.clone(),
                path: path.clone(),
                sentence,
            };
            let of_subscriber = moves.entry(row.subscriber).or_default();
            of_subscriber.push((row.id, *standing, said));
        }
    }
    let mut notices = 0;
    for (subscriber, moved) in moves {
        if was_told_lately(conn, subscriber, now)? {
            continue;
        }
        let said: Vec<&Move> = moved.iter().map(|(_, _, said)| said).collect();
        let content = serde_json::to_string(&said)
            .map_err(|error| AppError::Failed(format!("a notice: {error}")))?;
        letters::add(conn, Kind::Notice, subscriber, None, Some(&content), now)?;
        for (id, standing, _) in &moved {
            note(conn, *id, *standing, now)?;
        }
        notices += 1;
    }
    Ok(notices)
}

fn note(conn: &mut Conn, id: i64, standing: Standing, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(interests::table.find(id))
        .set((
            interests::told_at.eq(now),
            interests::told_median.eq(standing.median),
            interests::told_low.eq(standing.low),
            interests::told_high.eq(standing.high),
            interests::told_offers.eq(standing.offers),
        ))
        .execute(conn)?;
    Ok(())
}

fn was_told_lately(
    conn: &mut Conn,
    subscriber: SubscriberId,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let lately = letter_rows::table
        .filter(letter_rows::subscriber_id.eq(subscriber))
        .filter(letter_rows::kind.eq(Kind::Notice))
        .filter(letter_rows::state.ne(LetterState::Dropped))
        .filter(letter_rows::created_at.gt(now - ONCE_IN));
    diesel::select(diesel::dsl::exists(lately)).get_result(conn)
}

/// What a selection says now, what it is called, and the path of its page; `None` where no figures are published. A
/// technology alone is looked at in the role with the most offers for it.
fn standing(
    conn: &mut Conn,
    catalogue: &Catalogue,
    site: &Site,
    interest: Interest,
) -> Result<Option<(Standing, String, String)>, AppError> {
    let technology = interest
        .technology
        .and_then(|id| catalogue.technology(id).cloned());
    let role = match (interest.role, &technology) {
        (Some(id), _) => market::role(conn, id)?,
        (None, Some(technology)) => most_offered_role(conn, technology.id, site.min_candidates)?,
        (None, None) => None,
    };
    let Some(role) = role.filter(|_| interest.technology.is_none() || technology.is_some()) else {
        return Ok(None);
    };
    let subject = Subject { role, technology };
    let (name, path) = (subject.heading(), subject.path());
    let filters = Filters::default();
    match Report::load(conn, catalogue, subject, &filters, site.min_candidates) {
        Ok(report) => Ok(report
            .figures
            .as_ref()
            .map(|figures| (Standing::of(figures), name, path))),
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: Standing = Standing {
        median: 10_000,
        low: 9_600,
        high: 10_400,
        offers: 200,
    };

    fn now(median: i64, offers: i64) -> Standing {
        Standing {
            median,
            offers,
            ..TOLD
        }
    }

    #[test]
    fn a_median_within_its_interval_has_not_moved() {
        assert_eq!(TOLD.moved(now(9_600, 200), 25), None);
        assert_eq!(TOLD.moved(now(10_400, 250), 25), None);
        let sentence = TOLD.moved(now(10_401, 200), 25).unwrap();
        assert!(
            sentence.starts_with("The median salary expectation is $5,200.50"),
            "{sentence}"
        );
        assert!(sentence.contains("It was $5,000 (between $4,800 and $5,200)."));
        assert!(TOLD.moved(now(9_599, 200), 25).is_some());
    }

    #[test]
    fn offers_move_by_more_than_the_share() {
        assert_eq!(TOLD.moved(now(10_000, 150), 25), None);
        let sentence = TOLD.moved(now(10_000, 149), 25).unwrap();
        assert_eq!(
            sentence,
            "There are 149 offers in the latest twelve months. There were 200."
        );
        assert!(TOLD.moved(now(10_000, 251), 25).is_some());
        assert!(
            TOLD.moved(now(20_000, 1_000), 25)
                .unwrap()
                .contains("offers")
        );
    }
}
