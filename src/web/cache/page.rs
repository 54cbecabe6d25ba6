//! A kept page: a finished response with all that its answers need, so that answering copies next to nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, VARY,
};
use actix_web::web::Bytes;

use super::coding::{self, Coding};
use super::tag::{Form, Tags};
use crate::versions::Shown;
use crate::web::conditions::{self, Outcome};

/// Bodies below this many bytes are not compressed: a packet carries them either way.
const WORTH_COMPRESSING: usize = 200;

/// Bodies above this many bytes are not compressed a second time: that would take seconds.
const WORTH_POLISHING: usize = 256 * 1024;

/// Brotli's quality at first, and when there is time.
const QUICK: i32 = 5;
const BEST: i32 = 11;

/// What an entry takes beside its bytes, about.
const OVERHEAD: usize = 1024;

type Headers = Vec<(HeaderName, HeaderValue)>;

/// A response as its handler made it, which may be kept.
pub(super) struct Fresh {
    headers: HeaderMap,
    body: Bytes,
    shown: Shown,
}

impl Fresh {
    /// Takes a finished page that says what it shows; gives back any other response.
    pub(super) fn of(mut response: HttpResponse) -> Result<Self, Box<HttpResponse>> {
        let shown = response.extensions_mut().remove::<Shown>();
        let Some(shown) = shown.filter(|_| response.status() == StatusCode::OK) else {
            return Err(Box::new(response));
        };
        let (head, body) = response.into_parts();
        match body.try_into_bytes() {
            Ok(body) => Ok(Self {
                headers: head.headers().clone(),
                body,
                shown,
            }),
            Err(body) => Err(Box::new(head.set_body(body))),
        }
    }
}

/// A kept page.
pub(super) struct Page {
    /// Those of every answer.
    headers: Headers,
    /// Those that tell of the body.
    body_headers: Headers,
    tags: Tags,
    changed_at: Option<SystemTime>,
    identity: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
    /// Whether the brotli bytes are as few as can be.
    is_polished: bool,
    shown: Shown,
    /// The generation of versions in which it was last found to hold.
    holds_in: AtomicU64,
}

impl Page {
    /// Compresses a page. Takes milliseconds.
    pub(super) fn new(fresh: Fresh, defaults: &[(HeaderName, HeaderValue)], made_in: u64) -> Self {
        let Fresh {
            headers: given,
            body,
            shown,
        } = fresh;
        let is_compressible = body.len() >= WORTH_COMPRESSING
            && given
                .get(CONTENT_TYPE)
                .is_some_and(|kind| is_text(kind.as_bytes()));
        let compressed =
            |compress: fn(&[u8]) -> Option<Box<[u8]>>| is_compressible.then(|| compress(&body));
        let (gzip, brotli) = (
            compressed(coding::gzip),
            compressed(|body| coding::brotli(body, QUICK)),
        );
        let missing = defaults
            .iter()
            .filter(|(name, _)| !given.contains_key(name))
            .cloned();
        let pairs = given
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        let (body_headers, mut headers): (Headers, Headers) =
            pairs.chain(missing).partition(|(name, _)| {
                [CONTENT_TYPE, CONTENT_DISPOSITION, CONTENT_LANGUAGE].contains(name)
            });
        headers.push((VARY, HeaderValue::from_static("Accept-Encoding")));
        Self {
            headers,
            body_headers,
            tags: Tags::of(&body),
            changed_at: given.get(LAST_MODIFIED).and_then(conditions::at),
            is_polished: false,
            gzip: gzip.flatten().map(Bytes::from),
            brotli: brotli.flatten().map(Bytes::from),
            // The buffer that the page was written into may be twice as long.
            identity: Bytes::copy_from_slice(&body),
            shown,
            holds_in: AtomicU64::new(made_in),
        }
    }

    /// The answer to a request with those headers.
    pub(super) fn answer(&self, asked: &HeaderMap) -> HttpResponse {
        let wanted = coding::choose(
            asked.get_all(ACCEPT_ENCODING),
            self.brotli.is_some(),
            self.gzip.is_some(),
        );
        let (body, coding, form) = match (wanted, &self.brotli, &self.gzip) {
            (Some(Coding::Brotli), Some(body), _) if self.is_polished => {
                (body, Some("br"), Form::BestBrotli)
            }
            (Some(Coding::Brotli), Some(body), _) => (body, Some("br"), Form::Brotli),
            (Some(Coding::Gzip), _, Some(body)) => (body, Some("gzip"), Form::Gzip),
            _ => (&self.identity, None, Form::Identity),
        };
        let tag = self.tags.header(form);
        match conditions::judge(asked, |tag| self.tags.has(tag), self.changed_at) {
            Outcome::Send => {}
            Outcome::NotModified(named) => {
                let named = named.and_then(|tag| HeaderValue::from_str(&tag).ok());
                return self.without_body(StatusCode::NOT_MODIFIED, named.or(tag));
            }
            Outcome::Failed => return self.without_body(StatusCode::PRECONDITION_FAILED, tag),
        }
        let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(body.clone()));
        add(&mut response, &self.body_headers);
        if let Some(coding) = coding {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        add(&mut response, &self.headers);
        set_tag(&mut response, tag);
        response
    }

    fn without_body(&self, status: StatusCode, tag: Option<HeaderValue>) -> HttpResponse {
        let mut response = HttpResponse::new(status);
        add(&mut response, &self.headers);
        set_tag(&mut response, tag);
        response
    }

    /// The page with its brotli bytes as few as can be; `None` where they are already, or where it would take too long.
    pub(super) fn polished(&self) -> Option<Self> {
        let brotli = self.brotli.as_ref()?;
        if self.identity.len() > WORTH_POLISHING {
            return None;
        }
        let better = coding::brotli(&self.identity, BEST)?;
        (better.len() < brotli.len()).then(|| Self {
            headers: self.headers.clone(),
            body_headers: self.body_headers.clone(),
            tags: self.tags.clone(),
            changed_at: self.changed_at,
            is_polished: true,
            identity: self.identity.clone(),
            gzip: self.gzip.clone(),
            brotli: Some(Bytes::from(better)),
            shown: self.shown.clone(),
            holds_in: AtomicU64::new(self.holds_in()),
        })
    }

    pub(super) fn shown(&self) -> &Shown {
        &self.shown
    }

    pub(super) fn holds_in(&self) -> u64 {
        self.holds_in.load(Ordering::Relaxed)
    }

    pub(super) fn found_to_hold(&self, generation: u64) {
        self.holds_in.store(generation, Ordering::Relaxed);
    }

    /// Bytes that it takes.
    pub(super) fn weight(&self) -> usize {
        let bodies = [
            Some(&self.identity),
            self.gzip.as_ref(),
            self.brotli.as_ref(),
        ];
        let bodies: usize = bodies.into_iter().flatten().map(Bytes::len).sum();
        let headers = self.headers.iter().chain(&self.body_headers);
        let headers: usize = headers.map(|(_, value)| value.len()).sum();
        bodies + headers + self.shown.size() + OVERHEAD
    }
}

fn add(response: &mut HttpResponse, headers: &[(HeaderName, HeaderValue)]) {
    let all = response.headers_mut();
    for (name, value) in headers {
        all.append(name.clone(), value.clone());
    }
}

fn set_tag(response: &mut HttpResponse, tag: Option<HeaderValue>) {
    if let Some(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// Whether a content type is one of text, which compresses.
fn is_text(content_type: &[u8]) -> bool {
    content_type.starts_with(b"text/")
        || [&b"json"[..], b"xml", b"javascript"]
            .iter()
            .any(|part| content_type.windows(part.len()).any(|at| at == *part))
}
