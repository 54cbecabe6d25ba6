//! Changing the market by hand. Each change belongs into a write transaction, brings everything up to date that derives from
//! the rows, and answers with the topics to bump when the transaction ends.

mod merging;
mod names;
mod offers;
mod removed;
mod sources;

use std::fmt;

pub use merging::{merge_roles, merge_technologies, twins_of_roles};
pub use names::{RoleNames, TechnologyNames};
pub use names::{change_role, change_technology, create_role, create_technology};
pub use offers::{Added, Person, answer};
pub(crate) use offers::{add, change};
pub use removed::{Removed, put_back, recently_removed, remove, removed};
pub use sources::{
    NewSource, SourceDetails, by_hand, change_pay, change_source, create_source, remove_source,
};

use crate::db::DbError;
use crate::slug::Slug;

/// Why nothing was changed.
#[derive(Debug)]
pub enum ChangeError {
    /// What is to be changed is not there, or not any more: `role`, `offer`.
    Gone(&'static str),
    /// The slug leads to something else.
    SlugTaken(TakenSlug),
    /// The source has another offer or candidate of that key.
    KeyTaken(TakenKey),
    /// What is to be merged is one and the same.
    Same,
    /// The database failed.
    Database(DbError),
}

/// A slug that leads to something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenSlug {
    /// The slug.
    pub slug: Slug,
    /// The name of what has it.
    pub by: String,
    /// Whether it is a former slug of that.
    pub formerly: bool,
}

impl fmt::Display for TakenSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { slug, by, formerly } = self;
        if *formerly {
            write!(
                f,
                "Addresses with \u{201c}{slug}\u{201d} lead to \u{201c}{by}\u{201d}, which had this slug before."
            )
        } else {
            write!(
                f,
                "\u{201c}{slug}\u{201d} is the slug of \u{201c}{by}\u{201d}."
            )
        }
    }
}

/// Which of a source's keys are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenKey {
    /// The source has an offer of that key.
    Offer,
    /// The source has a candidate of that key in that role.
    Candidate,
}

impl fmt::Display for TakenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offer => "The source has another offer with this key.",
            Self::Candidate => {
                "The source has another candidate with the same key in this role. One person is one candidate: correct that one."
            }
        })
    }
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(what) => write!(
                f,
                "This {what} does not exist, or not any more: perhaps somebody has removed or merged it."
            ),
            Self::SlugTaken(taken) => write!(f, "{taken}"),
            Self::KeyTaken(taken) => write!(f, "{taken}"),
            Self::Same => f.write_str("It cannot be merged into itself."),
            Self::Database(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ChangeError {}

impl From<DbError> for ChangeError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for ChangeError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
