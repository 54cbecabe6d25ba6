//! Links that show an article as it was last saved to whoever has them, signed in or not, for some days.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::{Manuscript, writing};
use crate::db::Conn;
use crate::editors::tokens::Token;
use crate::ids::{ArticleId, EditorId};
use crate::schema::preview_links;

/// Days that a link works.
pub const DAYS: i64 = 7;

/// Notes down a link, and answers when it expires, UTC.
///
/// # Errors
/// When the database fails.
pub fn make(
    conn: &mut Conn,
    token: &Token,
    article: ArticleId,
    editor: EditorId,
    now: NaiveDateTime,
) -> QueryResult<NaiveDateTime> {
    let expires_at = now + TimeDelta::days(DAYS);
    diesel::insert_into(preview_links::table)
        .values((
            preview_links::token_sha256.eq(token.sha256()),
            preview_links::article_id.eq(article),
            preview_links::editor_id.eq(editor),
            preview_links::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(expires_at)
}

/// The article that a link shows; none where it has expired, or the article is in the bin.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, token: &Token, now: NaiveDateTime) -> QueryResult<Option<Manuscript>> {
    let article: Option<ArticleId> = preview_links::table
        .find(token.sha256())
        .filter(preview_links::expires_at.gt(now))
        .select(preview_links::article_id)
        .first(conn)
        .optional()?;
    let Some(article) = article else {
        return Ok(None);
    };
    Ok(writing::find(conn, article)?.filter(|article| article.removed_at.is_none()))
}
