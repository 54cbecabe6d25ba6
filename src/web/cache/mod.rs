//! The page cache: finished responses, compressed once, for as long as what they show stays as it is.
//!
//! A handler lets its page be kept by saying what it shows ([`keep`]), on a route that looks here first ([`by_path`],
//! [`by_query`]). There a page is made once, however many ask for it at the same time, and kept under its canonical address,
//! with the headers of every layer around. From then on [`Hits`], the outermost layer, answers.

mod coding;
mod hits;
mod making;
mod page;
mod polish;
mod tag;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{RequestHead, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, web};
use quick_cache::{OptionsBuilder, Weighter};

pub use hits::{Hits, HitsOr};
use making::{Making, Turn, Workshop};
use page::{Fresh, Page};
use polish::Polisher;

use crate::db::Db;
use crate::versions::{Shown, Standing, Versions};

/// Parts of the cache that lock, and are bounded, on their own.
const SHARDS: usize = 4;

/// What a page takes, about, all its codings together.
const USUAL_PAGE: u64 = 40 * 1024;

type Pages = quick_cache::sync::Cache<String, Arc<Page>, Bytes>;

/// The page cache; shared by all workers.
pub struct Cache {
    /// `None` where it is turned off.
    store: Option<Store>,
}

/// What the cache did, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Answers given from it.
    pub hits: u64,
    /// Pages made for it.
    pub made: u64,
    /// Pages in it.
    pub pages: usize,
    /// Bytes that they take.
    pub bytes: u64,
}

struct Store {
    pages: Arc<Pages>,
    versions: Arc<Versions>,
    workshop: Workshop,
    polisher: Polisher,
    /// The headers that the layers around add where a page has not its own.
    defaults: Arc<[(HeaderName, HeaderValue)]>,
    hits: AtomicU64,
    made: AtomicU64,
}

/// Weighs pages by their bytes.
#[derive(Clone)]
struct Bytes;

impl Weighter<String, Arc<Page>> for Bytes {
    fn weight(&self, key: &String, page: &Arc<Page>) -> u64 {
        (key.len() + page.weight()) as u64
    }
}

impl Cache {
    /// A cache of so many bytes for pages that show that database; turned off with 0. Each page gets the default headers
    /// that it lacks.
    #[must_use]
    pub fn new(bytes: u64, db: &Db, defaults: Vec<(HeaderName, HeaderValue)>) -> Self {
        let items = usize::try_from(bytes / USUAL_PAGE).unwrap_or(usize::MAX);
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(items.max(1))
            .weight_capacity(bytes)
            .build();
        let store = options.ok().filter(|_| bytes > 0).map(|options| Store {
            pages: Arc::new(Pages::with_options(
                options,
                Bytes,
                quick_cache::DefaultHashBuilder::default(),
                quick_cache::sync::DefaultLifecycle::default(),
            )),
            versions: Arc::new(Versions::follow(db)),
            workshop: Workshop::default(),
            polisher: Polisher::default(),
            defaults: defaults.into(),
            hits: AtomicU64::new(0),
            made: AtomicU64::new(0),
        });
        Self { store }
    }

    /// The versions that its pages are checked against; `None` where it is turned off.
    #[must_use]
    pub fn versions(&self) -> Option<&Arc<Versions>> {
        self.store.as_ref().map(|store| &store.versions)
    }

    /// What it did and holds.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.store
            .as_ref()
            .map_or_else(Stats::default, |store| Stats {
                hits: store.hits.load(Ordering::Relaxed),
                made: store.made.load(Ordering::Relaxed),
                pages: store.pages.len(),
                bytes: store.pages.weight(),
            })
    }

    /// The answer to a request, where the page is kept and still holds.
    fn hit(&self, request: &RequestHead) -> Option<HttpResponse> {
        let store = self.store.as_ref().filter(|_| reads(&request.method))?;
        let key = address(&request.uri);
        let page = store.pages.get(key)?;
        if store.versions.standing() != Standing::Current || !store.holds(key, &page) {
            return None;
        }
        store.hits.fetch_add(1, Ordering::Relaxed);
        Some(page.answer(&request.headers))
    }
}

impl Store {
    /// Whether a page still shows what is. One that does not is dropped.
    fn holds(&self, key: &str, page: &Arc<Page>) -> bool {
        if page.holds_in() == self.versions.generation() {
            return true;
        }
        let found = self.versions.check(page.shown(), page.holds_in());
        match found {
            Some(generation) => page.found_to_hold(generation),
            None => drop(self.pages.remove_if(key, |now| Arc::ptr_eq(now, page))),
        }
        found.is_some()
    }

    /// Makes a page and keeps it, where it may be kept.
    async fn make(
        &self,
        turn: Making<'_>,
        key: &str,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let made_in = self.versions.generation();
        let response = next.call(request).await?.map_into_boxed_body();
        let (request, response) = response.into_parts();
        let fresh = match Fresh::of(response) {
            Ok(fresh) => fresh,
            Err(response) => {
                turn.cannot_be_kept();
                return Ok(ServiceResponse::new(request, *response));
            }
        };
        let defaults = Arc::clone(&self.defaults);
        let page = web::block(move || Page::new(fresh, &defaults, made_in)).await?;
        let page = Arc::new(page);
        self.made.fetch_add(1, Ordering::Relaxed);
        if self.versions.check(page.shown(), made_in).is_some() {
            self.pages.insert(key.to_owned(), Arc::clone(&page));
            if self.pages.contains_key(key) {
                self.polisher.take(&self.pages, key, &page);
            } else {
                turn.cannot_be_kept();
            }
        }
        let response = page.answer(request.headers());
        Ok(ServiceResponse::new(request, response))
    }
}

/// Lets a response be kept until something that it shows changes. Browsers may keep it too, but ask each time.
#[must_use]
pub fn keep(mut response: HttpResponse, shown: Shown) -> HttpResponse {
    if !response.headers().contains_key(CACHE_CONTROL) {
        let ask_each_time = HeaderValue::from_static("no-cache");
        response.headers_mut().insert(CACHE_CONTROL, ask_each_time);
    }
    response.extensions_mut().insert(shown);
    response
}

/// The layer around pages that are the same whatever the query string.
///
/// # Errors
/// Those of the layers below.
pub async fn by_path(
    cache: Data<Cache>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = request.path().to_owned();
    look_first(&cache, key, request, next).await
}

/// The layer around pages that the query string changes.
///
/// # Errors
/// Those of the layers below.
pub async fn by_query(
    cache: Data<Cache>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = address(request.uri()).to_owned();
    look_first(&cache, key, request, next).await
}

/// Answers from the cache, or makes the page for it.
async fn look_first(
    cache: &Cache,
    key: String,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(store) = &cache.store
        && reads(request.method())
    {
        while store.versions.catch_up().await {
            let kept = store.pages.get(&key);
            if let Some(page) = kept.filter(|page| store.holds(&key, page)) {
                store.hits.fetch_add(1, Ordering::Relaxed);
                let response = page.answer(request.headers());
                return Ok(request.into_response(response));
            }
            match store.workshop.turn(&key) {
                Turn::Mine(turn) => return store.make(turn, &key, request, next).await,
                Turn::Theirs(waiting) => {
                    if waiting.cannot_be_kept().await {
                        break;
                    }
                }
            }
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Path and query, the query left out where it is empty.
fn address(uri: &Uri) -> &str {
    match uri.query() {
        None | Some("") => uri.path(),
        Some(_) => uri.path_and_query().map_or("", PathAndQuery::as_str),
    }
}
