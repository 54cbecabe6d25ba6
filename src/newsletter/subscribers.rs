//! Subscribers in the database: who they are, and what happens to them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;

use super::issues::queries as issues;
use super::{Origin, Reason, State, interests, suppressions};
use crate::db::Conn;
use crate::ids::{IssueId, SubscriberId};
use crate::mail::MailAddress;
use crate::schema::{letters, sign_ups, subscribers};

/// Somebody who gets mails, wanted to, or did.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = subscribers)]
pub struct Subscriber {
    /// Key.
    pub id: SubscriberId,
    /// Address, as it was typed.
    pub email: String,
    /// How they stand.
    pub state: State,
    /// Whether they get every issue.
    pub wants_issues: bool,
    /// How they came.
    pub origin: Origin,
    /// When the site first heard of them, UTC.
    pub created_at: NaiveDateTime,
    /// When they agreed last, UTC.
    pub consented_at: Option<NaiveDateTime>,
    /// To which wording of the form.
    pub form_version: Option<i32>,
    /// When they left, UTC.
    pub left_at: Option<NaiveDateTime>,
}

impl Subscriber {
    /// The address, as mail needs it.
    #[must_use]
    pub fn address(&self) -> Option<MailAddress> {
        self.email.parse().ok()
    }
}

/// The subscriber of that key.
///
/// # Errors
/// When the database fails, as every query here.
pub fn by_id(conn: &mut Conn, id: SubscriberId) -> QueryResult<Option<Subscriber>> {
    let found = subscribers::table.find(id).select(Subscriber::as_select());
    found.first(conn).optional()
}

/// The subscriber of that address, however it is spelled.
///
/// # Errors
/// When the database fails.
pub fn by_address(conn: &mut Conn, address: &MailAddress) -> QueryResult<Option<Subscriber>> {
    subscribers::table
        .filter(subscribers::email_key.eq(address.key()))
        .select(Subscriber::as_select())
        .first(conn)
        .optional()
}

/// Adds somebody who has not agreed to anything yet.
///
/// # Errors
/// When the database fails.
pub fn add_pending(
    conn: &mut Conn,
    address: &MailAddress,
    now: NaiveDateTime,
) -> QueryResult<SubscriberId> {
    diesel::insert_into(subscribers::table)
        .values((
            subscribers::email.eq(address.shown()),
            subscribers::email_key.eq(address.key()),
            subscribers::state.eq(State::Pending),
            subscribers::wants_issues.eq(false),
            subscribers::origin.eq(Origin::Form),
            subscribers::created_at.eq(now),
        ))
        .returning(subscribers::id)
        .get_result(conn)
}

/// Somebody leaves, maybe by the link of an issue: from now on they get no mails.
///
/// # Errors
/// When the database fails.
pub fn leave(
    conn: &mut Conn,
    id: SubscriberId,
    by: Option<IssueId>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    // An issue that was removed counts nobody.
    let by = match by {
        Some(id) => issues::find(conn, id)?.map(|issue| issue.id),
        None => None,
    };
    let stays = subscribers::table
        .find(id)
        .filter(subscribers::state.eq_any([State::Pending, State::Confirmed]));
    diesel::update(stays)
        .set((
            subscribers::state.eq(State::Left),
            subscribers::left_at.eq(now),
            subscribers::left_by_issue_id.eq(by),
        ))
        .execute(conn)?;
    Ok(())
}

/// Somebody who left by mistake comes back, with what they agreed to before.
///
/// # Errors
/// When the database fails.
pub fn come_back(conn: &mut Conn, id: SubscriberId) -> QueryResult<bool> {
    let gone = subscribers::table
        .find(id)
        .filter(subscribers::state.eq(State::Left))
        .filter(subscribers::consented_at.is_not_null());
    let changed = diesel::update(gone)
        .set((
            subscribers::state.eq(State::Confirmed),
            subscribers::left_at.eq(None::<NaiveDateTime>),
            subscribers::left_by_issue_id.eq(None::<IssueId>),
        ))
        .execute(conn)?;
    Ok(changed > 0)
}

/// Nobody writes to an address any more, for it is dead or its owner complained.
///
/// # Errors
/// When the database fails.
pub fn suppress(
    conn: &mut Conn,
    address: &MailAddress,
    reason: Reason,
    detail: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    suppressions::add(conn, address, reason, detail, now)?;
    let state = match reason {
        Reason::Bounced => State::Bounced,
        Reason::Complained => State::Complained,
        Reason::Removed | Reason::ByHand => State::Left,
    };
    let known = subscribers::table
        .filter(subscribers::email_key.eq(address.key()))
        .filter(subscribers::state.eq_any([State::Pending, State::Confirmed]));
    diesel::update(known)
        .set((subscribers::state.eq(state), subscribers::left_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Removes all that is known of somebody. That the address wants no mail is kept as a hash, so that no import brings it back.
///
/// # Errors
/// When the database fails.
pub fn forget(conn: &mut Conn, of: &Subscriber, now: NaiveDateTime) -> QueryResult<()> {
    if let Some(address) = of.address() {
        suppressions::add(conn, &address, Reason::Removed, "", now)?;
    }
    // What a mail server said may name the address.
    diesel::update(letters::table.filter(letters::subscriber_id.eq(of.id)))
        .set((
            letters::reply.eq(None::<String>),
            letters::content.eq(None::<String>),
        ))
        .execute(conn)?;
    diesel::delete(subscribers::table.find(of.id)).execute(conn)?;
    Ok(())
}

/// All that is known of somebody, for themselves.
#[derive(Clone, Debug, Serialize)]
pub struct Data {
    email: String,
    state: State,
    newsletter: bool,
    topics: Vec<String>,
    first_heard_of: NaiveDateTime,
    agreed_at: Option<NaiveDateTime>,
    form_version: Option<i32>,
    left_at: Option<NaiveDateTime>,
    sign_ups: Vec<SignUpData>,
    mails: Vec<MailData>,
}

/// A sign-up, for whoever made it.
#[derive(Clone, Debug, Serialize, Queryable)]
struct SignUpData {
    requested_at: NaiveDateTime,
    confirmed_at: Option<NaiveDateTime>,
    page: String,
    form_version: i32,
}

/// A mail, for whoever it went to.
#[derive(Clone, Debug, Serialize, Queryable)]
struct MailData {
    kind: String,
    state: String,
    created_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
}

/// All that is known of somebody.
///
/// # Errors
/// When the database fails.
pub fn data(conn: &mut Conn, of: Subscriber) -> QueryResult<Data> {
    let topics = interests::of(conn, of.id)?.into_iter();
    Ok(Data {
        topics: topics.map(|named| named.name).collect(),
        sign_ups: sign_ups::table
            .filter(sign_ups::subscriber_id.eq(of.id))
            .order(sign_ups::id)
            .select((
                sign_ups::requested_at,
                sign_ups::confirmed_at,
                sign_ups::page,
                sign_ups::form_version,
            ))
            .load(conn)?,
        mails: letters::table
            .filter(letters::subscriber_id.eq(of.id))
            .order(letters::id)
            .select((
                letters::kind,
                letters::state,
                letters::created_at,
                letters::ended_at,
            ))
            .load(conn)?,
        email: of.email,
        state: of.state,
        newsletter: of.wants_issues,
        first_heard_of: of.created_at,
        agreed_at: of.consented_at,
        form_version: of.form_version,
        left_at: of.left_at,
    })
}
