//! Articles: what editors write about roles and technologies.

pub mod front_matter;
pub mod live_figures;
pub mod markdown;
pub mod pages;
pub mod queries;
pub mod renditions;

use chrono::NaiveDateTime;
use diesel::prelude::*;

pub use live_figures::Reading;
pub use markdown::{Place, Rendered};

use crate::ids::{ArticleId, RoleId, TechnologyId};
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

/// An article, but for its text.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::articles)]
pub struct Article {
    /// Key.
    pub id: ArticleId,
    /// Name in addresses.
    pub slug: Slug,
    /// Heading.
    pub title: String,
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
    /// UTC.
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
}
