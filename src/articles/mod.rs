//! Articles: what editors write about roles and technologies.
//!
//! Visitors see an [`Article`]; editors write a [`Manuscript`], which is the same row with all that is not published:
//!
//! ```text
//! admin               what an editor sends
//!   -> form           what was typed, and what is meant by it (pure)
//!   -> saving         saved, or refused, or in conflict with what somebody else saved
//!   -> writing        the only place that changes the table; every save is one of the revisions
//! admin, every few seconds
//!   -> editors::working_copies, what is typed and not saved
//! ```

pub mod admin;
pub mod clock;
pub mod diff;
pub mod form;
pub mod front_matter;
pub mod live_figures;
pub mod manuscripts;
pub mod markdown;
pub mod overview;
pub mod pages;
pub mod preview_links;
pub mod publication;
pub mod publish_check;
pub mod queries;
pub mod renditions;
pub mod revisions;
pub mod saving;
mod sharing;
pub mod slugs;
pub mod writing;

use chrono::NaiveDateTime;
use diesel::prelude::*;

pub use live_figures::Reading;
pub use markdown::{Place, Rendered};

use crate::ids::{ArticleId, ImageId, RoleId, TechnologyId};
use crate::market::words::vocabulary;
use crate::slug::Slug;

vocabulary! {
    /// What sort of article it is.
    Kind, "a kind of article" {
        /// What a role is and what it takes.
        Guide = "guide", "Guide";
        /// Where a technology is used.
        UseCases = "use_cases", "Use cases";
        /// What else there is.
        Alternatives = "alternatives", "Alternatives";
        /// A technology in short.
        QuickFacts = "quick_facts", "Quick facts";
        /// What changes between the levels; shown with the levels' figures.
        Seniority = "seniority", "Seniority";
        /// What one works with.
        TechStack = "tech_stack", "Tech stack";
        /// What is new.
        News = "news", "News";
    }
}

vocabulary! {
    /// How far an article is on its way to visitors.
    State, "a state of an article" {
        /// Only editors see it.
        Draft = "draft", "Draft";
        /// It is published by itself when its time has come.
        Scheduled = "scheduled", "Scheduled";
        /// Everybody sees it.
        Published = "published", "Published";
        /// It was published, and is not any more.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// A published article, but for its text.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::articles)]
pub struct Article {
    /// Key.
    pub id: ArticleId,
    /// Name in addresses.
    pub slug: Slug,
    /// Heading.
    pub title: String,
    /// Title for search engines; empty where the heading serves them too.
    pub seo_title: String,
    /// What sort.
    pub kind: Kind,
    /// The role it is attached to.
    pub role_id: Option<RoleId>,
    /// The technology it is attached to.
    pub technology_id: Option<TechnologyId>,
    /// Its place among the articles of the same role or technology.
    pub position: i32,
    /// Who wrote it.
    pub author: String,
    /// One or two sentences under the title.
    pub summary: String,
    /// Description for search engines.
    pub description: String,
    /// The picture above it.
    pub cover_image_id: Option<ImageId>,
    /// UTC.
    #[diesel(select_expression = crate::schema::articles::published_at.assume_not_null())]
    pub published_at: NaiveDateTime,
    /// When what a reader sees last changed, UTC.
    pub updated_at: NaiveDateTime,
}

/// An article with its text for some place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullArticle {
    /// The article.
    pub article: Article,
    /// Its text.
    pub text: Rendered,
}

impl Article {
    /// The address of the article's own page.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/articles/{}", self.slug)
    }

    /// What search engines show as its title.
    #[must_use]
    pub fn search_title(&self) -> &str {
        if self.seo_title.is_empty() {
            &self.title
        } else {
            &self.seo_title
        }
    }
}

/// What an article says and where it belongs: all that a form changes and a revision keeps.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Content {
    /// Name in addresses.
    pub slug: Slug,
    /// Heading.
    pub title: String,
    /// Title for search engines; empty where the heading serves them too.
    pub seo_title: String,
    /// What sort.
    pub kind: Kind,
    /// The role it is attached to.
    pub role_id: Option<RoleId>,
    /// The technology it is attached to.
    pub technology_id: Option<TechnologyId>,
    /// Its place among the articles of the same role or technology.
    pub position: i32,
    /// Who wrote it.
    pub author: String,
    /// One or two sentences under the title.
    pub summary: String,
    /// Description for search engines.
    pub description: String,
    /// Markdown.
    pub body: String,
    /// The picture above it.
    pub cover_image_id: Option<ImageId>,
}

/// Whether visitors see an article, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct Publication {
    /// How far it is.
    pub state: State,
    /// UTC; in the future where it is scheduled, none for a draft.
    pub published_at: Option<NaiveDateTime>,
}

impl Publication {
    /// That of a draft.
    pub const DRAFT: Self = Self {
        state: State::Draft,
        published_at: None,
    };
}

/// An article as its editors see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manuscript {
    /// Key.
    pub id: ArticleId,
    /// What it says.
    pub content: Content,
    /// Whether visitors see it.
    pub publication: Publication,
    /// Counts its saves, from 1.
    pub revision: i64,
    /// When what a reader sees last changed; before there is a reader, when it was last saved. UTC.
    pub updated_at: NaiveDateTime,
    /// When it was put into the bin, UTC.
    pub removed_at: Option<NaiveDateTime>,
}

impl Manuscript {
    /// Whether visitors see it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.publication.state == State::Published && self.removed_at.is_none()
    }

    /// The address of its form.
    #[must_use]
    pub fn admin_path(&self) -> String {
        format!("/admin/articles/{}", self.id.0)
    }
}

/// The columns of [`Content`] in a table that has them.
macro_rules! content_columns {
    ($table:ident) => {
        (
            $table::slug,
            $table::title,
            $table::seo_title,
            $table::kind,
            $table::role_id,
            $table::technology_id,
            $table::position,
            $table::author,
            $table::summary,
            $table::description,
            $table::body,
            $table::cover_image_id,
        )
    };
}
use content_columns;

/// A [`Content`] as values of those columns.
macro_rules! content_values {
    ($table:ident, $content:expr) => {
        (
            $table::slug.eq(&$content.slug),
            $table::title.eq(&$content.title),
            $table::seo_title.eq(&$content.seo_title),
            $table::kind.eq($content.kind),
            $table::role_id.eq($content.role_id),
            $table::technology_id.eq($content.technology_id),
            $table::position.eq($content.position),
            $table::author.eq(&$content.author),
            $table::summary.eq(&$content.summary),
            $table::description.eq(&$content.description),
            $table::body.eq(&$content.body),
            $table::cover_image_id.eq($content.cover_image_id),
        )
    };
}
use content_values;
