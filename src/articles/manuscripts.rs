//! Lists of articles as their editors see them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Kind, Publication, State};
use crate::db::Conn;
use crate::ids::ArticleId;
use crate::market::words::vocabulary;
use crate::schema::{articles, roles, technologies};
use crate::slug::Slug;

/// What a list shows of an article.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Line {
    /// Key.
    pub id: ArticleId,
    /// Name in addresses.
    pub slug: Slug,
    /// Heading.
    pub title: String,
    /// What sort.
    pub kind: Kind,
    /// Whether visitors see it.
    pub publication: Publication,
    /// When it last changed, UTC.
    pub updated_at: NaiveDateTime,
    /// When it was put into the bin, UTC.
    pub removed_at: Option<NaiveDateTime>,
    /// Who wrote it.
    pub author: String,
    /// The role that it is attached to: slug and name.
    pub role: Option<(Slug, String)>,
    /// The technology that it is attached to: slug and name.
    pub technology: Option<(Slug, String)>,
}

vocabulary! {
    /// In which order a list stands.
    Order, "an order of articles" {
        /// What changed last comes first.
        Changed = "changed", "Last changed";
        /// What was or will be published last comes first.
        Published = "published", "Published";
        /// By title.
        Title = "title", "Title";
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// Words that are all in the title, the slug, the author's name or what it is attached to.
    pub words: String,
    /// The state.
    pub state: Option<State>,
    /// What sort.
    pub kind: Option<Kind>,
    /// The role's slug.
    pub role: Option<String>,
    /// The order.
    pub order: Order,
}

/// The articles that are in the bin, or those that are not; the last changed first.
///
/// # Errors
/// When the database fails.
pub fn lines(conn: &mut Conn, is_in_bin: bool) -> QueryResult<Vec<Line>> {
    articles::table
        .left_join(roles::table)
        .left_join(technologies::table)
        .filter(articles::removed_at.is_not_null().eq(is_in_bin))
        .order((articles::updated_at.desc(), articles::id.desc()))
        .select((
            articles::id,
            articles::slug,
            articles::title,
            articles::kind,
            (articles::state, articles::published_at),
            articles::updated_at,
            articles::removed_at,
            articles::author,
            (roles::slug, roles::name).nullable(),
            (technologies::slug, technologies::name).nullable(),
        ))
        .load(conn)
}

impl Narrowed {
    /// Those of the articles that are looked for, in order.
    #[must_use]
    pub fn of(&self, lines: Vec<Line>) -> Vec<Line> {
        let mut lines: Vec<Line> = lines.into_iter().filter(|line| self.fits(line)).collect();
        match self.order {
            // As they come from the database.
            Order::Changed => {}
            Order::Published => {
                lines.sort_by_key(|line| std::cmp::Reverse(line.publication.published_at));
            }
            Order::Title => lines.sort_by_cached_key(|line| line.title.to_lowercase()),
        }
        lines
    }

    fn fits(&self, line: &Line) -> bool {
        let name = |attached: &Option<(Slug, String)>| {
            attached
                .as_ref()
                .map_or_else(String::new, |(_, name)| name.clone())
        };
        let searched = [
            line.title.as_str(),
            line.slug.as_str(),
            &line.author,
            &name(&line.role),
            &name(&line.technology),
        ]
        .join("\n")
        .to_lowercase();
        let role = line.role.as_ref().map(|(slug, _)| slug.as_str());
        self.words
            .to_lowercase()
            .split_whitespace()
            .all(|word| searched.contains(word))
            && self
                .state
                .is_none_or(|state| line.publication.state == state)
            && self.kind.is_none_or(|kind| line.kind == kind)
            && self
                .role
                .as_deref()
                .is_none_or(|wanted| role == Some(wanted))
    }
}
