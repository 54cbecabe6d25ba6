//! Questions about articles as visitors see them: drafts, withdrawn ones and those in the bin are not among them.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::dsl;
use diesel::prelude::*;

use super::front_matter::ArticleFile;
use super::renditions::{KEPT, Kept, rendered};
use super::writing::{self, Hand};
use super::{Article, Content, FullArticle, Kind, Place, Publication, State, content_columns};
use crate::db::Conn;
use crate::ids::{RoleId, TechnologyId};
use crate::images::{COVER, Cover};
use crate::schema::{articles, images, renditions, roles, technologies};
use crate::slug::Slug;

/// What a list of articles shows of each.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Teaser {
    /// Name in addresses.
    pub slug: Slug,
    /// Heading.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// What sort.
    pub kind: Kind,
    /// UTC.
    pub published_at: NaiveDateTime,
    /// Name of the role it is attached to.
    pub role: Option<String>,
    /// Name of the technology it is attached to.
    pub technology: Option<String>,
    /// The image above it.
    pub cover: Option<Cover>,
}

/// What visitors see.
pub(super) type Public =
    dsl::And<dsl::Eq<articles::state, State>, dsl::IsNull<articles::removed_at>>;

/// Whether visitors see an article.
pub(super) fn is_public() -> Public {
    articles::state
        .eq(State::Published)
        .and(articles::removed_at.is_null())
}

/// The newest articles, the newest first.
///
/// # Errors
/// When the database fails, as every query here.
pub fn newest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Teaser>> {
    let its_cover = articles::cover_image_id.eq(images::id.nullable());
    articles::table
        .left_join(roles::table)
        .left_join(technologies::table)
        .left_join(images::table.on(its_cover.and(images::removed_at.is_null())))
        .filter(is_public())
        .order((articles::published_at.desc(), articles::id.desc()))
        .limit(limit)
        .select((
            articles::slug,
            articles::title,
            articles::summary,
            articles::kind,
            articles::published_at.assume_not_null(),
            roles::name.nullable(),
            technologies::name.nullable(),
            COVER.nullable(),
        ))
        .load(conn)
}

/// The addresses of all articles, the newest first, and of the technologies that they are attached to.
///
/// # Errors
/// When the database fails.
pub fn addresses(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let articles: Vec<(Slug, Option<Slug>)> = articles::table
        .left_join(technologies::table)
        .filter(is_public())
        .order((articles::published_at.desc(), articles::id.desc()))
        .select((articles::slug, technologies::slug.nullable()))
        .load(conn)?;
    let technologies = articles
        .iter()
        .filter_map(|(_, technology)| technology.as_ref());
    let technologies: BTreeSet<&Slug> = technologies.collect();
    let of_technologies = technologies
        .into_iter()
        .map(|slug| format!("/technologies/{slug}"));
    let of_articles = articles.iter().map(|(slug, _)| format!("/articles/{slug}"));
    Ok(of_articles.chain(of_technologies).collect())
}

/// The slugs of the newest articles, the newest first: of all, or those that are attached to a role or technology.
///
/// # Errors
/// When the database fails.
pub fn newest_slugs(
    conn: &mut Conn,
    role: Option<RoleId>,
    technology: Option<TechnologyId>,
    limit: usize,
) -> QueryResult<Vec<Slug>> {
    let mut newest = articles::table
        .filter(is_public())
        .order((articles::published_at.desc(), articles::id.desc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(articles::slug)
        .into_boxed();
    if let Some(role) = role {
        newest = newest.filter(articles::role_id.eq(role));
    }
    if let Some(technology) = technology {
        newest = newest.filter(articles::technology_id.eq(technology));
    }
    newest.load(conn)
}

/// The article of that slug, with its text for its own page.
///
/// # Errors
/// When the database fails.
pub fn by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<FullArticle>> {
    let place = Place::OwnPage;
    let its_text = renditions::article_id.eq(articles::id);
    let found: Option<(Article, Option<Kept>)> = articles::table
        .left_join(renditions::table.on(its_text.and(renditions::place.eq(place))))
        .filter(articles::slug.eq(slug).and(is_public()))
        .select((Article::as_select(), KEPT.nullable()))
        .first(conn)
        .optional()?;
    let with_text = found.map(|(article, kept)| {
        let text = rendered(conn, article.id, place, kept)?;
        Ok(FullArticle { article, text })
    });
    with_text.transpose()
}

/// Whether an article has that slug, whatever its state.
///
/// # Errors
/// When the database fails.
pub fn is_taken(conn: &mut Conn, slug: &Slug) -> QueryResult<bool> {
    diesel::select(dsl::exists(articles::table.filter(articles::slug.eq(slug)))).get_result(conn)
}

/// Every article with its text as it stands among others, in the order in which those of one role or technology stand on its
/// page.
///
/// # Errors
/// When the database fails.
pub fn in_order(conn: &mut Conn) -> QueryResult<Vec<FullArticle>> {
    let place = Place::Embedded;
    let its_text = renditions::article_id.eq(articles::id);
    let found: Vec<(Article, Option<Kept>)> = articles::table
        .left_join(renditions::table.on(its_text.and(renditions::place.eq(place))))
        .filter(is_public())
        .order((articles::position, articles::id))
        .select((Article::as_select(), KEPT.nullable()))
        .load(conn)?;
    let with_text = found.into_iter().map(|(article, kept)| {
        let text = rendered(conn, article.id, place, kept)?;
        Ok(FullArticle { article, text })
    });
    with_text.collect()
}

/// Every article that is not in the bin as a file, by slug.
///
/// # Errors
/// When the database fails.
pub fn files(conn: &mut Conn) -> QueryResult<Vec<ArticleFile>> {
    let rows: Vec<(Content, Publication, Option<Slug>, Option<Slug>)> = articles::table
        .left_join(roles::table)
        .left_join(technologies::table)
        .filter(articles::removed_at.is_null())
        .order(articles::slug)
        .select((
            content_columns!(articles),
            (articles::state, articles::published_at),
            roles::slug.nullable(),
            technologies::slug.nullable(),
        ))
        .load(conn)?;
    let file =
        |(content, publication, role, technology): (Content, Publication, _, _)| ArticleFile {
            title: content.title,
            seo_title: content.seo_title,
            slug: content.slug,
            state: publication.state,
            kind: content.kind,
            role,
            technology,
            position: content.position,
            author: content.author,
            summary: content.summary,
            description: content.description,
            published_at: publication.published_at,
            body: content.body,
        };
    Ok(rows.into_iter().map(file).collect())
}

/// Number of articles, whatever their state.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    articles::table.count().get_result(conn)
}

/// Adds an article from its file, attached to the given role and technology.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn create(
    conn: &mut Conn,
    file: ArticleFile,
    role: Option<RoleId>,
    technology: Option<TechnologyId>,
) -> QueryResult<()> {
    let publication = Publication {
        state: file.state,
        published_at: file.published_at,
    };
    let content = Content {
        slug: file.slug,
        title: file.title,
        seo_title: file.seo_title,
        kind: file.kind,
        role_id: role,
        technology_id: technology,
        position: file.position,
        author: file.author,
        summary: file.summary,
        description: file.description,
        body: file.body,
        cover_image_id: None,
    };
    let at = file.published_at.unwrap_or_else(writing::now);
    writing::create(conn, Hand::own(at), content, publication, None)?;
    Ok(())
}
