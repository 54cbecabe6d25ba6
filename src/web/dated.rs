//! Answers that know when they last changed: one time for the page itself, its meta data, its header, and what is recorded.

use std::time::{Duration, SystemTime};

use actix_web::HttpResponse;
use actix_web::http::header::{ContentType, HttpDate, LAST_MODIFIED, TryIntoHeaderValue};
use askama::Template;
use chrono::NaiveDateTime;
use memchr::memmem;
use xxhash_rust::xxh3::Xxh3;

use super::{Meta, cache, written};
use crate::error::AppError;
use crate::versions::{Moment, PageRecord};

/// A page that may be kept until something that it shows changes, with the time at which it last changed in its meta data. Its
/// response carries its [`PageRecord`] where search engines may list it.
///
/// It is written with the time that is recorded, and once more only where it shows something else by now.
///
/// # Errors
/// [`AppError::Template`].
pub fn page<P: Template>(
    page: &mut P,
    meta: fn(&mut P) -> &mut Meta,
    moment: Moment,
) -> Result<HttpResponse, AppError> {
    let newest = moment.newest_change();
    let about = meta(page);
    let listed = about.indexed.then(|| about.canonical.clone());
    let recorded = listed.as_deref().and_then(|path| moment.recorded(path));
    about.changed_at = recorded.map_or(newest, |(_, changed_at)| Some(changed_at));
    let mut body = written(page)?;
    let content_hash = hash_of_content(&body);
    if let Some((hash, changed_at)) = recorded
        && hash != content_hash
        && newest > Some(changed_at)
    {
        meta(page).changed_at = newest;
        body = written(page)?;
    }
    let changed_at = meta(page).changed_at;
    let response = HttpResponse::Ok()
        .content_type(ContentType::html())
        .body(body);
    let mut response = last_modified(response, changed_at);
    if let (Some(path), Some(changed_at)) = (listed, changed_at) {
        response.extensions_mut().insert(PageRecord {
            path,
            content_hash,
            changed_at,
        });
    }
    Ok(cache::keep(response, moment.into_shown()))
}

/// Anything else that may be kept until something that it shows changes.
#[must_use]
pub fn file(response: HttpResponse, moment: Moment) -> HttpResponse {
    let response = last_modified(response, moment.newest_change());
    cache::keep(response, moment.into_shown())
}

/// Says when the response last changed, where that is known and not said yet.
#[must_use]
pub fn last_modified(mut response: HttpResponse, at: Option<NaiveDateTime>) -> HttpResponse {
    let value = at.and_then(|at| HttpDate::from(system_time(at)).try_into_value().ok());
    if let Some(value) = value
        && !response.headers().contains_key(LAST_MODIFIED)
    {
        response.headers_mut().insert(LAST_MODIFIED, value);
    }
    response
}

/// A time, UTC, as the system counts it.
#[must_use]
pub fn system_time(at: NaiveDateTime) -> SystemTime {
    let seconds = u64::try_from(at.and_utc().timestamp()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Parts of a page that change without it: where they begin, and where they end.
const PASSED_OVER: [(&str, &str); 2] = [
    // The time itself.
    ("<time data-changed", "</time>"),
    // The address of the stream that tells of changes, which a setting turns off.
    (" data-stream=\"", "\""),
];

/// Hash of what a visitor sees of a page: what stands in `main`, but for the time at which it last changed.
fn hash_of_content(page: &str) -> i64 {
    let page = page.as_bytes();
    let from = memmem::find(page, b"<main").unwrap_or_default();
    let to = memmem::rfind(page, b"</main>").unwrap_or(page.len());
    let content = page.get(from..to).unwrap_or_default();
    let parts = PASSED_OVER.iter().flat_map(|(begin, end)| {
        let begins = memmem::find_iter(content, begin.as_bytes());
        begins.filter_map(|at| {
            let inner = at + begin.len();
            let length = memmem::find(content.get(inner..)?, end.as_bytes())?;
            Some((at, inner + length + end.len()))
        })
    });
    let mut parts: Vec<(usize, usize)> = parts.collect();
    parts.sort_unstable();
    let mut hash = Xxh3::new();
    let mut at = 0;
    for (begin, end) in parts {
        hash.update(content.get(at..begin).unwrap_or_default());
        at = at.max(end);
    }
    hash.update(content.get(at..).unwrap_or_default());
    hash.digest().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_visitor_sees_counts() {
        let page = |head: &str, main: &str| {
            hash_of_content(&format!(
                "<html><head>{head}</head><body><main id=\"main\">{main}</main><footer>{head}</footer></body></html>"
            ))
        };
        assert_eq!(page("a", "text"), page("b", "text"));
        assert_ne!(page("a", "text"), page("a", "texts"));
        let dated = |day: &str, stream: &str| {
            page(
                "",
                &format!(
                    "<p{stream}>1 <time>1</time> <time data-changed datetime=\"{day}\">{day}</time> end</p>"
                ),
            )
        };
        assert_eq!(dated("1", ""), dated("2", ""));
        assert_eq!(dated("1", ""), dated("2", " data-stream=\"/live?seen=1\""));
        assert_ne!(page("", "<time>1</time>"), page("", "<time>2</time>"));
        assert_ne!(
            page("", "<time data-changed>1"),
            page("", "<time data-changed>2")
        );
    }
}
