//! The facts: roles, technologies, sources, and the candidates and offers that came from them.

mod admin;
pub mod changes;
pub mod find;
pub mod names;
pub mod queries;
pub mod words;

use compact_str::CompactString;
use diesel::prelude::*;
use smallvec::SmallVec;

use crate::db::stored;
use crate::ids::{RoleId, SourceId, TechnologyId};
use crate::slug::Slug;
pub use admin::admin_routes;
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

/// A source's own key of a candidate or an offer. Short ones take no memory of their own.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct SourceKey(CompactString);

impl serde::Serialize for SourceKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for SourceKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|key| Self(key.into()))
    }
}

impl SourceKey {
    /// The key as the source writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SourceKey {
    fn from(key: &str) -> Self {
        Self(key.into())
    }
}

stored! {
    SourceKey as Text,
    write: |key| key.as_str() => str,
    read: |key: String| Self(key.into()),
}

/// The technologies that a candidate knows: their keys, each once and ascending, as the database holds them. Short lists are part
/// of it: an import makes one for each candidate.
#[derive(
    Clone, Debug, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Skills {
    technologies: SmallVec<[TechnologyId; 8]>,
    json: CompactString,
}

impl Skills {
    /// Those technologies, in any order.
    #[must_use]
    pub fn of(technologies: impl IntoIterator<Item = TechnologyId>) -> Self {
        let mut technologies: SmallVec<[TechnologyId; 8]> = technologies.into_iter().collect();
        technologies.sort_unstable();
        technologies.dedup();
        let mut json = CompactString::with_capacity(2 + 5 * technologies.len());
        json.push('[');
        let mut digits = itoa::Buffer::new();
        for (place, technology) in technologies.iter().enumerate() {
            if place > 0 {
                json.push(',');
            }
            json.push_str(digits.format(technology.0));
        }
        json.push(']');
        Self { technologies, json }
    }

    /// Their keys in ascending order as a JSON array.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    fn read(json: String) -> Self {
        let inner = json.trim_matches(['[', ']']);
        let keys = inner.split(',').filter_map(|key| key.parse().ok());
        Self {
            technologies: keys.map(TechnologyId).collect(),
            json: json.into(),
        }
    }

    /// The same with one technology in the place of another.
    #[must_use]
    pub fn with(&self, from: TechnologyId, into: TechnologyId) -> Self {
        let known = self.technologies.iter().copied();
        let replaced = known.map(|known| if known == from { into } else { known });
        Self::of(replaced)
    }

    /// The keys.
    #[must_use]
    pub fn technologies(&self) -> &[TechnologyId] {
        &self.technologies
    }
}

impl serde::Serialize for Skills {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.technologies().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Skills {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<TechnologyId>::deserialize(deserializer).map(Self::of)
    }
}

impl Default for Skills {
    fn default() -> Self {
        Self::of([])
    }
}

stored! {
    Skills as Text,
    write: |skills| skills.json.as_str() => str,
    read: |json: String| Self::read(json),
}
