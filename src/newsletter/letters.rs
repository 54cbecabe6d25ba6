//! Mails to subscribers: what waits, what is on its way, and what became of the others.
//!
//! A letter is claimed before it leaves, in a transaction of its own: whatever happens then, it does not leave again by
//! itself. One that was claimed by a payband that died is `unclear`: it may have arrived or not.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::State as Standing;
use super::issues::State as IssueState;
use super::subscribers::{self, Subscriber};
use super::suppressions;
use crate::db::Conn;
use crate::ids::{IssueId, LetterId, SignUpId, SubscriberId};
use crate::market::words::vocabulary;
use crate::schema::{issues, letters};

vocabulary! {
    /// What a letter is.
    Kind, "a kind of letter" {
        /// Asks whether somebody wants to be subscribed.
        Confirmation = "confirmation", "Confirmation";
        /// Tells that something moved.
        Notice = "notice", "Notice";
        /// An issue of the newsletter.
        Issue = "issue", "Issue";
    }
}

impl Kind {
    /// Those of a lower rank leave first: somebody waits for them.
    const fn rank(self) -> i32 {
        match self {
            Self::Confirmation => 0,
            Self::Notice => 1,
            Self::Issue => 2,
        }
    }
}

vocabulary! {
    /// What became of a letter.
    State, "a state of a letter" {
        /// It leaves when its turn comes.
        Waiting = "waiting", "Waiting";
        /// It is on its way to the mail server.
        Sending = "sending", "On its way";
        /// The mail server took it.
        Sent = "sent", "Sent";
        /// The mail server refused it for good.
        Refused = "refused", "Refused";
        /// The mail server put it off too often.
        GivenUp = "given_up", "Given up";
        /// Something broke when it was handed over: it may have arrived or not.
        Unclear = "unclear", "Unclear";
        /// It was not wanted any more when its turn came.
        Dropped = "dropped", "Not sent";
    }
}

/// How long to wait after the first, second, … time that a letter was put off.
const PAUSES: [TimeDelta; 8] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(3),
    TimeDelta::hours(6),
    TimeDelta::hours(12),
    TimeDelta::hours(24),
];

/// A letter whose turn has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Key.
    pub id: LetterId,
    /// What it is.
    pub kind: Kind,
    /// To whom.
    pub to: Subscriber,
    /// What it asks to confirm.
    pub sign_up: Option<SignUpId>,
    /// The issue.
    pub issue: Option<IssueId>,
    /// What a notice says.
    pub content: Option<String>,
    /// How often it was put off.
    pub tries: i32,
}

/// Lets a letter wait for its turn.
///
/// # Errors
/// When the database fails, as every query here.
pub fn add(
    conn: &mut Conn,
    kind: Kind,
    to: SubscriberId,
    sign_up: Option<SignUpId>,
    content: Option<&str>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::insert_into(letters::table)
        .values((
            letters::kind.eq(kind),
            letters::rank.eq(kind.rank()),
            letters::subscriber_id.eq(to),
            letters::sign_up_id.eq(sign_up),
            letters::content.eq(content),
            letters::state.eq(State::Waiting),
            letters::due_at.eq(now),
            letters::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a letter's turn has come, or one was left on its way.
///
/// # Errors
/// When the database fails.
pub fn is_anything_due(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<bool> {
    let is_left = letters::table.filter(letters::state.eq(State::Sending));
    if diesel::select(diesel::dsl::exists(is_left)).get_result(conn)? {
        return Ok(true);
    }
    let moving = moving(conn)?;
    let waiting = letters::table
        .filter(letters::state.eq(State::Waiting))
        .filter(letters::due_at.le(now))
        .filter(
            letters::issue_id
                .is_null()
                .or(letters::issue_id.eq_any(moving)),
        );
    diesel::select(diesel::dsl::exists(waiting)).get_result(conn)
}

/// The issues whose letters leave.
fn moving(conn: &mut Conn) -> QueryResult<Vec<IssueId>> {
    issues::table
        .filter(issues::state.eq(IssueState::Sending))
        .select(issues::id)
        .load(conn)
}

/// What was left on its way by a payband that died. Belongs to whoever knows that nobody else is sending.
///
/// # Errors
/// When the database fails.
pub fn clear_up(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(letters::table.filter(letters::state.eq(State::Sending)))
        .set((
            letters::state.eq(State::Unclear),
            letters::reply.eq("payband ended while it was on its way"),
            letters::ended_at.eq(now),
        ))
        .execute(conn)
}

/// The columns of a letter that waits.
type Row = (
    LetterId,
    Kind,
    Option<SubscriberId>,
    Option<SignUpId>,
    Option<IssueId>,
    Option<String>,
    i32,
);

/// Claims the letter whose turn it is: from then on it is on its way. Letters that nobody wants any more are passed over.
///
/// # Errors
/// When the database fails.
pub fn claim(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Option<Letter>> {
    let moving = moving(conn)?;
    loop {
        let row: Option<Row> = letters::table
            .filter(letters::state.eq(State::Waiting))
            .filter(letters::due_at.le(now))
            .filter(
                letters::issue_id
                    .is_null()
                    .or(letters::issue_id.eq_any(&moving)),
            )
            .order((letters::rank, letters::due_at, letters::id))
            .select((
                letters::id,
                letters::kind,
                letters::subscriber_id,
                letters::sign_up_id,
                letters::issue_id,
                letters::content,
                letters::tries,
            ))
            .first(conn)
            .optional()?;
        let Some((id, kind, to, sign_up, issue, content, tries)) = row else {
            return Ok(None);
        };
        let to = match to {
            Some(to) => reader(conn, to, kind)?,
            None => None,
        };
        let state = if to.is_some() {
            State::Sending
        } else {
            State::Dropped
        };
        diesel::update(letters::table.find(id))
            .set((
                letters::state.eq(state),
                letters::ended_at.eq(to.is_none().then_some(now)),
            ))
            .execute(conn)?;
        if let Some(to) = to {
            return Ok(Some(Letter {
                id,
                kind,
                to,
                sign_up,
                issue,
                content,
                tries,
            }));
        }
    }
}

/// Whoever a letter is for, where they want it.
fn reader(conn: &mut Conn, id: SubscriberId, kind: Kind) -> QueryResult<Option<Subscriber>> {
    let Some(to) = subscribers::by_id(conn, id)? else {
        return Ok(None);
    };
    let is_wanted = match kind {
        Kind::Confirmation => true,
        Kind::Notice | Kind::Issue => to.state == Standing::Confirmed,
    };
    let Some(address) = to.address().filter(|_| is_wanted) else {
        return Ok(None);
    };
    let reason = suppressions::of(conn, address.key())?;
    // Whoever had their data removed may sign up again.
    let is_suppressed = match kind {
        Kind::Confirmation => reason.is_some_and(|reason| reason != super::Reason::Removed),
        Kind::Notice | Kind::Issue => reason.is_some(),
    };
    Ok((!is_suppressed).then_some(to))
}

/// Notes what became of a letter.
///
/// # Errors
/// When the database fails.
pub fn end(
    conn: &mut Conn,
    id: LetterId,
    state: State,
    reply: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(letters::table.find(id))
        .set((
            letters::state.eq(state),
            letters::reply.eq(reply),
            letters::ended_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A letter was put off: it waits for another time, or is given up.
///
/// # Errors
/// When the database fails.
pub fn put_off(
    conn: &mut Conn,
    letter: &Letter,
    reply: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let pause = usize::try_from(letter.tries)
        .ok()
        .and_then(|tries| PAUSES.get(tries));
    let Some(pause) = pause else {
        return end(conn, letter.id, State::GivenUp, reply, now);
    };
    diesel::update(letters::table.find(letter.id))
        .set((
            letters::state.eq(State::Waiting),
            letters::tries.eq(letters::tries + 1),
            letters::due_at.eq(now + *pause),
            letters::reply.eq(reply),
        ))
        .execute(conn)?;
    Ok(())
}

/// A letter did not leave, and not for its own sake: it waits as before.
///
/// # Errors
/// When the database fails.
pub fn take_back(conn: &mut Conn, id: LetterId) -> QueryResult<()> {
    diesel::update(letters::table.find(id))
        .set(letters::state.eq(State::Waiting))
        .execute(conn)?;
    Ok(())
}
