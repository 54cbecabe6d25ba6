//! Questions about articles.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::front_matter::ArticleFile;
use super::renditions::{KEPT, Kept, keep, rendered};
use super::{Article, FullArticle, Kind, Place};
use crate::db::Conn;
use crate::ids::{RoleId, TechnologyId};
use crate::schema::{articles, renditions, roles, technologies};
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
}

/// The newest articles, the newest first.
///
/// # Errors
/// When the database fails, as every query here.
pub fn newest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<Teaser>> {
    articles::table
        .left_join(roles::table)
        .left_join(technologies::table)
        .order((articles::published_at.desc(), articles::id.desc()))
        .limit(limit)
        .select((
            articles::slug,
            articles::title,
            articles::summary,
            articles::kind,
            articles::published_at,
            roles::name.nullable(),
            technologies::name.nullable(),
        ))
        .load(conn)
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
        .filter(articles::slug.eq(slug))
        .select((Article::as_select(), KEPT.nullable()))
        .first(conn)
        .optional()?;
    let with_text = found.map(|(article, kept)| {
        let text = rendered(conn, article.id, place, kept)?;
        Ok(FullArticle { article, text })
    });
    with_text.transpose()
}

/// Whether an article has that slug.
///
/// # Errors
/// When the database fails.
pub fn is_taken(conn: &mut Conn, slug: &Slug) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        articles::table.filter(articles::slug.eq(slug)),
    ))
    .get_result(conn)
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
        .order((articles::position, articles::id))
        .select((Article::as_select(), KEPT.nullable()))
        .load(conn)?;
    let with_text = found.into_iter().map(|(article, kept)| {
        let text = rendered(conn, article.id, place, kept)?;
        Ok(FullArticle { article, text })
    });
    with_text.collect()
}

/// Every article as a file, by slug.
///
/// # Errors
/// When the database fails.
pub fn files(conn: &mut Conn) -> QueryResult<Vec<ArticleFile>> {
    let rows: Vec<(Article, String, Option<Slug>, Option<Slug>)> = articles::table
        .left_join(roles::table)
        .left_join(technologies::table)
        .order(articles::slug)
        .select((
            Article::as_select(),
            articles::body,
            roles::slug.nullable(),
            technologies::slug.nullable(),
        ))
        .load(conn)?;
    let file = |(article, body, role, technology): (Article, _, _, _)| ArticleFile {
        title: article.title,
        slug: article.slug,
        kind: article.kind,
        role,
        technology,
        position: article.position,
        author: article.author,
        summary: article.summary,
        description: article.description,
        published_at: article.published_at,
        body,
    };
    Ok(rows.into_iter().map(file).collect())
}

/// Number of articles.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    articles::table.count().get_result(conn)
}

/// Adds an article from its file, attached to the given role and technology, and renders its text.
///
/// # Errors
/// When the database fails; also when the slug is taken.
pub fn create(
    conn: &mut Conn,
    file: &ArticleFile,
    role: Option<RoleId>,
    technology: Option<TechnologyId>,
) -> QueryResult<()> {
    let article = diesel::insert_into(articles::table)
        .values((
            (
                articles::slug.eq(&file.slug),
                articles::title.eq(&file.title),
                articles::kind.eq(file.kind),
                articles::role_id.eq(role),
                articles::technology_id.eq(technology),
                articles::position.eq(file.position),
                articles::author.eq(&file.author),
            ),
            (
                articles::summary.eq(&file.summary),
                articles::description.eq(&file.description),
                articles::body.eq(&file.body),
                articles::published_at.eq(file.published_at),
                articles::updated_at.eq(file.published_at),
            ),
        ))
        .returning(articles::id)
        .get_result(conn)?;
    keep(conn, article, &file.slug, &file.body)
}
