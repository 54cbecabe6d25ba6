//! The facts: roles, technologies, sources, and the candidates and offers that came from them.

pub mod names;
pub mod queries;
pub mod words;

use diesel::prelude::*;

use crate::ids::{RoleId, SourceId, TechnologyId};
use crate::slug::Slug;
pub use words::{Country, English, ExperienceBand, OfferStatus, PayBasis, Seniority};

/// A specialization such as Back-End Web.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Role {
    /// Key.
    pub id: RoleId,
    /// Name in addresses: `back-end-web`.
    pub slug: Slug,
    /// Readable name: `Back-End Web`.
    pub name: String,
    /// The title of a person in it: `Back-End Web Developer`.
    pub job_title: String,
}

/// A skill such as Django.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Technology {
    /// Key.
    pub id: TechnologyId,
    /// Name in addresses: `django`.
    pub slug: Slug,
    /// Readable name.
    pub name: String,
}

/// Where rows came from.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Source {
    /// Key.
    pub id: SourceId,
    /// Name in addresses and profiles.
    pub slug: Slug,
    /// Readable name.
    pub name: String,
    /// Where a reader finds the original.
    pub url: Option<String>,
    /// Under which terms the rows are used.
    pub licence: Option<String>,
    /// Before or after taxes.
    pub pay: PayBasis,
}
