//! Signing up: asking for it, and confirming it by the link that only the address's owner gets.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::interests::{self, Interest};
use super::letters::{self, Kind};
use super::{FORM_VERSION, Reason, State, subscribers, suppressions};
use crate::db::Conn;
use crate::ids::{SignUpId, SubscriberId};
use crate::mail::MailAddress;
use crate::schema::{sign_ups, subscribers as people, suppressions as suppressed};

/// How long the link in the mail works.
pub const LASTS: TimeDelta = TimeDelta::days(3);

/// Within this time a further request changes the one before, and no second mail is sent.
const ONE_REQUEST: TimeDelta = TimeDelta::minutes(10);

/// Mails that others can have sent to an address in a day, by typing it into the form.
const MOST_A_DAY: i64 = 4;

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The address.
    pub address: MailAddress,
    /// Whether every issue.
    pub wants_issues: bool,
    /// Changes of a role or technology.
    pub interest: Interest,
    /// The page that the form stood on.
    pub page: String,
}

/// A request, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct SignUp {
    /// Key.
    pub id: SignUpId,
    /// Whose address it is.
    pub subscriber: SubscriberId,
    /// Whether every issue.
    pub wants_issues: bool,
    /// Changes of a role or technology.
    pub interest: Interest,
    /// UTC.
    pub requested_at: NaiveDateTime,
    /// UTC.
    pub confirmed_at: Option<NaiveDateTime>,
}

/// What a link that confirms leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for the button.
    Open(SignUp),
    /// The button was pressed, and they are subscribed.
    Done(SignUp),
    /// The button was pressed, and they have left since.
    Left,
    /// It is too old, or nothing is kept of it.
    Expired,
}

/// Notes a request, and a letter with a link. Whoever typed the address learns nothing of it.
///
/// # Errors
/// When the database fails, as every query here.
pub fn request(conn: &mut Conn, wish: &Wish, now: NaiveDateTime) -> QueryResult<()> {
    let address = &wish.address;
    let reason = suppressions::of(conn, address.key())?;
    if reason.is_some_and(|reason| reason != Reason::Removed) {
        return Ok(());
    }
    let subscriber = match subscribers::by_address(conn, address)? {
        Some(known) => known.id,
        None => subscribers::add_pending(conn, address, now)?,
    };
    let since = |then: NaiveDateTime| {
        sign_ups::table
            .filter(sign_ups::subscriber_id.eq(subscriber))
            .filter(sign_ups::requested_at.gt(then))
    };
    let same: Option<SignUpId> = since(now - ONE_REQUEST)
        .filter(sign_ups::confirmed_at.is_null())
        .order(sign_ups::id.desc())
        .select(sign_ups::id)
        .first(conn)
        .optional()?;
    let values = (
        sign_ups::wants_issues.eq(wish.wants_issues),
        sign_ups::role_id.eq(wish.interest.role),
        sign_ups::technology_id.eq(wish.interest.technology),
        sign_ups::page.eq(&wish.page),
        sign_ups::form_version.eq(FORM_VERSION),
    );
    if let Some(id) = same {
        diesel::update(sign_ups::table.find(id))
            .set(values)
            .execute(conn)?;
        return Ok(());
    }
    let today: i64 = since(now - TimeDelta::days(1)).count().get_result(conn)?;
    if today >= MOST_A_DAY {
        return Ok(());
    }
    let id: SignUpId = diesel::insert_into(sign_ups::table)
        .values((
            sign_ups::subscriber_id.eq(subscriber),
            values,
            sign_ups::requested_at.eq(now),
        ))
        .returning(sign_ups::id)
        .get_result(conn)?;
    letters::add(conn, Kind::Confirmation, subscriber, Some(id), None, now)
}

/// What a sign-up is.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, id: SignUpId) -> QueryResult<Option<SignUp>> {
    sign_ups::table
        .find(id)
        .select((
            sign_ups::id,
            sign_ups::subscriber_id,
            sign_ups::wants_issues,
            (sign_ups::role_id, sign_ups::technology_id),
            sign_ups::requested_at,
            sign_ups::confirmed_at,
        ))
        .first(conn)
        .optional()
}

/// What a link that confirms leads to.
///
/// # Errors
/// When the database fails.
pub fn standing(conn: &mut Conn, id: SignUpId, now: NaiveDateTime) -> QueryResult<Standing> {
    let Some(sign_up) = find(conn, id)? else {
        return Ok(Standing::Expired);
    };
    let Some(who) = subscribers::by_id(conn, sign_up.subscriber)? else {
        return Ok(Standing::Expired);
    };
    let has_left_since = who.state != State::Confirmed
        && who
            .left_at
            .is_some_and(|left_at| left_at >= sign_up.requested_at);
    if has_left_since {
        return Ok(Standing::Left);
    }
    if sign_up.confirmed_at.is_some() {
        return Ok(Standing::Done(sign_up));
    }
    if now - sign_up.requested_at > LASTS {
        return Ok(Standing::Expired);
    }
    Ok(Standing::Open(sign_up))
}

/// The button was pressed. What the link leads to from then on; a second press changes nothing.
///
/// # Errors
/// When the database fails.
pub fn confirm(conn: &mut Conn, id: SignUpId, now: NaiveDateTime) -> QueryResult<Standing> {
    let standing = standing(conn, id, now)?;
    let Standing::Open(sign_up) = standing else {
        return Ok(standing);
    };
    let Some(who) = subscribers::by_id(conn, sign_up.subscriber)? else {
        return Ok(Standing::Expired);
    };
    diesel::update(sign_ups::table.find(id))
        .set(sign_ups::confirmed_at.eq(now))
        .execute(conn)?;
    let form_version: i32 = sign_ups::table
        .find(id)
        .select(sign_ups::form_version)
        .first(conn)?;
    // Who comes anew, or back, gets what they ask for now; who is here gets it as well.
    let is_here = who.state == State::Confirmed;
    if !is_here {
        interests::keep(conn, who.id, &[])?;
    }
    interests::add(conn, who.id, sign_up.interest)?;
    diesel::update(people::table.find(who.id))
        .set((
            people::state.eq(State::Confirmed),
            people::wants_issues.eq(sign_up.wants_issues || (is_here && who.wants_issues)),
            people::consented_at.eq(now),
            people::form_version.eq(form_version),
            people::left_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    if let Some(address) = who.address() {
        let removed = suppressed::table
            .filter(suppressed::email_sha256.eq(suppressions::hash(address.key())))
            .filter(suppressed::reason.eq(Reason::Removed));
        diesel::delete(removed).execute(conn)?;
    }
    Ok(Standing::Done(SignUp {
        confirmed_at: Some(now),
        ..sign_up
    }))
}
