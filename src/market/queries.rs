//! Questions about roles, technologies and sources.

use diesel::prelude::*;

use super::{Role, Source, Technology};
use crate::db::Conn;
use crate::ids::{RoleId, TechnologyId};
use crate::schema::{roles, sources, technologies};
use crate::slug::Slug;

/// Every role, by name.
///
/// # Errors
/// When the database fails, as every query here.
pub fn roles(conn: &mut Conn) -> QueryResult<Vec<Role>> {
    roles::table.order((roles::name, roles::id)).load(conn)
}

/// Every technology, by name.
///
/// # Errors
/// When the database fails.
pub fn technologies(conn: &mut Conn) -> QueryResult<Vec<Technology>> {
    technologies::table
        .order((technologies::name, technologies::id))
        .load(conn)
}

/// Every source, by name.
///
/// # Errors
/// When the database fails.
pub fn sources(conn: &mut Conn) -> QueryResult<Vec<Source>> {
    sources::table
        .order((sources::name, sources::id))
        .load(conn)
}

/// The role of that key.
///
/// # Errors
/// When the database fails.
pub fn role(conn: &mut Conn, id: RoleId) -> QueryResult<Option<Role>> {
    roles::table.find(id).first(conn).optional()
}

/// The role of that slug.
///
/// # Errors
/// When the database fails.
pub fn role_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Role>> {
    roles::table
        .filter(roles::slug.eq(slug))
        .first(conn)
        .optional()
}

/// The technology of that slug.
///
/// # Errors
/// When the database fails.
pub fn technology_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Technology>> {
    technologies::table
        .filter(technologies::slug.eq(slug))
        .first(conn)
        .optional()
}

/// Creates a role.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn create_role(
    conn: &mut Conn,
    slug: &Slug,
    name: &str,
    job_title: &str,
) -> QueryResult<RoleId> {
    diesel::insert_into(roles::table)
        .values((
            roles::slug.eq(slug),
            roles::name.eq(name),
            roles::job_title.eq(job_title),
        ))
        .returning(roles::id)
        .get_result(conn)
}

/// Creates a technology.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn create_technology(conn: &mut Conn, slug: &Slug, name: &str) -> QueryResult<TechnologyId> {
    diesel::insert_into(technologies::table)
        .values((technologies::slug.eq(slug), technologies::name.eq(name)))
        .returning(technologies::id)
        .get_result(conn)
}
