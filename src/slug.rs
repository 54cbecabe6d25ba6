//! Slugs: the part of an address that names a role, a technology, a source or an article.

use std::fmt;
use std::str::FromStr;

use crate::db::stored;
use crate::written::written;

/// The longest slug, in bytes.
pub const MAX_LENGTH: usize = 80;

/// Lower-case ASCII letters and digits in groups that single hyphens join, such as `back-end-web`;
/// 1 to [`MAX_LENGTH`] bytes.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(transparent)]
pub struct Slug(String);

/// The text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASlug;

impl fmt::Display for NotASlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a slug has 1 to {MAX_LENGTH} lower-case letters, digits and single hyphens between them"
        )
    }
}

impl std::error::Error for NotASlug {}

impl Slug {
    /// The slug nearest to a readable text: `Back-End Web` becomes `back-end-web`, `C++` becomes `cpp`,
    /// `C# / .NET` becomes `csharp-dotnet`. `None` when no letter or digit is left.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut slug = String::new();
        let mut gap = false;
        let spelled = text
            .to_lowercase()
            .replace("c++", "cpp")
            .replace("c#", "csharp")
            .replace("f#", "fsharp")
            .replace(".net", "dotnet");
        for letter in spelled.chars() {
            if letter.is_ascii_alphanumeric() {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                slug.push(letter);
            } else if letter != '\'' {
                gap = true;
            }
        }
        slug.truncate(MAX_LENGTH);
        let slug = slug.trim_end_matches('-');
        slug.parse().ok()
    }

    /// A slug that stands in the program itself, where tests hold it to the rules.
    #[must_use]
    pub(crate) fn from_static(slug: &'static str) -> Self {
        debug_assert!(slug.parse::<Self>().is_ok(), "{slug}");
        Self(slug.to_owned())
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = NotASlug;

    fn from_str(text: &str) -> Result<Self, NotASlug> {
        let groups_are_sound = text.split('-').all(|group| {
            !group.is_empty()
                && group
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if groups_are_sound && text.len() <= MAX_LENGTH {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotASlug)
        }
    }
}

written! {
    Slug: |slug, out| out.write_str(&slug.0);
}

stored! {
    Slug as Text,
    write: |slug| &slug.0 => String,
    read: |text: String| text.parse()?,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_words_joined_by_single_hyphens() {
        for good in ["django", "back-end-web", "c", "3d", "a1-b2"] {
            assert!(good.parse::<Slug>().is_ok(), "{good}");
        }
        for bad in [
            "", "-", "a-", "-a", "a--b", "Django", "a b", "a/b", "a.json", "é",
        ] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
        assert!("x".repeat(80).parse::<Slug>().is_ok());
        assert!("x".repeat(81).parse::<Slug>().is_err());
    }

    #[test]
    fn readable_text_becomes_the_nearest_slug() {
        let near = |text: &str| Slug::from_text(text).map(|slug| slug.to_string());
        assert_eq!(near("Back-End Web").as_deref(), Some("back-end-web"));
        assert_eq!(near("  C++ ").as_deref(), Some("cpp"));
        assert_eq!(near("C# / .NET").as_deref(), Some("csharp-dotnet"));
        assert_eq!(near("Node.js").as_deref(), Some("node-js"));
        assert_eq!(near("Кіт"), None);
        assert_eq!(near("").as_deref(), None);
        let long = near(&"word ".repeat(40)).unwrap();
        assert!(long.len() <= MAX_LENGTH && !long.ends_with('-'));
    }
}
