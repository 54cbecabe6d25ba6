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
    let says_when = about.published_at.is_some();
    let recorded = listed.as_deref().and_then(|path| moment.recorded(path));
    about.changed_at = recorded.map_or(newest, |(_, changed_at)| Some(changed_at));
    let mut body = written(page)?;
    let content_hash = hash_of_content(&body, says_when);
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

/// The time at which a page last changed, where it says so.
const CHANGED: (&[u8], &[u8]) = (b"<time data-changed", b"</time>");

/// Hash of what a visitor sees of a page: what stands within `main`, but for the time at which it last changed, which only pages
/// say that were published some day.
fn hash_of_content(page: &str, says_when: bool) -> i64 {
    let page = page.as_bytes();
    let from = memmem::find(page, b"<main").unwrap_or_default();
    let to = memmem::rfind(page, b"</main>").unwrap_or(page.len());
    let main = page.get(from..to).unwrap_or_default();
    let tag = memchr::memchr(b'>', main).unwrap_or_default();
    let content = main.get(tag..).unwrap_or_default();
    let changed = || {
        let begin = memmem::find(content, CHANGED.0)?;
        let rest = content.get(begin..)?;
        let length = memmem::find(rest, CHANGED.1)?;
        Some((content.get(..begin)?, rest.get(length..)?))
    };
    let parts = if says_when { changed() } else { None };
    let (before, after) = parts.unwrap_or((content, &[]));
    let mut hash = Xxh3::new();
    hash.update(before);
    hash.update(after);
    hash.digest().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(head: &str, stream: &str, main: &str) -> String {
        format!(
            "<html><head>{head}</head><body><main id=\"main\"{stream}>{main}</main><footer>{head}</footer></body></html>"
        )
    }

    #[test]
    fn only_what_a_visitor_sees_counts() {
        let hash = |head, stream, main| hash_of_content(&page(head, stream, main), false);
        assert_eq!(hash("a", "", "text"), hash("b", "", "text"));
        assert_eq!(
            hash("", "", "text"),
            hash("", " data-stream=\"/live?seen=1\"", "text")
        );
        assert_ne!(hash("", "", "text"), hash("", "", "texts"));
        assert_ne!(
            hash("", "", "<p>1</p><p>2</p>"),
            hash("", "", "<p>1</p><p>3</p>")
        );
    }

    #[test]
    fn the_time_itself_does_not_count() {
        let dated = |day: &str, end: &str| {
            let main = format!(
                "<p>1 <time>1</time> <time data-changed datetime=\"{day}\">{day}</time> {end}</p>"
            );
            hash_of_content(&page("", "", &main), true)
        };
        assert_eq!(dated("1", "end"), dated("2", "end"));
        assert_ne!(dated("1", "end"), dated("1", "another end"));
        let hash = |main| hash_of_content(&page("", "", main), true);
        assert_ne!(hash("<time>1</time>"), hash("<time>2</time>"));
        assert_ne!(hash("<time data-changed>1"), hash("<time data-changed>2"));
    }
}
