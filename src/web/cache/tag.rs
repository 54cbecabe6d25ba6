//! Entity tags.
//!
//! Each coding of a page has a tag of its own, a strong one: the hash of the uncompressed bytes, and how they are sent. They
//! all mean the same page, and so whoever names any of them has it.

use actix_web::http::header::HeaderValue;
use sha2::{Digest, Sha256};

/// How a page is sent, as its tags say it. Bytes that were compressed better later are other bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Identity,
    Gzip,
    Brotli,
    BestBrotli,
}

impl Form {
    const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Brotli, Self::BestBrotli];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gz",
            Self::Brotli => "-br",
            Self::BestBrotli => "-brb",
        }
    }
}

/// The tags of a page.
#[derive(Clone, Debug)]
pub(super) struct Tags {
    hash: String,
    /// For headers.
    values: Vec<(Form, HeaderValue)>,
}

impl Tags {
    /// Those of a page with these uncompressed bytes.
    pub(super) fn of(body: &[u8]) -> Self {
        let hash = Sha256::digest(body);
        let hash = hex::encode(hash.get(..8).unwrap_or_default());
        let value = |form: Form| {
            let tag = format!("\"{hash}{}\"", form.suffix());
            Some((form, HeaderValue::from_str(&tag).ok()?))
        };
        Self {
            values: Form::ALL.into_iter().filter_map(value).collect(),
            hash,
        }
    }

    /// The tag of a form, for a header.
    pub(super) fn header(&self, form: Form) -> Option<HeaderValue> {
        let found = self.values.iter().find(|(of, _)| *of == form);
        found.map(|(_, value)| value.clone())
    }

    /// Whether a tag, with its quotes, is the page's in any form.
    pub(super) fn has(&self, tag: &str) -> bool {
        let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let suffix = inner.and_then(|inner| inner.strip_prefix(self.hash.as_str()));
        suffix.is_some_and(|suffix| Form::ALL.iter().any(|form| form.suffix() == suffix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_a_tag_and_all_are_the_page_s() {
        let tags = Tags::of(b"page");
        let other = Tags::of(b"page.");
        let mut seen = Vec::new();
        for form in Form::ALL {
            let tag = tags.header(form).unwrap().to_str().unwrap().to_owned();
            assert!(tags.has(&tag) && !other.has(&tag), "{tag}");
            assert!(!tags.has(tag.trim_matches('"')), "{tag}");
            assert!(!seen.contains(&tag));
            seen.push(tag);
        }
        assert_eq!(seen[0].len(), "\"0123456789abcdef\"".len());
        for tag in ["", "\"", "\"\"", &seen[0].replace('"', "\"x"), "\"-br\""] {
            assert!(!tags.has(tag), "{tag}");
        }
    }
}
