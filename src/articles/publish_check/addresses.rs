//! Which of the site's own addresses answer. Pure.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;

use crate::images::FileName;
use crate::salaries::Filters;
use crate::slug::Slug;
use crate::web::parameters;

/// Pages that are always there.
pub const FIXED: [&str; 10] = [
    "/",
    "/salaries",
    "/salaries.json",
    "/articles",
    "/methodology",
    "/search",
    "/compare",
    "/openapi.json",
    "/sitemap.xml",
    "/robots.txt",
];

/// The addresses of the site.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Where the site is: `https://jobs.example`.
    pub site: String,
    /// Slugs of the roles.
    pub roles: HashSet<String>,
    /// Slugs of the technologies.
    pub technologies: HashSet<String>,
    /// Roles with the technologies that anybody in them knows: `back-end-web/django`.
    pub pairs: HashSet<String>,
    /// Slugs of the articles, and whether they are published.
    pub articles: HashMap<String, bool>,
    /// Paths that lead on to others.
    pub moved: HashMap<String, String>,
    /// Keys of the images.
    pub images: HashSet<String>,
    /// Slugs that roles had before, or roles that were merged, with those that they lead to.
    pub former_roles: HashMap<String, String>,
    /// The same of technologies.
    pub former_technologies: HashMap<String, String>,
}

/// What becomes of a reader who follows a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// There is a page, or it is another site's.
    Fine,
    /// The page is at another address.
    Moved(String),
    /// There is no page, and why.
    Dead(String),
}

impl Answer {
    fn dead(why: impl Into<String>) -> Self {
        Self::Dead(why.into())
    }
}

impl Addresses {
    /// What becomes of a reader who follows a link in an article of that slug with those anchors.
    #[must_use]
    pub fn answer(&self, address: &str, own: Option<&Slug>, anchors: &HashSet<String>) -> Answer {
        let address = address.trim();
        let address = match address.strip_prefix(self.site.as_str()) {
            Some(path) if !self.site.is_empty() && (path.is_empty() || path.starts_with('/')) => {
                if path.is_empty() {
                    "/"
                } else {
                    path
                }
            }
            _ => address,
        };
        if address.is_empty() {
            return Answer::dead("it says not where to.");
        }
        if let Some(anchor) = address.strip_prefix('#') {
            return anchored(anchor, anchors);
        }
        if let Some(scheme) = scheme(address) {
            return match scheme.to_lowercase().as_str() {
                "http" | "https" | "mailto" => Answer::Fine,
                _ => Answer::dead("links may begin with http:, https: or mailto: alone."),
            };
        }
        if address.starts_with("//") {
            return Answer::Fine;
        }
        if !address.starts_with('/') {
            return Answer::dead(
                "it does not begin with a slash, so it leads from each page to another place.",
            );
        }
        let (rest, anchor) = match address.split_once('#') {
            Some((rest, anchor)) => (rest, Some(anchor)),
            None => (address, None),
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let canonical = canonical(path);
        let tail = address.get(path.len()..).unwrap_or_default();
        if let Some(to) = self.moved.get(&canonical) {
            return Answer::Moved(format!("{to}{tail}"));
        }
        if let Some(to) = self.renamed(&canonical)
            && self.at(&to, query, own) == Answer::Fine
        {
            return Answer::Moved(format!("{to}{tail}"));
        }
        match self.at(&canonical, query, own) {
            Answer::Fine if canonical != path => Answer::Moved(format!("{canonical}{tail}")),
            Answer::Fine => match (own, anchor) {
                (Some(own), Some(anchor)) if canonical == format!("/articles/{own}") => {
                    anchored(anchor, anchors)
                }
                _ => Answer::Fine,
            },
            other => other,
        }
    }

    /// The path with the slugs that roles and technologies have now; `None` where it has them already.
    fn renamed(&self, path: &str) -> Option<String> {
        let mut segments: Vec<String> = path.split('/').map(ToOwned::to_owned).collect();
        let places = match segments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["", "technologies", _] => [None, Some(2)],
            ["", "salaries", ..] => [Some(2), Some(3)],
            ["", "embed", "salaries", ..] => [Some(3), Some(4)],
            _ => return None,
        };
        let former = [&self.former_roles, &self.former_technologies];
        for (place, former) in places.into_iter().zip(former) {
            let Some(segment) = place.and_then(|place| segments.get_mut(place)) else {
                continue;
            };
            let (stem, extension) = match segment.split_once('.') {
                Some((stem, extension)) => (stem, format!(".{extension}")),
                None => (segment.as_str(), String::new()),
            };
            if let Some(now) = former.get(stem) {
                *segment = format!("{now}{extension}");
            }
        }
        Some(segments.join("/")).filter(|renamed| renamed != path)
    }

    fn at(&self, path: &str, query: &str, own: Option<&Slug>) -> Answer {
        if FIXED.contains(&path) {
            return Answer::Fine;
        }
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match segments.as_slice() {
            ["salaries", rest @ ..] | ["embed", "salaries", rest @ ..] => {
                self.selection(path, rest, query)
            }
            ["technologies", slug] if self.technologies.contains(*slug) => Answer::Fine,
            ["technologies", slug] => {
                Answer::dead(format!("there is no technology \u{201c}{slug}\u{201d}."))
            }
            ["articles", slug] if own.is_some_and(|own| own.as_str() == *slug) => Answer::Fine,
            ["articles", slug] => match self.articles.get(*slug) {
                Some(true) => Answer::Fine,
                Some(false) => Answer::dead("that article is not published."),
                None => Answer::dead(format!("there is no article \u{201c}{slug}\u{201d}.")),
            },
            ["admin", ..] => Answer::dead("only editors may go there."),
            ["images", name] => {
                let key = name.parse().and_then(|name: FileName| name.key());
                if key.is_ok_and(|key| self.images.contains(key.as_str())) {
                    Answer::Fine
                } else {
                    Answer::dead("there is no such image.")
                }
            }
            _ => Answer::dead("there is no page at this address."),
        }
    }

    /// A salary page in any form.
    fn selection(&self, path: &str, segments: &[&str], query: &str) -> Answer {
        let (role, technology) = match segments {
            [role] => (*role, None),
            [role, technology] => (*role, Some(*technology)),
            _ => return Answer::dead("there is no page at this address."),
        };
        let last = technology.unwrap_or(role);
        let stem = match last.rsplit_once('.') {
            Some((stem, "json" | "csv" | "svg" | "png")) if !path.starts_with("/embed") => stem,
            _ => last,
        };
        let role = if technology.is_none() { stem } else { role };
        if !self.roles.contains(role) {
            return Answer::dead(format!("there is no role \u{201c}{role}\u{201d}."));
        }
        if technology.is_some() && !self.pairs.contains(&format!("{role}/{stem}")) {
            return Answer::dead(format!(
                "there are no offers of this role with \u{201c}{stem}\u{201d}."
            ));
        }
        match Filters::from_parameters(&parameters(query)) {
            Err(unknown) => Answer::Dead(unknown.to_string()),
            Ok(filters) if filters.query_string() == query => Answer::Fine,
            Ok(filters) => Answer::Moved(filters.address(path)),
        }
    }
}

fn anchored(anchor: &str, anchors: &HashSet<String>) -> Answer {
    let decoded = percent_decode_str(anchor).decode_utf8_lossy();
    if anchor.is_empty() || anchor == "top" || anchors.contains(decoded.as_ref()) {
        Answer::Fine
    } else {
        Answer::dead("no heading of the article has that anchor.")
    }
}

/// What stands before the colon of an address with a scheme.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let mut letters = scheme.chars();
    let is_scheme = letters
        .next()
        .is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    is_scheme.then_some(scheme)
}

/// The one form of a path: lower case, no slash at its end, no empty segment.
fn canonical(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let canonical = segments.fold(String::new(), |path, segment| {
        path + "/" + &segment.to_lowercase()
    });
    if canonical.is_empty() {
        "/".to_owned()
    } else {
        canonical
    }
}
