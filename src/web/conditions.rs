//! Conditional requests: what is to be done with one, in the order of RFC 9110, 13.2.2.

use std::time::SystemTime;

use actix_web::http::header::{
    HeaderMap, HeaderName, HeaderValue, HttpDate, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
};

/// What a condition makes of a request for something that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is sent.
    Send,
    /// Whoever asks has it already: 304. The tag that they named, where they named one.
    NotModified(Option<String>),
    /// They do not want it as it is: 412.
    Failed,
}

/// What the conditions of a GET or HEAD request come to. `is_current` says whether a tag, with its quotes, is one of what is
/// there now.
pub(crate) fn judge(
    asked: &HeaderMap,
    is_current: impl Fn(&str) -> bool,
    changed_at: Option<SystemTime>,
) -> Outcome {
    if asked.contains_key(IF_MATCH) {
        // Compared strongly: a weak tag never does.
        let matches = named(asked, IF_MATCH).any(|tag| tag == "*" || is_current(tag));
        if !matches {
            return Outcome::Failed;
        }
    } else if let (Some(since), Some(changed_at)) = (time(asked, IF_UNMODIFIED_SINCE), changed_at)
        && changed_at > since
    {
        return Outcome::Failed;
    }
    if asked.contains_key(IF_NONE_MATCH) {
        let mut names =
            named(asked, IF_NONE_MATCH).map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
        return match names.find(|tag| *tag == "*" || is_current(tag)) {
            Some("*") => Outcome::NotModified(None),
            Some(tag) => Outcome::NotModified(Some(tag.to_owned())),
            None => Outcome::Send,
        };
    }
    match (time(asked, IF_MODIFIED_SINCE), changed_at) {
        (Some(since), Some(changed_at)) if changed_at <= since => Outcome::NotModified(None),
        _ => Outcome::Send,
    }
}

/// The tags that a header names. Ours have no comma, so that no part of another one's can be taken for one of ours.
fn named(asked: &HeaderMap, header: HeaderName) -> impl Iterator<Item = &str> {
    let lists = asked.get_all(header).filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim)
}

/// The time in a header; `None` where there is none, or not just one that can be read.
fn time(asked: &HeaderMap, header: HeaderName) -> Option<SystemTime> {
    let mut values = asked.get_all(header);
    let only = values.next().filter(|_| values.next().is_none());
    only.and_then(at)
}

/// The time that the value of a header says.
pub(crate) fn at(value: &HeaderValue) -> Option<SystemTime> {
    let date: HttpDate = value.to_str().ok()?.parse().ok()?;
    Some(date.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "Sun, 29 Nov 2026 09:00:00 GMT";
    const THEN: &str = "Sun, 29 Nov 2026 10:00:00 GMT";
    const AFTER: &str = "Sun, 29 Nov 2026 11:00:00 GMT";

    fn outcome(asked: &[(HeaderName, &str)]) -> Outcome {
        let mut headers = HeaderMap::new();
        for (name, value) in asked {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        let changed_at = at(&HeaderValue::from_static(THEN)).unwrap();
        judge(&headers, |tag| tag == "\"now\"", Some(changed_at))
    }

    fn not_modified(tag: &str) -> Outcome {
        Outcome::NotModified(Some(tag.to_owned()))
    }

    #[test]
    fn a_tag_is_found_in_any_list_that_names_it() {
        assert_eq!(outcome(&[]), Outcome::Send);
        for list in [
            "\"now\"",
            "W/\"now\"",
            "\"old\", \"now\"",
            " \"now\" ,W/\"x,\"",
        ] {
            assert_eq!(
                outcome(&[(IF_NONE_MATCH, list)]),
                not_modified("\"now\""),
                "{list}"
            );
        }
        assert_eq!(
            outcome(&[(IF_NONE_MATCH, "\"old\""), (IF_NONE_MATCH, "\"now\"")]),
            not_modified("\"now\"")
        );
        assert_eq!(outcome(&[(IF_NONE_MATCH, "*")]), Outcome::NotModified(None));
        for list in ["", "\"old\"", "W/", "now", "\"*\"", "w/\"now\""] {
            assert_eq!(outcome(&[(IF_NONE_MATCH, list)]), Outcome::Send, "{list}");
        }
    }

    #[test]
    fn a_time_is_asked_for_only_without_a_tag() {
        let since = |date| (IF_MODIFIED_SINCE, date);
        for date in [THEN, AFTER, "Sunday, 29-Nov-26 10:00:00 GMT"] {
            assert_eq!(
                outcome(&[since(date)]),
                Outcome::NotModified(None),
                "{date}"
            );
        }
        for date in [BEFORE, "yesterday", "", "2026-11-29T10:00:00Z"] {
            assert_eq!(outcome(&[since(date)]), Outcome::Send, "{date}");
        }
        assert_eq!(outcome(&[since(AFTER), since(AFTER)]), Outcome::Send);
        let old = (IF_NONE_MATCH, "\"old\"");
        assert_eq!(outcome(&[old, since(AFTER)]), Outcome::Send);
        let now = (IF_NONE_MATCH, "\"now\"");
        assert_eq!(outcome(&[now, since(BEFORE)]), not_modified("\"now\""));
    }

    #[test]
    fn what_is_wanted_as_it_was_is_refused_where_it_changed() {
        for (name, value, refused) in [
            (IF_MATCH, "\"now\"", false),
            (IF_MATCH, "\"old\", \"now\"", false),
            (IF_MATCH, "*", false),
            (IF_MATCH, "\"old\"", true),
            (IF_MATCH, "W/\"now\"", true),
            (IF_UNMODIFIED_SINCE, THEN, false),
            (IF_UNMODIFIED_SINCE, AFTER, false),
            (IF_UNMODIFIED_SINCE, "never", false),
            (IF_UNMODIFIED_SINCE, BEFORE, true),
        ] {
            let expected = if refused {
                Outcome::Failed
            } else {
                Outcome::Send
            };
            assert_eq!(outcome(&[(name, value)]), expected, "{value}");
        }
        // A tag is worth more than a time, and both come before what a browser has.
        let matching = [(IF_MATCH, "\"now\""), (IF_UNMODIFIED_SINCE, BEFORE)];
        assert_eq!(outcome(&matching), Outcome::Send);
        let all = [(IF_MATCH, "\"old\""), (IF_NONE_MATCH, "\"now\"")];
        assert_eq!(outcome(&all), Outcome::Failed);
    }

    #[test]
    fn without_a_time_of_its_own_no_time_matters() {
        let mut headers = HeaderMap::new();
        headers.append(IF_MODIFIED_SINCE, HeaderValue::from_static(AFTER));
        headers.append(IF_UNMODIFIED_SINCE, HeaderValue::from_static(BEFORE));
        assert_eq!(judge(&headers, |_| false, None), Outcome::Send);
    }
}
