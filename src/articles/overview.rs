//! What the dashboard asks of articles: what is unfinished, what is to come, and what is missing.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::State;
use super::queries::is_public;
use crate::db::Conn;
use crate::ids::ArticleId;
use crate::schema::{articles, roles};
use crate::slug::Slug;

/// An article that visitors do not see yet.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Unpublished {
    /// Key.
    pub id: ArticleId,
    /// Heading.
    pub title: String,
    /// When it was last saved, UTC.
    pub updated_at: NaiveDateTime,
    /// When it will be published, UTC.
    pub published_at: Option<NaiveDateTime>,
}

/// A role that no published article is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct BareRole {
    /// Name in addresses.
    pub slug: Slug,
    /// Readable name.
    pub name: String,
}

/// Drafts, the one saved last first.
///
/// # Errors
/// When the database fails, as every query here.
pub fn drafts(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Unpublished>> {
    articles::table
        .filter(articles::state.eq(State::Draft))
        .filter(articles::removed_at.is_null())
        .order((articles::updated_at.desc(), articles::id.desc()))
        .limit(limit)
        .select((
            articles::id,
            articles::title,
            articles::updated_at,
            articles::published_at,
        ))
        .load(conn)
}

/// Scheduled articles, the next one first.
///
/// # Errors
/// When the database fails.
pub fn scheduled(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Unpublished>> {
    articles::table
        .filter(articles::state.eq(State::Scheduled))
        .filter(articles::removed_at.is_null())
        .order((articles::published_at, articles::id))
        .limit(limit)
        .select((
            articles::id,
            articles::title,
            articles::updated_at,
            articles::published_at,
        ))
        .load(conn)
}

/// Roles that no published article is attached to, by name.
///
/// # Errors
/// When the database fails.
pub fn bare_roles(conn: &mut Conn, limit: i64) -> QueryResult<Vec<BareRole>> {
    let attached = articles::table
        .filter(is_public())
        .filter(articles::role_id.is_not_null())
        .select(articles::role_id.assume_not_null());
    roles::table
        .filter(roles::id.ne_all(attached))
        .order((roles::name, roles::id))
        .limit(limit)
        .select((roles::slug, roles::name))
        .load(conn)
}
