//! The article's form: what was typed, and what is meant by it.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Kind, diff};
use crate::slug::Slug;
use crate::web::forms::{FieldErrors, one_line, typed};

/// Bytes of a text at most.
pub const LONGEST_BODY: usize = 1_000_000;
/// Letters of a title at most.
pub const LONGEST_TITLE: usize = 200;
/// Letters of a summary and of a description at most.
pub const LONGEST_SUMMARY: usize = 1_000;
/// Letters of an author's name at most.
pub const LONGEST_AUTHOR: usize = 100;

typed! {
    /// Heading.
    title,
    /// Name in addresses; empty for one made of the title.
    slug,
    /// Title for search engines.
    seo_title,
    /// What sort, as a word.
    kind,
    /// Slug of the role it is attached to.
    role,
    /// Slug of the technology it is attached to.
    technology,
    /// Its place among the articles of the same role or technology.
    position,
    /// Who wrote it.
    author,
    /// One or two sentences under the title.
    summary,
    /// Description for search engines.
    description,
    /// Markdown.
    body,
    /// Key of the picture above it.
    cover_image,
    /// Date and time of its publication, UTC.
    published_at,
}

/// What is meant by what was typed. Whether what it names exists is for the database to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Name in addresses.
    pub slug: Slug,
    /// Heading.
    pub title: String,
    /// Title for search engines.
    pub seo_title: String,
    /// What sort.
    pub kind: Kind,
    /// Slug of the role.
    pub role: Option<Slug>,
    /// Slug of the technology.
    pub technology: Option<Slug>,
    /// Its place among the articles of the same role or technology.
    pub position: i32,
    /// Who wrote it.
    pub author: String,
    /// One or two sentences under the title.
    pub summary: String,
    /// Description for search engines.
    pub description: String,
    /// Markdown.
    pub body: String,
    /// Key of the picture.
    pub cover_image: Option<i64>,
    /// UTC.
    pub published_at: Option<NaiveDateTime>,
}

impl Typed {
    /// Whether there is nothing in it that anybody would miss.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        [&self.title, &self.summary, &self.description, &self.body]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    /// What is meant by it.
    ///
    /// # Errors
    /// What is wrong, for each field.
    pub fn check(&self) -> Result<Checked, FieldErrors> {
        let mut errors = FieldErrors::default();
        let title = one_line(&self.title);
        if title.is_empty() {
            errors.add("title", "Give the article a title.");
        }
        errors.too_long("title", &title, LONGEST_TITLE);
        let seo_title = one_line(&self.seo_title);
        errors.too_long("seo_title", &seo_title, LONGEST_TITLE);
        let author = one_line(&self.author);
        if author.is_empty() {
            errors.add("author", "Say who wrote it.");
        }
        errors.too_long("author", &author, LONGEST_AUTHOR);
        let summary = one_line(&self.summary);
        errors.too_long("summary", &summary, LONGEST_SUMMARY);
        let description = one_line(&self.description);
        errors.too_long("description", &description, LONGEST_SUMMARY);
        let checked = (
            errors.slug(&self.slug, &title),
            kind(&mut errors, &self.kind),
            position(&mut errors, &self.position),
        );
        let role = attached(&mut errors, "role", &self.role);
        let technology = attached(&mut errors, "technology", &self.technology);
        let cover_image = cover(&mut errors, &self.cover_image);
        let published_at = date(&mut errors, &self.published_at);
        let body = body(&mut errors, &self.body);
        match checked {
            (Some(slug), Some(kind), Some(position)) if errors.is_empty() => Ok(Checked {
                slug,
                title,
                seo_title,
                kind,
                role,
                technology,
                position,
                author,
                summary,
                description,
                body,
                cover_image,
                published_at,
            }),
            _ => Err(errors),
        }
    }
}

fn kind(errors: &mut FieldErrors, typed: &str) -> Option<Kind> {
    let kind = typed.trim().parse().ok();
    if kind.is_none() {
        errors.add("kind", "Choose what sort of article it is.");
    }
    kind
}

fn position(errors: &mut FieldErrors, typed: &str) -> Option<i32> {
    let position = match typed.trim() {
        "" => Some(1),
        typed => typed
            .parse()
            .ok()
            .filter(|position| (0..=9_999).contains(position)),
    };
    if position.is_none() {
        errors.add("position", "Give a whole number from 0 to 9999.");
    }
    position
}

fn attached(errors: &mut FieldErrors, field: &'static str, typed: &str) -> Option<Slug> {
    match typed.trim() {
        "" => None,
        typed => {
            let slug = typed.parse().ok();
            if slug.is_none() {
                errors.add(field, format!("There is no {field} of that name."));
            }
            slug
        }
    }
}

fn cover(errors: &mut FieldErrors, typed: &str) -> Option<i64> {
    match typed.trim() {
        "" => None,
        typed => {
            let key = typed.parse().ok().filter(|key| *key > 0);
            if key.is_none() {
                errors.add("cover_image", "There is no such picture.");
            }
            key
        }
    }
}

/// A date and time as browsers write them, or as people do.
fn date(errors: &mut FieldErrors, typed: &str) -> Option<NaiveDateTime> {
    let typed = typed.trim().trim_end_matches('Z');
    if typed.is_empty() {
        return None;
    }
    let with_time = [
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
    ]
    .into_iter()
    .find_map(|format| NaiveDateTime::parse_from_str(typed, format).ok());
    let at_midnight = || {
        let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok()?;
        day.and_hms_opt(0, 0, 0)
    };
    let date = with_time.or_else(at_midnight);
    let within = |date: &NaiveDateTime| (1990..=2200).contains(&chrono::Datelike::year(date));
    let date = date.filter(within);
    if date.is_none() {
        errors.add(
            "published_at",
            "Write the date and time as 2026-12-31 09:30, UTC.",
        );
    }
    date
}

fn body(errors: &mut FieldErrors, typed: &str) -> String {
    let body = typed.trim_matches('\n').trim_end();
    if body.len() > LONGEST_BODY {
        errors.add(
            "body",
            format!(
                "The text has {}; one megabyte is the most.",
                megabytes(body.len())
            ),
        );
    }
    if diff::is_unmerged(body) {
        errors.add(
            "body",
            "The text still has the marks of two versions. Choose one version of each, and take out the lines that \
             begin with <<<<<<<, ======= and >>>>>>>.",
        );
    }
    body.to_owned()
}

fn megabytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} megabytes", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            title: "What a developer does".to_owned(),
            kind: "guide".to_owned(),
            author: "Ada".to_owned(),
            ..Typed::default()
        }
    }

    fn problem(typed: &Typed, field: &str) -> String {
        let errors = typed.check().unwrap_err();
        errors.of(field).unwrap_or_default().to_owned()
    }

    #[test]
    fn the_address_is_made_of_the_title_where_none_is_typed() {
        assert_eq!(
            typed().check().unwrap().slug.as_str(),
            "what-a-developer-does"
        );
        let emoji = Typed {
            title: "\u{1f600}\u{1f600}".to_owned(),
            ..typed()
        };
        assert!(problem(&emoji, "slug").contains("type one"));
        let with_slug = Typed {
            slug: "smile".to_owned(),
            ..emoji
        };
        assert_eq!(with_slug.check().unwrap().title, "\u{1f600}\u{1f600}");
    }

    #[test]
    fn an_address_with_slashes_is_refused_with_a_better_one() {
        for slug in ["a/b", "../etc", "A B", "\u{645}\u{642}\u{627}\u{644}"] {
            let typed = Typed {
                slug: slug.to_owned(),
                ..typed()
            };
            assert!(problem(&typed, "slug").contains("small Latin letters"));
        }
        let typed = Typed {
            slug: "Back/End".to_owned(),
            ..typed()
        };
        assert!(problem(&typed, "slug").contains("back-end"));
    }

    #[test]
    fn signs_that_no_text_has_are_left_out() {
        let fields = [("title", "a\0b\r\nc"), ("body", "\u{7}x\r\ny\tz\0")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let typed = Typed::of(&fields);
        assert_eq!(
            (typed.title.as_str(), typed.body.as_str()),
            ("ab\nc", "x\ny\tz")
        );
    }

    #[test]
    fn dates_are_read_as_browsers_and_people_write_them() {
        for (text, expected) in [
            ("2026-12-31T09:30", "2026-12-31 09:30:00"),
            (" 2026-12-31 09:30 ", "2026-12-31 09:30:00"),
            ("2026-12-31T09:30:15Z", "2026-12-31 09:30:15"),
            ("2026-12-31", "2026-12-31 00:00:00"),
        ] {
            let typed = Typed {
                published_at: text.to_owned(),
                ..typed()
            };
            let published_at = typed.check().unwrap().published_at;
            assert_eq!(
                published_at.map(|at| at.to_string()).as_deref(),
                Some(expected)
            );
        }
        for text in ["tomorrow", "2026-13-01", "0001-01-01", "31.12.2026"] {
            let typed = Typed {
                published_at: text.to_owned(),
                ..typed()
            };
            assert!(problem(&typed, "published_at").contains("UTC"), "{text}");
        }
    }

    #[test]
    fn a_text_of_five_megabytes_is_told_its_size() {
        let typed = Typed {
            body: "x".repeat(5_000_000),
            ..typed()
        };
        assert!(problem(&typed, "body").contains("5.0 megabytes"));
    }

    #[test]
    fn text_from_right_to_left_is_text() {
        let typed = Typed {
            title: "\u{645}\u{637}\u{648}\u{631}".to_owned(),
            slug: "developer".to_owned(),
            ..typed()
        };
        assert_eq!(typed.check().unwrap().title, "\u{645}\u{637}\u{648}\u{631}");
    }
}
