//! Articles as files: Markdown under TOML front matter between lines of `+++`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Kind, State};
use crate::slug::Slug;

/// An article as its file gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleFile {
    /// Heading.
    pub title: String,
    /// Title for search engines; empty where the heading serves them too.
    pub seo_title: String,
    /// Name in addresses.
    pub slug: Slug,
    /// How far it is on its way to visitors.
    pub state: State,
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
    /// UTC; none for a draft.
    pub published_at: Option<NaiveDateTime>,
    /// Markdown.
    pub body: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    seo_title: String,
    slug: String,
    #[serde(default = "published", skip_serializing_if = "is_published")]
    state: State,
    kind: String,
    role: Option<String>,
    technology: Option<String>,
    position: i32,
    author: String,
    summary: String,
    description: String,
    published_at: Option<DateTime<Utc>>,
}

const fn published() -> State {
    State::Published
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_published(state: &State) -> bool {
    *state == State::Published
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
        if (front.state == State::Draft) != front.published_at.is_none() {
            return Err("a draft has no published_at, and all others have one".to_owned());
        }
        Ok(Self {
            title: front.title,
            seo_title: front.seo_title,
            slug: slug(front.slug)?,
            state: front.state,
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
            published_at: front.published_at.map(|at| at.naive_utc()),
            body: body.trim().to_owned(),
        })
    }
}

/// As a file that reads back as the same article.
impl fmt::Display for ArticleFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let front = FrontMatter {
            title: self.title.clone(),
            seo_title: self.seo_title.clone(),
            slug: self.slug.to_string(),
            state: self.state,
            kind: self.kind.to_string(),
            role: self.role.as_ref().map(ToString::to_string),
            technology: self.technology.as_ref().map(ToString::to_string),
            position: self.position,
            author: self.author.clone(),
            summary: self.summary.clone(),
            description: self.description.clone(),
            published_at: self.published_at.map(|at| at.and_utc()),
        };
        let front = toml::to_string(&front).map_err(|_| fmt::Error)?;
        write!(f, "+++\n{front}+++\n\n{}\n", self.body)
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
        assert_eq!(
            article.published_at.map(|at| at.to_string()).as_deref(),
            Some("2025-01-14 09:00:00")
        );
        assert_eq!(article.state, State::Published);
        assert_eq!(article.to_string().parse(), Ok(article));
        assert!("Body alone".parse::<ArticleFile>().is_err());
        assert!(
            file.replace("news", "gossip")
                .parse::<ArticleFile>()
                .unwrap_err()
                .contains("kind")
        );
    }

    #[test]
    fn a_draft_has_no_date() {
        let draft = "+++\ntitle = \"T\"\nslug = \"t\"\nstate = \"draft\"\nkind = \"news\"\nposition = 2\n\
                     author = \"A\"\nsummary = \"S\"\ndescription = \"D\"\n+++\n\nBody\n";
        let article: ArticleFile = draft.parse().unwrap();
        assert_eq!(article.published_at, None);
        assert_eq!(article.to_string().parse(), Ok(article));
        assert!(
            draft
                .replace("draft", "published")
                .parse::<ArticleFile>()
                .is_err()
        );
    }
}
