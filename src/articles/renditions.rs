//! The texts of articles as pages show them: derived from their Markdown when they are written, kept beside it, and held in
//! memory as they are kept. Only writing an article renders it: what rendering needs takes tens of megabytes.

use diesel::prelude::*;

use super::markdown::{FORMAT, Heading, Place, Rendered, render};
use crate::db::{Conn, on_either};
use crate::ids::ArticleId;
use crate::schema::{articles, renditions};
use crate::slug::Slug;
use crate::verified::Verified;

/// What is kept of a text: its format, its HTML and its headings.
pub(super) type Kept = (i32, String, String);

/// The columns of [`Kept`].
pub(super) const KEPT: (renditions::format, renditions::html, renditions::contents) =
    (renditions::format, renditions::html, renditions::contents);

/// An article's text at a place: as it is kept, or else rendered from its Markdown, where another version of the program
/// wrote the article and this one has not been started since.
///
/// # Errors
/// When the database fails, as every query here.
pub(super) fn rendered(
    conn: &mut Conn,
    article: ArticleId,
    place: Place,
    kept: Option<Kept>,
) -> QueryResult<Rendered> {
    if let Some((FORMAT, html, contents)) = kept
        && let Ok(contents) = serde_json::from_str(&contents)
    {
        return Ok(Rendered::from_kept(html, contents));
    }
    let (slug, body): (Slug, String) = articles::table
        .find(article)
        .select((articles::slug, articles::body))
        .first(conn)?;
    Ok(render(&body, place, &slug))
}

/// Renders an article's text for every place, and keeps it. Belongs into the transaction that writes the text or the slug.
///
/// # Errors
/// When the database fails.
pub(super) fn keep(
    conn: &mut Conn,
    article: ArticleId,
    slug: &Slug,
    body: &str,
) -> QueryResult<()> {
    for place in Place::ALL {
        let rendered = render(body, *place, slug);
        let values = (
            renditions::format.eq(FORMAT),
            renditions::html.eq(rendered.to_kept()),
            renditions::contents.eq(json(&rendered.contents)),
        );
        on_either!(conn, conn => diesel::insert_into(renditions::table)
            .values((renditions::article_id.eq(article), renditions::place.eq(place), values.clone()))
            .on_conflict((renditions::article_id, renditions::place))
            .do_update()
            .set(values)
            .execute(conn))?;
    }
    Ok(())
}

/// Whether a text of an article is not kept, or not as this version of the program renders it.
///
/// # Errors
/// When the database fails.
pub fn is_missing(conn: &mut Conn) -> QueryResult<bool> {
    let articles: i64 = articles::table.count().get_result(conn)?;
    let kept: i64 = renditions::table
        .filter(renditions::format.eq(FORMAT))
        .count()
        .get_result(conn)?;
    let places = i64::try_from(Place::ALL.len()).unwrap_or_default();
    Ok(kept < articles * places)
}

/// Renders every article anew.
///
/// # Errors
/// When the database fails.
pub fn keep_all(conn: &mut Conn) -> QueryResult<()> {
    for (article, slug, body) in texts(conn)? {
        keep(conn, article, &slug, &body)?;
    }
    Ok(())
}

/// Renders every article again, and compares it with what is kept.
///
/// # Errors
/// When the database fails.
pub fn verify(conn: &mut Conn, verified: &mut Verified) -> QueryResult<()> {
    for (article, slug, body) in texts(conn)? {
        for place in Place::ALL {
            let kept: Option<Kept> = renditions::table
                .find((article, place))
                .select(KEPT)
                .first(conn)
                .optional()?;
            let fresh = render(&body, *place, &slug);
            let fresh = (FORMAT, fresh.to_kept(), json(&fresh.contents));
            verified.compared("texts");
            if kept != Some(fresh) {
                verified.differs(format!(
                    "{slug}: the text is not kept as it is rendered ({place})"
                ));
            }
        }
    }
    Ok(())
}

fn texts(conn: &mut Conn) -> QueryResult<Vec<(ArticleId, Slug, String)>> {
    articles::table
        .order(articles::id)
        .select((articles::id, articles::slug, articles::body))
        .load(conn)
}

fn json(contents: &[Heading]) -> String {
    // Texts are always valid JSON.
    serde_json::to_string(contents).unwrap_or_default()
}
