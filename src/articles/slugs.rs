//! Who has a slug, and where the former ones lead: each to its article, so that there are no chains.

use diesel::prelude::*;

use super::State;
use crate::db::{Conn, on_either};
use crate::ids::ArticleId;
use crate::schema::{article_redirects, articles, revisions};
use crate::slug::Slug;

/// What is at the address of a slug that no visible article has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// The article has another slug now.
    Moved(Slug),
    /// There was an article, and it was taken back.
    Gone,
    /// Nothing that a visitor may know of.
    Nowhere,
}

/// Where an article of that slug went.
///
/// # Errors
/// When the database fails, as every query here.
pub fn whereabouts(conn: &mut Conn, slug: &Slug) -> QueryResult<Whereabouts> {
    let columns = (
        articles::slug,
        articles::state,
        articles::removed_at.is_not_null(),
    );
    let its_own: Option<(Slug, State, bool)> = articles::table
        .filter(articles::slug.eq(slug))
        .select(columns)
        .first(conn)
        .optional()?;
    let found = match its_own {
        Some(found) => Some(found),
        None => article_redirects::table
            .inner_join(articles::table)
            .filter(article_redirects::slug.eq(slug))
            .select(columns)
            .first(conn)
            .optional()?,
    };
    Ok(match found {
        Some((now, State::Published, false)) => Whereabouts::Moved(now),
        Some((_, State::Published | State::Withdrawn, _)) => Whereabouts::Gone,
        _ => Whereabouts::Nowhere,
    })
}

/// Why an article cannot have a slug, as a sentence; `None` where it can. It can take back one of its own former slugs.
///
/// # Errors
/// When the database fails.
pub fn why_taken(
    conn: &mut Conn,
    slug: &Slug,
    article: Option<ArticleId>,
) -> QueryResult<Option<String>> {
    let owner: Option<(ArticleId, String, bool)> = articles::table
        .filter(articles::slug.eq(slug))
        .select((
            articles::id,
            articles::title,
            articles::removed_at.is_not_null(),
        ))
        .first(conn)
        .optional()?;
    if let Some((id, title, is_in_bin)) = owner {
        let place = if is_in_bin {
            ", which is in the bin,"
        } else {
            ""
        };
        return Ok((Some(id) != article).then(|| {
            format!(
                "The article \u{201c}{title}\u{201d}{place} has this address. Choose another one."
            )
        }));
    }
    let former: Option<(ArticleId, String)> = article_redirects::table
        .inner_join(articles::table)
        .filter(article_redirects::slug.eq(slug))
        .select((articles::id, articles::title))
        .first(conn)
        .optional()?;
    Ok(former
        .filter(|(id, _)| Some(*id) != article)
        .map(|(_, title)| {
            format!(
                "This address leads to the article \u{201c}{title}\u{201d}, which had it before. Choose another one."
            )
        }))
}

/// Notes down that an article has another slug from now on: the former one leads to it, where visitors have seen it.
///
/// # Errors
/// When the database fails.
pub(super) fn change(
    conn: &mut Conn,
    article: ArticleId,
    former: &Slug,
    slug: &Slug,
) -> QueryResult<()> {
    diesel::delete(article_redirects::table.find(slug)).execute(conn)?;
    let was_public: bool = diesel::select(diesel::dsl::exists(
        revisions::table
            .filter(revisions::article_id.eq(article))
            .filter(revisions::slug.eq(former))
            .filter(revisions::state.eq(State::Published)),
    ))
    .get_result(conn)?;
    if was_public {
        on_either!(conn, conn => diesel::insert_into(article_redirects::table)
            .values((article_redirects::slug.eq(former), article_redirects::article_id.eq(article)))
            .on_conflict_do_nothing()
            .execute(conn))?;
    }
    Ok(())
}
