//! The list of subscribers as editors see it: searching, counting, adding from a file and writing into one.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::interests::{self, Interest};
use super::subscribers::{self, Subscriber};
use super::suppressions;
use super::{Origin, State};
use crate::db::Conn;
use crate::ids::SubscriberId;
use crate::mail::MailAddress;
use crate::schema::{interests as interest_rows, subscribers as people};

/// What narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of the address.
    pub part: String,
    /// How they stand.
    pub state: Option<State>,
    /// Only those who want to hear of it.
    pub interest: Interest,
}

type Boxed<'a> = people::BoxedQuery<'a, DbOf>;

/// What a boxed query is built for.
type DbOf = <Conn as diesel::connection::Connection>::Backend;

fn fitting(filter: &Filter) -> Boxed<'static> {
    let mut all = people::table.into_boxed();
    if let Some(state) = filter.state {
        all = all.filter(people::state.eq(state));
    }
    if !filter.part.is_empty() {
        let literal = filter.part.to_lowercase();
        let literal = literal
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        all = all.filter(people::email_key.like(format!("%{literal}%")).escape('\\'));
    }
    if let Some(role) = filter.interest.role {
        let those = interest_rows::table
            .filter(interest_rows::role_id.eq(role))
            .select(interest_rows::subscriber_id);
        all = all.filter(people::id.eq_any(those));
    }
    if let Some(technology) = filter.interest.technology {
        let those = interest_rows::table
            .filter(interest_rows::technology_id.eq(technology))
            .select(interest_rows::subscriber_id);
        all = all.filter(people::id.eq_any(those));
    }
    all
}

/// Those who fit, the newest first, after so many.
///
/// # Errors
/// When the database fails, as every query here.
pub fn newest(
    conn: &mut Conn,
    filter: &Filter,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<Subscriber>> {
    fitting(filter)
        .select(Subscriber::as_select())
        .order(people::id.desc())
        .offset(after)
        .limit(limit)
        .load(conn)
}

/// How many fit.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut Conn, filter: &Filter) -> QueryResult<i64> {
    fitting(filter).count().get_result(conn)
}

/// How many there are of each state.
///
/// # Errors
/// When the database fails.
pub fn counts(conn: &mut Conn) -> QueryResult<Vec<(State, i64)>> {
    let found: Vec<(State, i64)> = people::table
        .group_by(people::state)
        .select((people::state, diesel::dsl::count_star()))
        .load(conn)?;
    let found: BTreeMap<State, i64> = found.into_iter().collect();
    let all = State::ALL.iter();
    Ok(all
        .map(|state| (*state, found.get(state).copied().unwrap_or(0)))
        .collect())
}

/// A month of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthOfGrowth {
    /// Its first day.
    pub month: NaiveDate,
    /// Who agreed in it.
    pub came: i64,
    /// Who left in it, was found dead or complained.
    pub went: i64,
}

/// Who came and went in each of the latest months, the newest first.
///
/// # Errors
/// When the database fails.
pub fn growth(conn: &mut Conn, now: NaiveDateTime, months: u32) -> QueryResult<Vec<MonthOfGrowth>> {
    let first = |day: NaiveDate| day.with_day(1).unwrap_or(day);
    let this = first(now.date());
    let since = this.checked_sub_months(Months::new(months.saturating_sub(1)));
    let since = since.unwrap_or(this);
    let beginning = since.and_time(NaiveTime::MIN);
    let came: Vec<Option<NaiveDateTime>> = people::table
        .filter(people::consented_at.ge(beginning))
        .select(people::consented_at)
        .load(conn)?;
    let went: Vec<Option<NaiveDateTime>> = people::table
        .filter(people::left_at.ge(beginning))
        .filter(people::consented_at.is_not_null())
        .select(people::left_at)
        .load(conn)?;
    let mut all: BTreeMap<NaiveDate, (i64, i64)> = BTreeMap::new();
    for time in came.into_iter().flatten() {
        all.entry(first(time.date())).or_default().0 += 1;
    }
    for time in went.into_iter().flatten() {
        all.entry(first(time.date())).or_default().1 += 1;
    }
    let listed = (0..months).filter_map(|back| this.checked_sub_months(Months::new(back)));
    Ok(listed
        .map(|month| {
            let (came, went) = all.get(&month).copied().unwrap_or_default();
            MonthOfGrowth { month, came, went }
        })
        .collect())
}

/// Lets a subscriber get every issue, or none.
///
/// # Errors
/// When the database fails.
pub fn set_wants_issues(conn: &mut Conn, id: SubscriberId, wants_issues: bool) -> QueryResult<()> {
    diesel::update(people::table.find(id))
        .set(people::wants_issues.eq(wants_issues))
        .execute(conn)?;
    Ok(())
}

/// A row of a file of subscribers.
#[derive(Clone, Debug)]
pub struct Row {
    /// The address.
    pub address: MailAddress,
    /// Whether every issue.
    pub wants_issues: bool,
    /// Slugs of a role and a technology, either of which may be empty.
    pub interests: Vec<(String, String)>,
    /// When they agreed, where the file says so. UTC.
    pub consented_at: Option<NaiveDateTime>,
}

/// What became of the rows of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// New subscribers.
    pub added: u64,
    /// Addresses that were known: whoever left stays away.
    pub known: u64,
    /// Addresses that get no mail.
    pub suppressed: u64,
}

/// Adds people who agreed elsewhere. Whoever is known already stays as they are.
///
/// # Errors
/// When the database fails.
pub fn add_all(conn: &mut Conn, rows: &[Row], now: NaiveDateTime) -> QueryResult<Added> {
    let mut done = Added::default();
    for row in rows {
        if suppressions::of(conn, row.address.key())?.is_some() {
            done.suppressed += 1;
            continue;
        }
        if subscribers::by_address(conn, &row.address)?.is_some() {
            done.known += 1;
            continue;
        }
        let id: SubscriberId = diesel::insert_into(people::table)
            .values((
                people::email.eq(row.address.shown()),
                people::email_key.eq(row.address.key()),
                people::state.eq(State::Confirmed),
                people::wants_issues.eq(row.wants_issues),
                people::origin.eq(Origin::Import),
                people::created_at.eq(now),
                people::consented_at.eq(row.consented_at.unwrap_or(now)),
            ))
            .returning(people::id)
            .get_result(conn)?;
        for (role, technology) in &row.interests {
            let interest = Interest::by_slugs(conn, role, technology)?;
            interests::add(conn, id, interest)?;
        }
        done.added += 1;
    }
    Ok(done)
}
