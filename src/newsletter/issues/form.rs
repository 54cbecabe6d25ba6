//! The form of an issue: what was typed, and what is meant by it.

use diesel::QueryResult;

use super::queries::{self, Content};
use crate::db::Conn;
use crate::ids::IssueId;
use crate::newsletter::interests::Interest;
use crate::web::forms::{FieldErrors, one_line, typed};

/// Letters of a title, which is the subject of mails: mail programs cut off more.
pub const LONGEST_TITLE: usize = 150;

/// Letters of a summary.
pub const LONGEST_SUMMARY: usize = 1_000;

/// Bytes of a text.
pub const LONGEST_BODY: usize = 1 << 20;

typed! {
    /// Heading, and the subject of its mails.
    title,
    /// One or two sentences under the title.
    summary,
    /// Name in the address of its page; empty for one made of the title.
    slug,
    /// Markdown.
    body,
    /// Slug of the role that its readers want to hear of.
    role,
    /// The same of the technology.
    technology,
}

impl Typed {
    /// Whether there is nothing in it that anybody would miss.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        [&self.title, &self.summary, &self.body]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    /// What is meant by it.
    ///
    /// # Errors
    /// When the database fails. What is wrong with the fields is the inner error.
    pub fn check(
        &self,
        conn: &mut Conn,
        id: Option<IssueId>,
    ) -> QueryResult<Result<Content, FieldErrors>> {
        let mut errors = FieldErrors::default();
        let title = one_line(&self.title);
        if title.is_empty() {
            errors.add("title", "Write a title: it is the subject of the mails.");
        }
        errors.too_long("title", &title, LONGEST_TITLE);
        let summary = one_line(&self.summary);
        errors.too_long("summary", &summary, LONGEST_SUMMARY);
        if self.body.trim().is_empty() {
            errors.add("body", "Write a text.");
        } else if self.body.len() > LONGEST_BODY {
            errors.add("body", "The text is longer than a megabyte.");
        }
        let slug = errors.slug(&self.slug, &title);
        if let Some(slug) = &slug
            && queries::is_taken(conn, slug, id)?
        {
            errors.add(
                "slug",
                format!("Another issue has the address {slug}. Write another one."),
            );
        }
        let audience = Interest::by_slugs(conn, &self.role, &self.technology)?;
        // Whoever writes to some must not reach all.
        if !self.role.is_empty() && audience.role.is_none() {
            errors.add(
                "role",
                "There is no such role any more. Choose another one.",
            );
        }
        if !self.technology.is_empty() && audience.technology.is_none() {
            errors.add(
                "technology",
                "There is no such technology any more. Choose another one.",
            );
        }
        Ok(match slug {
            Some(slug) if errors.is_empty() => Ok(Content {
                slug,
                title,
                summary,
                body: self.body.clone(),
                audience,
            }),
            _ => Err(errors),
        })
    }
}
