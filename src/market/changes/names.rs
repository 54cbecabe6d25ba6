//! Names and slugs of roles and technologies. A slug that is given up goes on leading where it led.

use diesel::prelude::*;

use super::{ChangeError, TakenSlug};
use crate::db::Conn;
use crate::ids::{RoleId, TechnologyId};
use crate::import;
use crate::market::queries;
use crate::schema::{role_redirects, roles, technologies, technology_redirects};
use crate::slug::Slug;
use crate::versions::Topic;

/// What a role is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleNames {
    /// Name in addresses.
    pub slug: Slug,
    /// Readable name.
    pub name: String,
    /// The title of a person in it.
    pub job_title: String,
}

/// What a technology is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TechnologyNames {
    /// Name in addresses.
    pub slug: Slug,
    /// Readable name.
    pub name: String,
}

/// Creates a role.
///
/// # Errors
/// [`ChangeError::SlugTaken`] or [`ChangeError::Database`].
pub fn create_role(
    conn: &mut Conn,
    names: &RoleNames,
) -> Result<(RoleId, Vec<Topic>), ChangeError> {
    import::lock(conn)?;
    let RoleNames {
        slug,
        name,
        job_title,
    } = names;
    leads_to_no_role(conn, slug, None)?;
    let id = queries::create_role(conn, slug, name, job_title)?;
    Ok((id, topics(Topic::Role(id))))
}

/// Creates a technology.
///
/// # Errors
/// [`ChangeError::SlugTaken`] or [`ChangeError::Database`].
pub fn create_technology(
    conn: &mut Conn,
    names: &TechnologyNames,
) -> Result<(TechnologyId, Vec<Topic>), ChangeError> {
    import::lock(conn)?;
    leads_to_no_technology(conn, &names.slug, None)?;
    let id = queries::create_technology(conn, &names.slug, &names.name)?;
    Ok((id, topics(Topic::Technology(id))))
}

/// Gives a role other names. A slug that it had before may be taken back.
///
/// # Errors
/// [`ChangeError::Gone`], [`ChangeError::SlugTaken`] or [`ChangeError::Database`].
pub fn change_role(
    conn: &mut Conn,
    id: RoleId,
    names: &RoleNames,
) -> Result<Vec<Topic>, ChangeError> {
    import::lock(conn)?;
    let former = queries::role(conn, id)?.ok_or(ChangeError::Gone("role"))?;
    if former.slug != names.slug {
        leads_to_no_role(conn, &names.slug, Some(id))?;
        diesel::delete(role_redirects::table.find(&names.slug)).execute(conn)?;
        redirect_role(conn, &former.slug, id)?;
    }
    diesel::update(roles::table.find(id))
        .set((
            roles::slug.eq(&names.slug),
            roles::name.eq(&names.name),
            roles::job_title.eq(&names.job_title),
        ))
        .execute(conn)?;
    Ok(topics(Topic::Role(id)))
}

/// Gives a technology other names. A slug that it had before may be taken back.
///
/// # Errors
/// [`ChangeError::Gone`], [`ChangeError::SlugTaken`] or [`ChangeError::Database`].
pub fn change_technology(
    conn: &mut Conn,
    id: TechnologyId,
    names: &TechnologyNames,
) -> Result<Vec<Topic>, ChangeError> {
    import::lock(conn)?;
    let former = queries::technology(conn, id)?.ok_or(ChangeError::Gone("technology"))?;
    if former.slug != names.slug {
        leads_to_no_technology(conn, &names.slug, Some(id))?;
        diesel::delete(technology_redirects::table.find(&names.slug)).execute(conn)?;
        redirect_technology(conn, &former.slug, id)?;
    }
    diesel::update(technologies::table.find(id))
        .set((
            technologies::slug.eq(&names.slug),
            technologies::name.eq(&names.name),
        ))
        .execute(conn)?;
    Ok(topics(Topic::Technology(id)))
}

/// The pages that show the name of a role or technology: its own, lists, and those of articles.
pub(super) fn topics(own: Topic) -> Vec<Topic> {
    vec![own, Topic::Figures, Topic::Articles]
}

/// Lets a slug that no role has any more lead to a role.
pub(super) fn redirect_role(conn: &mut Conn, slug: &Slug, to: RoleId) -> QueryResult<()> {
    diesel::insert_into(role_redirects::table)
        .values((
            role_redirects::slug.eq(slug),
            role_redirects::role_id.eq(to),
        ))
        .execute(conn)?;
    Ok(())
}

/// Lets a slug that no technology has any more lead to a technology.
pub(super) fn redirect_technology(
    conn: &mut Conn,
    slug: &Slug,
    to: TechnologyId,
) -> QueryResult<()> {
    diesel::insert_into(technology_redirects::table)
        .values((
            technology_redirects::slug.eq(slug),
            technology_redirects::technology_id.eq(to),
        ))
        .execute(conn)?;
    Ok(())
}

fn leads_to_no_role(conn: &mut Conn, slug: &Slug, but: Option<RoleId>) -> Result<(), ChangeError> {
    match queries::role_by_any_slug(conn, slug)? {
        Some(other) if Some(other.id) != but => Err(ChangeError::SlugTaken(TakenSlug {
            slug: slug.clone(),
            formerly: other.slug != *slug,
            by: other.name,
        })),
        _ => Ok(()),
    }
}

fn leads_to_no_technology(
    conn: &mut Conn,
    slug: &Slug,
    but: Option<TechnologyId>,
) -> Result<(), ChangeError> {
    match queries::technology_by_any_slug(conn, slug)? {
        Some(other) if Some(other.id) != but => Err(ChangeError::SlugTaken(TakenSlug {
            slug: slug.clone(),
            formerly: other.slug != *slug,
            by: other.name,
        })),
        _ => Ok(()),
    }
}
