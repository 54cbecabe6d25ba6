//! The roles and technologies whose changes subscribers want to hear of.

use diesel::prelude::*;

use crate::db::Conn;
use crate::ids::{RoleId, SubscriberId, TechnologyId};
use crate::market::queries as market;
use crate::schema::{interests, issues, sign_ups};
use crate::slug::Slug;

/// Rows that are named in one statement.
const TOGETHER: usize = 1_000;

/// A role, a technology, or a technology in a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Queryable)]
pub struct Interest {
    /// The role.
    pub role: Option<RoleId>,
    /// The technology.
    pub technology: Option<TechnologyId>,
}

/// An interest with its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The interest.
    pub interest: Interest,
    /// `Back-End Web with Django`.
    pub name: String,
    /// `back-end-web/django`, `back-end-web`, or `/django` for a technology in whichever role.
    pub slugs: String,
}

impl Interest {
    /// Whether it names nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.role.is_none() && self.technology.is_none()
    }

    /// What slugs name; empty ones name nothing, and so do unknown ones.
    ///
    /// # Errors
    /// When the database fails, as every query here.
    pub fn by_slugs(conn: &mut Conn, role: &str, technology: &str) -> QueryResult<Self> {
        let role = match role.parse::<Slug>() {
            Ok(slug) => market::role_by_slug(conn, &slug)?,
            Err(_) => None,
        };
        let technology = match technology.parse::<Slug>() {
            Ok(slug) => market::technology_by_slug(conn, &slug)?,
            Err(_) => None,
        };
        Ok(Self {
            role: role.map(|role| role.id),
            technology: technology.map(|technology| technology.id),
        })
    }

    /// The same with its names; `None` where what it names is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn named(self, conn: &mut Conn) -> QueryResult<Option<Named>> {
        let role = match self.role {
            Some(id) => market::role(conn, id)?,
            None => None,
        };
        let technology = match self.technology {
            Some(id) => market::technology(conn, id)?,
            None => None,
        };
        let (name, slugs) = match (role, technology) {
            (Some(role), Some(technology)) => (
                format!("{} with {}", role.name, technology.name),
                format!("{}/{}", role.slug, technology.slug),
            ),
            (Some(role), None) => (role.name, role.slug.to_string()),
            (None, Some(technology)) => (technology.name, format!("/{}", technology.slug)),
            (None, None) => return Ok(None),
        };
        Ok(Some(Named {
            interest: self,
            name,
            slugs,
        }))
    }
}

/// The interests of a subscriber, in the order in which they came.
///
/// # Errors
/// When the database fails.
pub fn of(conn: &mut Conn, subscriber: SubscriberId) -> QueryResult<Vec<Named>> {
    let found: Vec<Interest> = interests::table
        .filter(interests::subscriber_id.eq(subscriber))
        .order(interests::id)
        .select((interests::role_id, interests::technology_id))
        .load(conn)?;
    let mut named = Vec::new();
    for interest in found {
        named.extend(interest.named(conn)?);
    }
    Ok(named)
}

/// Adds an interest to a subscriber who may have it already.
///
/// # Errors
/// When the database fails.
pub fn add(conn: &mut Conn, subscriber: SubscriberId, interest: Interest) -> QueryResult<()> {
    if interest.is_empty() || is_there(conn, subscriber, interest)? {
        return Ok(());
    }
    diesel::insert_into(interests::table)
        .values((
            interests::subscriber_id.eq(subscriber),
            interests::role_id.eq(interest.role),
            interests::technology_id.eq(interest.technology),
        ))
        .execute(conn)?;
    Ok(())
}

fn is_there(conn: &mut Conn, subscriber: SubscriberId, interest: Interest) -> QueryResult<bool> {
    let all: Vec<Interest> = interests::table
        .filter(interests::subscriber_id.eq(subscriber))
        .select((interests::role_id, interests::technology_id))
        .load(conn)?;
    Ok(all.contains(&interest))
}

/// Keeps of a subscriber's interests only some.
///
/// # Errors
/// When the database fails.
pub fn keep(conn: &mut Conn, subscriber: SubscriberId, kept: &[Interest]) -> QueryResult<()> {
    let all: Vec<(i64, Interest)> = interests::table
        .filter(interests::subscriber_id.eq(subscriber))
        .select((
            interests::id,
            (interests::role_id, interests::technology_id),
        ))
        .load(conn)?;
    let gone = all.iter().filter(|(_, interest)| !kept.contains(interest));
    let gone: Vec<i64> = gone.map(|(id, _)| *id).collect();
    diesel::delete(interests::table.filter(interests::id.eq_any(gone))).execute(conn)?;
    Ok(())
}

/// Two roles became one: who wanted to hear of the one hears of the other, and what was for the one's readers is for the
/// other's.
///
/// # Errors
/// When the database fails.
pub fn roles_became_one(conn: &mut Conn, from: RoleId, into: RoleId) -> QueryResult<()> {
    let all = interests::table
        .filter(interests::role_id.eq(from))
        .select(MOVED)
        .load(conn)?;
    move_all(conn, all, |interest| Interest {
        role: Some(into),
        ..interest
    })?;
    diesel::update(issues::table.filter(issues::role_id.eq(from)))
        .set(issues::role_id.eq(into))
        .execute(conn)?;
    diesel::update(sign_ups::table.filter(sign_ups::role_id.eq(from)))
        .set(sign_ups::role_id.eq(into))
        .execute(conn)?;
    Ok(())
}

/// Two technologies became one.
///
/// # Errors
/// When the database fails.
pub fn technologies_became_one(
    conn: &mut Conn,
    from: TechnologyId,
    into: TechnologyId,
) -> QueryResult<()> {
    let all = interests::table
        .filter(interests::technology_id.eq(from))
        .select(MOVED)
        .load(conn)?;
    move_all(conn, all, |interest| Interest {
        technology: Some(into),
        ..interest
    })?;
    diesel::update(issues::table.filter(issues::technology_id.eq(from)))
        .set(issues::technology_id.eq(into))
        .execute(conn)?;
    diesel::update(sign_ups::table.filter(sign_ups::technology_id.eq(from)))
        .set(sign_ups::technology_id.eq(into))
        .execute(conn)?;
    Ok(())
}

/// What is read of interests that become others.
const MOVED: (
    interests::id,
    interests::subscriber_id,
    (interests::role_id, interests::technology_id),
) = (
    interests::id,
    interests::subscriber_id,
    (interests::role_id, interests::technology_id),
);

/// Makes other interests of some; nobody has one twice.
fn move_all(
    conn: &mut Conn,
    all: Vec<(i64, SubscriberId, Interest)>,
    moved: impl Fn(Interest) -> Interest,
) -> QueryResult<()> {
    let mut gone = Vec::with_capacity(all.len());
    for (id, subscriber, interest) in all {
        add(conn, subscriber, moved(interest))?;
        gone.push(id);
    }
    for ids in gone.chunks(TOGETHER) {
        let ids = ids.iter().copied();
        diesel::delete(interests::table.filter(interests::id.eq_any(ids))).execute(conn)?;
    }
    Ok(())
}

/// Whether readers want to hear of a role, or an issue is for those who do.
///
/// # Errors
/// When the database fails.
pub fn name_role(conn: &mut Conn, role: RoleId) -> QueryResult<bool> {
    let interests: i64 = interests::table
        .filter(interests::role_id.eq(role))
        .count()
        .get_result(conn)?;
    let issues: i64 = issues::table
        .filter(issues::role_id.eq(role))
        .count()
        .get_result(conn)?;
    Ok(interests + issues > 0)
}

/// The same of a technology.
///
/// # Errors
/// When the database fails.
pub fn name_technology(conn: &mut Conn, technology: TechnologyId) -> QueryResult<bool> {
    let interests: i64 = interests::table
        .filter(interests::technology_id.eq(technology))
        .count()
        .get_result(conn)?;
    let issues: i64 = issues::table
        .filter(issues::technology_id.eq(technology))
        .count()
        .get_result(conn)?;
    Ok(interests + issues > 0)
}
