//! Roles and technologies, which the admin treats alike: what they are called, and how much there is of them.

use std::collections::HashMap;

use diesel::QueryResult;
use serde::Deserialize;

use crate::admin::Section;
use crate::db::Conn;
use crate::editors::log::Thing;
use crate::ids::{RoleId, TechnologyId};
use crate::market::changes::ChangeError;
use crate::market::queries::{self, Counts};
use crate::slug::Slug;

/// Roles or technologies, as addresses name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Roles,
    Technologies,
}

/// The part of a path that names a kind.
pub(super) const KIND: &str = "{kind:roles|technologies}";

impl Kind {
    pub(super) const fn is_roles(self) -> bool {
        matches!(self, Self::Roles)
    }

    pub(super) const fn section(self) -> Section {
        match self {
            Self::Roles => Section::Roles,
            Self::Technologies => Section::Technologies,
        }
    }

    /// The list's path.
    pub(super) const fn path(self) -> &'static str {
        self.section().href()
    }

    /// The path of one of them.
    pub(super) fn path_of(self, id: i64) -> String {
        format!("{}/{id}", self.path())
    }

    /// What one of them is: `role`.
    pub(super) const fn one(self) -> &'static str {
        match self {
            Self::Roles => "role",
            Self::Technologies => "technology",
        }
    }

    /// What several of them are.
    pub(super) const fn many(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Technologies => "technologies",
        }
    }

    /// One of them, for the log.
    pub(super) const fn thing(self, id: i64) -> Thing {
        match self {
            Self::Roles => Thing::Role(RoleId(id)),
            Self::Technologies => Thing::Technology(TechnologyId(id)),
        }
    }
}

/// A role or technology.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: i64,
    /// Its page in the admin, and its page for everybody.
    pub(super) path: String,
    pub(super) public_path: String,
    pub(super) slug: Slug,
    pub(super) name: String,
    /// Empty for a technology.
    pub(super) job_title: String,
    pub(super) counts: Counts,
    /// Slugs whose addresses lead here.
    pub(super) former: Vec<Slug>,
}

impl Entry {
    /// Whether a search with these words, in lower case, finds it.
    pub(super) fn fits(&self, words: &[String]) -> bool {
        let Self {
            name,
            job_title,
            slug,
            former,
            ..
        } = self;
        let former = former
            .iter()
            .map(Slug::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let text = format!("{name} {job_title} {slug} {former}").to_lowercase();
        words.iter().all(|word| text.contains(word))
    }
}

/// All of a kind, by name.
pub(super) fn entries(conn: &mut Conn, kind: Kind) -> QueryResult<Vec<Entry>> {
    let mut former = HashMap::<i64, Vec<Slug>>::new();
    match kind {
        Kind::Roles => {
            for (slug, role) in queries::former_role_slugs(conn)? {
                former.entry(role.0).or_default().push(slug);
            }
            let counts = queries::role_counts(conn)?;
            let roles = queries::roles(conn)?.into_iter();
            let entries = roles.map(|role| Entry {
                id: role.id.0,
                path: kind.path_of(role.id.0),
                public_path: format!("/salaries/{}", role.slug),
                counts: counts.get(&role.id).copied().unwrap_or_default(),
                former: former.remove(&role.id.0).unwrap_or_default(),
                slug: role.slug,
                name: role.name,
                job_title: role.job_title,
            });
            Ok(entries.collect())
        }
        Kind::Technologies => {
            for (slug, technology) in queries::former_technology_slugs(conn)? {
                former.entry(technology.0).or_default().push(slug);
            }
            let counts = queries::technology_counts(conn)?;
            let technologies = queries::technologies(conn)?.into_iter();
            let entries = technologies.map(|technology| Entry {
                id: technology.id.0,
                path: kind.path_of(technology.id.0),
                public_path: format!("/technologies/{}", technology.slug),
                counts: counts.get(&technology.id).copied().unwrap_or_default(),
                former: former.remove(&technology.id.0).unwrap_or_default(),
                slug: technology.slug,
                name: technology.name,
                job_title: String::new(),
            });
            Ok(entries.collect())
        }
    }
}

/// One of a kind.
///
/// # Errors
/// [`ChangeError::Gone`] or [`ChangeError::Database`].
pub(super) fn entry(conn: &mut Conn, kind: Kind, id: i64) -> Result<Entry, ChangeError> {
    let all = entries(conn, kind)?.into_iter();
    let found = all.into_iter().find(|entry| entry.id == id);
    found.ok_or(ChangeError::Gone(kind.one()))
}
