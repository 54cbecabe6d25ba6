//! Articles as files: Markdown under TOML front matter between lines of `+++`.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;

use super::Kind;
use crate::slug::Slug;

/// An article as its file gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleFile {
    /// Heading.
    pub title: String,
    /// Name in addresses.
    pub slug: Slug,
    /// What sort.
    pub kind: Kind,
    /// Slug of the role it is attached to.
    pub role: Option<Slug>,
    /// Slug of the technology it is attached to.
    pub technology: Option<Slug>,
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
    /// Markdown.
    pub body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    slug: String,
    kind: String,
    role: Option<String>,
    technology: Option<String>,
    position: i32,
    author: String,
    summary: String,
    description: String,
    published_at: DateTime<Utc>,
}

impl FromStr for ArticleFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (front, body) = text
            .strip_prefix("+++\n")
            .and_then(|rest| rest.split_once("\n+++\n"))
            .ok_or("it does not begin with front matter between lines of +++")?;
        let front: FrontMatter =
            toml::from_str(front).map_err(|error| error.message().to_owned())?;
        let slug = |text: String| {
            text.parse()
                .map_err(|error| format!("\u{201c}{text}\u{201d}: {error}"))
        };
        Ok(Self {
            title: front.title,
            slug: slug(front.slug)?,
            kind: front
                .kind
                .parse()
                .map_err(|error| format!("kind: {error}"))?,
            role: front.role.map(slug).transpose()?,
            technology: front.technology.map(slug).transpose()?,
            position: front.position,
            author: front.author,
            summary: front.summary,
            description: front.description,
            published_at: front.published_at.naive_utc(),
            body: body.trim().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_front_matter_and_markdown() {
        let file = "+++\ntitle = \"T\"\nslug = \"t\"\nkind = \"news\"\nposition = 2\nauthor = \"A\"\nsummary = \"S\"\n\
                    description = \"D\"\npublished_at = \"2025-01-14T09:00:00Z\"\n+++\n\nBody\n";
        let article: ArticleFile = file.parse().unwrap();
        assert_eq!(article.kind, Kind::News);
        assert_eq!(article.body, "Body");
        assert_eq!(article.published_at.to_string(), "2025-01-14 09:00:00");
        assert!("Body alone".parse::<ArticleFile>().is_err());
        assert!(
            file.replace("news", "gossip")
                .parse::<ArticleFile>()
                .unwrap_err()
                .contains("kind")
        );
    }
}
