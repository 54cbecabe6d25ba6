//! How an issue is sent: its text is written down as it is at that moment, and a letter for every subscriber, in one
//! transaction. From then on the postman sends letters for as long as the issue says so.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_query;

use super::rendering::{self, Shown};
use super::{Issue, State, queries};
use crate::catalogue::Catalogue;
use crate::db::Conn;
use crate::error::AppError;
use crate::ids::{IssueId, LetterId, SubscriberId};
use crate::newsletter::State as Standing;
use crate::newsletter::interests::Interest;
use crate::newsletter::letters::State as LetterState;
use crate::schema::{interests, issues, letters, subscribers};
use crate::versions::{self, Topic};
use crate::web::Site;

/// Letters of an issue that are listed.
const LISTED: i64 = 200;

/// Lets an issue be sent when its time has come. Answers whether it could.
///
/// # Errors
/// When the database fails, as every query here.
pub fn schedule(conn: &mut Conn, id: IssueId, at: NaiveDateTime) -> QueryResult<bool> {
    change(
        conn,
        id,
        &[State::Draft, State::Scheduled],
        State::Scheduled,
        Some(at),
    )
}

/// Takes a schedule back.
///
/// # Errors
/// When the database fails.
pub fn unschedule(conn: &mut Conn, id: IssueId) -> QueryResult<bool> {
    change(conn, id, &[State::Scheduled], State::Draft, None)
}

/// Lets the rest of the letters wait.
///
/// # Errors
/// When the database fails.
pub fn pause(conn: &mut Conn, id: IssueId) -> QueryResult<bool> {
    step(conn, id, &[State::Sending], State::Paused)
}

/// Goes on.
///
/// # Errors
/// When the database fails.
pub fn resume(conn: &mut Conn, id: IssueId) -> QueryResult<bool> {
    step(conn, id, &[State::Paused], State::Sending)
}

/// The letters that have not left are not sent any more.
///
/// # Errors
/// When the database fails.
pub fn cancel(conn: &mut Conn, id: IssueId, now: NaiveDateTime) -> QueryResult<bool> {
    if !step(conn, id, &[State::Sending, State::Paused], State::Cancelled)? {
        return Ok(false);
    }
    let rest = letters::table
        .filter(letters::issue_id.eq(id))
        .filter(letters::state.eq(LetterState::Waiting));
    diesel::update(rest)
        .set((
            letters::state.eq(LetterState::Dropped),
            letters::ended_at.eq(now),
        ))
        .execute(conn)?;
    diesel::update(issues::table.find(id))
        .set(issues::finished_at.eq(now))
        .execute(conn)?;
    Ok(true)
}

fn change(
    conn: &mut Conn,
    id: IssueId,
    from: &[State],
    to: State,
    at: Option<NaiveDateTime>,
) -> QueryResult<bool> {
    let it = issues::table
        .find(id)
        .filter(issues::state.eq_any(from.to_vec()));
    let changed = diesel::update(it)
        .set((issues::state.eq(to), issues::scheduled_at.eq(at)))
        .execute(conn)?;
    Ok(changed > 0)
}

fn step(conn: &mut Conn, id: IssueId, from: &[State], to: State) -> QueryResult<bool> {
    let it = issues::table
        .find(id)
        .filter(issues::state.eq_any(from.to_vec()));
    let changed = diesel::update(it).set(issues::state.eq(to)).execute(conn)?;
    Ok(changed > 0)
}

/// The issues whose time has come.
///
/// # Errors
/// When the database fails.
pub fn due(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Vec<IssueId>> {
    issues::table
        .filter(issues::state.eq(State::Scheduled))
        .filter(issues::scheduled_at.le(now))
        .order(issues::scheduled_at)
        .select(issues::id)
        .load(conn)
}

/// Begins to send an issue. Answers how many letters there are; `None` where it cannot be begun any more.
///
/// # Errors
/// When the database fails, or a template.
pub fn begin(
    conn: &mut Conn,
    catalogue: &Catalogue,
    site: &Site,
    id: IssueId,
    now: NaiveDateTime,
) -> Result<Option<usize>, AppError> {
    let Some(issue) = queries::find(conn, id)?.filter(|issue| issue.state.is_open()) else {
        return Ok(None);
    };
    let shown = rendering::shown(conn, catalogue, site, &issue)?;
    if !write_down(conn, id, &shown, now)? {
        return Ok(None);
    }
    let letters = write_letters(conn, &issue)?;
    finish_done(conn, now)?;
    versions::bump(conn, &[Topic::Articles])?;
    Ok(Some(letters))
}

/// Of two who begin at the same time, one finds it begun.
fn write_down(
    conn: &mut Conn,
    id: IssueId,
    shown: &Shown,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let open = issues::table
        .find(id)
        .filter(issues::state.eq_any([State::Draft, State::Scheduled]));
    let begun = diesel::update(open)
        .set((
            issues::state.eq(State::Sending),
            issues::started_at.eq(now),
            issues::page_html.eq(&shown.page_html),
            issues::mail_html.eq(&shown.mail_html),
            issues::mail_text.eq(&shown.mail_text),
        ))
        .execute(conn)?;
    Ok(begun > 0)
}

/// A letter for everybody whom the issue is for. What stands in the statement are numbers of the program's own.
fn write_letters(conn: &mut Conn, issue: &Issue) -> QueryResult<usize> {
    let condition = match (issue.audience.role, issue.audience.technology) {
        (None, None) => "s.wants_issues".to_owned(),
        (role, technology) => {
            let role = role.map(|id| format!(" AND n.role_id = {}", id.0));
            let technology = technology.map(|id| format!(" AND n.technology_id = {}", id.0));
            format!(
                "EXISTS (SELECT 1 FROM interests n WHERE n.subscriber_id = s.id{}{})",
                role.unwrap_or_default(),
                technology.unwrap_or_default()
            )
        }
    };
    sql_query(format!(
        "INSERT INTO letters (kind, rank, subscriber_id, issue_id, state, tries, due_at, created_at) \
         SELECT 'issue', 2, s.id, i.id, 'waiting', 0, i.started_at, i.started_at \
         FROM subscribers s CROSS JOIN issues i \
         WHERE i.id = {} AND s.state = 'confirmed' AND {condition} ORDER BY s.id",
        issue.id.0
    ))
    .execute(conn)
}

/// How many would get an issue for that audience now.
///
/// # Errors
/// When the database fails.
pub fn audience_size(conn: &mut Conn, audience: Interest) -> QueryResult<i64> {
    if audience.is_empty() {
        return subscribers::table
            .filter(subscribers::state.eq(Standing::Confirmed))
            .filter(subscribers::wants_issues.eq(true))
            .count()
            .get_result(conn);
    }
    let all: Vec<(SubscriberId, Interest)> = interests::table
        .inner_join(subscribers::table)
        .filter(subscribers::state.eq(Standing::Confirmed))
        .select((
            interests::subscriber_id,
            (interests::role_id, interests::technology_id),
        ))
        .load(conn)?;
    let fits = |interest: &Interest| {
        (audience.role.is_none() || audience.role == interest.role)
            && (audience.technology.is_none() || audience.technology == interest.technology)
    };
    let readers: BTreeSet<SubscriberId> = all
        .into_iter()
        .filter(|(_, interest)| fits(interest))
        .map(|(subscriber, _)| subscriber)
        .collect();
    Ok(i64::try_from(readers.len()).unwrap_or(i64::MAX))
}

/// Issues of which no letter waits any more are sent.
///
/// # Errors
/// When the database fails.
pub fn finish_done(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<()> {
    let unfinished = letters::table
        .filter(letters::issue_id.is_not_null())
        .filter(letters::state.eq_any([LetterState::Waiting, LetterState::Sending]))
        .select(letters::issue_id.assume_not_null());
    let done = issues::table
        .filter(issues::state.eq(State::Sending))
        .filter(diesel::dsl::not(issues::id.eq_any(unfinished)));
    diesel::update(done)
        .set((issues::state.eq(State::Sent), issues::finished_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// What came of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Letters of each state.
    pub letters: Vec<(LetterState, i64)>,
    /// Who left by its link.
    pub left: i64,
}

impl Tally {
    /// Letters in that state.
    #[must_use]
    pub fn of(&self, state: LetterState) -> i64 {
        let found = self.letters.iter().find(|(known, _)| *known == state);
        found.map_or(0, |(_, count)| *count)
    }

    /// All letters.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.letters.iter().map(|(_, count)| count).sum()
    }

    /// Those that are behind it.
    #[must_use]
    pub fn done(&self) -> i64 {
        self.all() - self.of(LetterState::Waiting) - self.of(LetterState::Sending)
    }

    /// In hundredths; never all of it before it is done.
    #[must_use]
    pub fn percent(&self) -> i64 {
        let all = self.all();
        match self.done() {
            done if done == all => 100,
            done => (done * 100).checked_div(all).unwrap_or(0).min(99),
        }
    }
}

/// What came of an issue so far.
///
/// # Errors
/// When the database fails.
pub fn tally(conn: &mut Conn, id: IssueId) -> QueryResult<Tally> {
    Ok(Tally {
        letters: letters::table
            .filter(letters::issue_id.eq(id))
            .group_by(letters::state)
            .select((letters::state, diesel::dsl::count_star()))
            .load(conn)?,
        left: subscribers::table
            .filter(subscribers::left_by_issue_id.eq(id))
            .count()
            .get_result(conn)?,
    })
}

/// A letter that did not simply arrive.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Odd {
    /// Key.
    pub id: LetterId,
    /// Whose; none where their data was removed.
    pub email: Option<String>,
    /// What became of it.
    pub state: LetterState,
    /// What the mail server said.
    pub reply: Option<String>,
}

/// The letters of an issue that did not simply arrive.
///
/// # Errors
/// When the database fails.
pub fn odd(conn: &mut Conn, id: IssueId) -> QueryResult<Vec<Odd>> {
    letters::table
        .left_join(subscribers::table)
        .filter(letters::issue_id.eq(id))
        .filter(letters::state.ne(LetterState::Sent))
        .filter(letters::reply.is_not_null())
        .order(letters::id)
        .limit(LISTED)
        .select((
            letters::id,
            subscribers::email.nullable(),
            letters::state,
            letters::reply,
        ))
        .load(conn)
}

/// Sends once more what may have arrived or not, for an editor said so. Answers how many letters.
///
/// # Errors
/// When the database fails.
pub fn send_unclear_again(conn: &mut Conn, id: IssueId, now: NaiveDateTime) -> QueryResult<usize> {
    let unclear = letters::table
        .filter(letters::issue_id.eq(id))
        .filter(letters::state.eq(LetterState::Unclear));
    let again = diesel::update(unclear)
        .set((
            letters::state.eq(LetterState::Waiting),
            letters::due_at.eq(now),
            letters::ended_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    if again > 0 {
        step(conn, id, &[State::Sent], State::Sending)?;
    }
    Ok(again)
}
