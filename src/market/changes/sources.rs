//! Sources: what readers are told of them, whether their pay is gross or net, and taking one away with all that came from it.

use diesel::prelude::*;

use super::{ChangeError, TakenSlug};
use crate::db::Conn;
use crate::ids::SourceId;
use crate::import;
use crate::market::{PayBasis, Source, queries};
use crate::salaries::{Upkeep, blocks_of_source};
use crate::schema::sources;
use crate::slug::Slug;
use crate::versions::{self, Topic};

/// What readers are told of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDetails {
    /// Readable name.
    pub name: String,
    /// Where a reader finds the original.
    pub url: Option<String>,
    /// Under which terms the rows are used.
    pub licence: Option<String>,
}

/// A source that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSource {
    /// Name in addresses and profiles; it stays.
    pub slug: Slug,
    /// What readers are told of it.
    pub details: SourceDetails,
    /// Before or after taxes.
    pub pay: PayBasis,
}

/// Creates a source. No page shows it before it has offers.
///
/// # Errors
/// [`ChangeError::SlugTaken`] or [`ChangeError::Database`].
pub fn create_source(
    conn: &mut Conn,
    new: &NewSource,
) -> Result<(SourceId, Vec<Topic>), ChangeError> {
    import::lock(conn)?;
    if let Some(other) = queries::source_by_slug(conn, &new.slug)? {
        return Err(ChangeError::SlugTaken(TakenSlug {
            slug: new.slug.clone(),
            by: other.name,
            formerly: false,
        }));
    }
    let details = &new.details;
    let id = diesel::insert_into(sources::table)
        .values((
            sources::slug.eq(&new.slug),
            sources::name.eq(&details.name),
            sources::url.eq(&details.url),
            sources::licence.eq(&details.licence),
            sources::pay.eq(new.pay),
        ))
        .returning(sources::id)
        .get_result(conn)?;
    Ok((id, Vec::new()))
}

/// The source of offers that belong to no other, created where it is missing.
///
/// # Errors
/// [`ChangeError::Database`].
pub fn by_hand(conn: &mut Conn) -> Result<SourceId, ChangeError> {
    let slug = Slug::from_static("by-hand");
    if let Some(source) = queries::source_by_slug(conn, &slug)? {
        return Ok(source.id);
    }
    let new = NewSource {
        slug,
        details: SourceDetails {
            name: "By hand".to_owned(),
            url: None,
            licence: None,
        },
        pay: PayBasis::Gross,
    };
    Ok(create_source(conn, &new)?.0)
}

/// Tells readers something else of a source. Every role's pages may name it.
///
/// # Errors
/// [`ChangeError::Gone`] or [`ChangeError::Database`].
pub fn change_source(
    conn: &mut Conn,
    id: SourceId,
    details: &SourceDetails,
) -> Result<Vec<Topic>, ChangeError> {
    existing(conn, id)?;
    diesel::update(sources::table.find(id))
        .set((
            sources::name.eq(&details.name),
            sources::url.eq(&details.url),
            sources::licence.eq(&details.licence),
        ))
        .execute(conn)?;
    let roles = queries::roles(conn)?.into_iter();
    Ok(roles.map(|role| Topic::Role(role.id)).collect())
}

/// Says that a source's pay is of the other kind, and derives its figures anew.
///
/// # Errors
/// [`ChangeError::Gone`] or [`ChangeError::Database`].
pub fn change_pay(conn: &mut Conn, id: SourceId, pay: PayBasis) -> Result<Vec<Topic>, ChangeError> {
    import::lock(conn)?;
    existing(conn, id)?;
    let upkeep = everything_of(conn, id)?;
    diesel::update(sources::table.find(id))
        .set(sources::pay.eq(pay))
        .execute(conn)?;
    Ok(versions::of_figures(&upkeep.finish(conn)?))
}

/// Removes a source with all that came from it: candidates, offers, imports.
///
/// # Errors
/// [`ChangeError::Gone`] or [`ChangeError::Database`].
pub fn remove_source(conn: &mut Conn, id: SourceId) -> Result<Vec<Topic>, ChangeError> {
    import::lock(conn)?;
    existing(conn, id)?;
    let upkeep = everything_of(conn, id)?;
    diesel::delete(sources::table.find(id)).execute(conn)?;
    Ok(versions::of_figures(&upkeep.finish(conn)?))
}

fn existing(conn: &mut Conn, id: SourceId) -> Result<Source, ChangeError> {
    queries::source(conn, id)?.ok_or(ChangeError::Gone("source"))
}

fn everything_of(conn: &mut Conn, source: SourceId) -> QueryResult<Upkeep> {
    let mut upkeep = Upkeep::default();
    for block in blocks_of_source(conn, source)? {
        upkeep.changed(block);
    }
    Ok(upkeep)
}
