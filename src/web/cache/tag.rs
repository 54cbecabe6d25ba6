//! Entity tags.
//!
//! A page has one tag, whatever coding it is sent in, made of its uncompressed bytes. It is a weak one: it says that two
//! answers mean the same, not that they are the same bytes, which those of two codings, or of one that was compressed better
//! later, are not (RFC 9110, 8.8.1).

use actix_web::http::header::HeaderValue;
use sha2::{Digest, Sha256};

/// The tag of a body: `W/"…"`.
pub(super) fn of(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    format!("W/\"{}\"", hex::encode(hash.get(..8).unwrap_or_default()))
}

/// Whether the values of `If-None-Match` name the tag, or any. Weak or not is all the same.
pub(super) fn is_named<'a>(mut lists: impl Iterator<Item = &'a HeaderValue>, tag: &str) -> bool {
    let wanted = opaque(tag.as_bytes());
    lists.any(|list| {
        let list = list.as_bytes();
        // Our tags have no comma, so that no part of another one's can be taken for one of ours.
        list.trim_ascii() == b"*"
            || list
                .split(|byte| *byte == b',')
                .any(|tag| opaque(tag) == wanted)
    })
}

/// A tag without what says that it is weak.
fn opaque(tag: &[u8]) -> &[u8] {
    let tag = tag.trim_ascii();
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_any_list_that_names_it() {
        let tag = of(b"page");
        assert_eq!(tag, of(b"page"));
        assert_ne!(tag, of(b"page."));
        assert_eq!(tag.len(), "W/\"0123456789abcdef\"".len());
        let is_named = |lists: &[&str]| {
            let values: Vec<HeaderValue> = lists
                .iter()
                .map(|list| HeaderValue::from_str(list).unwrap())
                .collect();
            super::is_named(values.iter(), &tag)
        };
        let strong = tag.strip_prefix("W/").unwrap();
        for list in [
            tag.clone(),
            strong.to_owned(),
            format!("\"other\", {tag}"),
            format!(" {strong} ,W/\"other,\""),
            "*".to_owned(),
        ] {
            assert!(is_named(&[&list]), "{list}");
        }
        assert!(is_named(&["\"other\"", &tag]));
        let bare = strong.trim_matches('"');
        for list in ["", "\"other\"", "W/", bare, "\"*\"", &format!("w/{strong}")] {
            assert!(!is_named(&[list]), "{list}");
        }
        assert!(!is_named(&[]));
    }
}
