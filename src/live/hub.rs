//! Who reads which page, and the thread that tells them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::{OnceCell, watch};

use super::Fingerprint;
use crate::db::{Conn, Db, DbError};
use crate::error::AppError;
use crate::versions::{Shown, Standing, Versions};
use crate::web::Site;

/// How often the thread looks for changes while anybody reads.
const TICK: Duration = Duration::from_millis(250);

/// Every reader belongs to one of so many groups, and each tick one of them gets a sign of life: everybody every 25 seconds,
/// and never all at the same time.
const GROUPS: usize = 100;

/// Looks at the page of an address.
pub type Look = Arc<dyn Fn(&mut Conn, &Site, &str) -> Result<Sight, AppError> + Send + Sync>;

/// What was seen of a page.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The hash of what it shows.
    pub fingerprint: Fingerprint,
    /// What that was made of.
    pub shown: Shown,
}

/// The open pages and their readers; shared by all workers.
pub struct Hub {
    site: Site,
    db: Db,
    versions: Arc<Versions>,
    look: Look,
    /// By their addresses.
    pages: Mutex<HashMap<Arc<str>, Open>>,
    readers: AtomicUsize,
    /// Readers that ever came: the next one's place in the groups.
    arrivals: AtomicUsize,
    /// A channel for each group: whether the site is about to stop. Sent again, it is a sign of life.
    groups: Vec<watch::Sender<bool>>,
    thread: OnceLock<Thread>,
}

/// An open page and the number of its readers.
struct Open {
    page: Arc<Page>,
    readers: usize,
}

/// A page that is open somewhere.
struct Page {
    address: Arc<str>,
    /// Empty until somebody has looked at it for the first time.
    now: OnceCell<watch::Sender<Seen>>,
}

/// What was seen of a page last.
struct Seen {
    sight: Sight,
    /// The generation of versions in which it was last found to hold.
    holds_in: u64,
}

impl Hub {
    /// A hub for pages of that site, at most `site.live_readers` at a time, and its thread.
    #[must_use]
    pub fn open(site: Site, db: Db, versions: Arc<Versions>, look: Look) -> Arc<Self> {
        let hub = Arc::new(Self {
            site,
            db,
            versions,
            look,
            pages: Mutex::default(),
            readers: AtomicUsize::new(0),
            arrivals: AtomicUsize::new(0),
            groups: (0..GROUPS).map(|_| watch::Sender::new(false)).collect(),
            thread: OnceLock::new(),
        });
        let watched = Arc::downgrade(&hub);
        let thread = thread::Builder::new()
            .name("live".to_owned())
            .spawn(move || {
                for group in (0..GROUPS).cycle() {
                    let Some(hub) = watched.upgrade() else {
                        return;
                    };
                    let pause = hub.pause();
                    if pause.is_some() {
                        hub.tick(group);
                    }
                    drop(hub);
                    match pause {
                        Some(pause) => thread::park_timeout(pause),
                        None => thread::park(),
                    }
                }
            });
        match thread {
            Ok(thread) => {
                // It is set once, here.
                let _ = hub.thread.set(thread.thread().clone());
            }
            Err(error) => log::warn!("open pages cannot be told of changes: {error}"),
        }
        hub
    }

    /// A reader of the page at that address, who has seen what has that fingerprint.
    ///
    /// # Errors
    /// [`AppError::TooManyReaders`], [`AppError::NotFound`], or the database's.
    pub async fn join(
        self: Arc<Self>,
        address: &str,
        seen: Option<Fingerprint>,
    ) -> Result<Reader, AppError> {
        let seat = Seat::take(self, address)?;
        let now = seat
            .page
            .now
            .get_or_try_init(|| seat.hub.first_look(Arc::clone(&seat.page.address)))
            .await?;
        let news = now.subscribe();
        let fingerprint = news.borrow().sight.fingerprint;
        if fingerprint == Fingerprint::OF_NOTHING {
            return Err(AppError::not_found("There is no page at this address."));
        }
        let place = seat.hub.arrivals.fetch_add(1, Ordering::Relaxed) % GROUPS;
        let group = seat.hub.groups.get(place).map(watch::Sender::subscribe);
        Ok(Reader {
            seen: seen.unwrap_or(fingerprint),
            news,
            signs: group.ok_or(AppError::TooManyReaders)?,
            place,
            _seat: seat,
        })
    }

    /// Ends all streams, for a site that stops. Browsers connect again later.
    pub fn close(&self) {
        for group in &self.groups {
            group.send_replace(true);
        }
    }

    /// Pages that are open anywhere.
    #[must_use]
    pub fn open_pages(&self) -> usize {
        self.pages().len()
    }

    /// Readers that are connected.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.readers.load(Ordering::Acquire)
    }

    fn pages(&self) -> MutexGuard<'_, HashMap<Arc<str>, Open>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn first_look(&self, address: Arc<str>) -> Result<watch::Sender<Seen>, AppError> {
        let holds_in = self.versions.generation();
        let (look, site) = (Arc::clone(&self.look), self.site.clone());
        let looked = self.db.read(move |conn| look(conn, &site, &address));
        let sight = looked.await?;
        Ok(watch::Sender::new(Seen { sight, holds_in }))
    }

    /// How long the thread waits until the next tick; until somebody comes, where nobody reads.
    fn pause(&self) -> Option<Duration> {
        (self.readers() > 0).then_some(TICK)
    }

    /// Looks for changes, and gives a group a sign of life.
    fn tick(&self, group: usize) {
        if let Err(error) = self.catch_up() {
            // Until it succeeds, every tick tries again.
            log::debug!("open pages wait for the database: {error}");
        }
        if let Some(group) = self.groups.get(group) {
            group.send_modify(|_| {});
        }
    }

    /// Looks again at every page that may show something else by now, and tells its readers.
    fn catch_up(&self) -> Result<(), AppError> {
        if self.versions.standing() == Standing::Behind {
            self.versions.refresh()?;
        }
        let open = self.pages();
        let outdated: Vec<_> = open
            .values()
            .filter(|open| !self.holds(&open.page))
            .map(|open| Arc::clone(&open.page))
            .collect();
        drop(open);
        outdated
            .iter()
            .try_for_each(|page| self.look_again(page).map_err(AppError::from))
    }

    /// Whether what was seen of a page is still what it shows, for all that is known.
    fn holds(&self, page: &Page) -> bool {
        let Some(now) = page.now.get() else {
            return true;
        };
        if now.borrow().holds_in == self.versions.generation() {
            return true;
        }
        let mut holds = true;
        now.send_if_modified(|seen| {
            match self.versions.check(&seen.sight.shown, seen.holds_in) {
                Some(generation) => seen.holds_in = generation,
                None => holds = false,
            }
            false
        });
        holds
    }

    fn look_again(&self, page: &Page) -> Result<(), DbError> {
        let Some(now) = page.now.get() else {
            return Ok(());
        };
        let holds_in = self.versions.generation();
        let before = now.borrow().sight.shown.clone();
        let looked =
            self.db
                .read_blocking(|conn| match (self.look)(conn, &self.site, &page.address) {
                    Err(AppError::NotFound { .. }) => Ok(Sight {
                        fingerprint: Fingerprint::OF_NOTHING,
                        shown: before.again(conn)?,
                    }),
                    looked => looked,
                });
        let sight = match looked {
            Ok(sight) => sight,
            Err(AppError::Database(error)) => return Err(error),
            Err(error) => {
                log::error!("{} cannot be looked at: {error}", page.address);
                return Ok(());
            }
        };
        now.send_if_modified(|seen| {
            let is_news = seen.sight.fingerprint != sight.fingerprint;
            *seen = Seen { sight, holds_in };
            is_news
        });
        Ok(())
    }
}

impl Drop for Hub {
    /// Lets the thread find that there is nothing left to do.
    fn drop(&mut self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

/// A reader's place at a page, given back when it goes.
struct Seat {
    hub: Arc<Hub>,
    page: Arc<Page>,
}

impl Seat {
    fn take(hub: Arc<Hub>, address: &str) -> Result<Self, AppError> {
        let limit = hub.site.live_readers;
        let taken = hub
            .readers
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |readers| {
                (readers < limit).then_some(readers + 1)
            });
        let before = taken.map_err(|_| AppError::TooManyReaders)?;
        if before == 0
            && let Some(thread) = hub.thread.get()
        {
            thread.unpark();
        }
        let mut pages = hub.pages();
        let page = if let Some(open) = pages.get_mut(address) {
            open.readers += 1;
            Arc::clone(&open.page)
        } else {
            let page = Arc::new(Page {
                address: Arc::from(address),
                now: OnceCell::new(),
            });
            let open = Open {
                page: Arc::clone(&page),
                readers: 1,
            };
            pages.insert(Arc::clone(&page.address), open);
            page
        };
        drop(pages);
        Ok(Self { hub, page })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Entry::Occupied(mut open) = self.hub.pages().entry(Arc::clone(&self.page.address)) {
            open.get_mut().readers -= 1;
            if open.get().readers == 0 {
                open.remove();
            }
        }
        self.hub.readers.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Somebody at an open page.
pub struct Reader {
    seen: Fingerprint,
    news: watch::Receiver<Seen>,
    signs: watch::Receiver<bool>,
    place: usize,
    _seat: Seat,
}

impl Reader {
    /// What the reader is sent: server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).
    pub fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        // When the stream ends, as for a site that starts anew, not all come back at the same time.
        let milliseconds = 2_000 + 50 * self.place;
        let first = Bytes::from(format!("retry: {milliseconds}\n\n"));
        let later = stream::unfold(self, async |mut reader| {
            let message = reader.next().await?;
            Some((message, reader))
        });
        stream::iter([first]).chain(later).map(Ok)
    }

    /// The next message; `None` where the site is about to stop.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let now = self.news.borrow_and_update().sight.fingerprint;
            if now != self.seen {
                self.seen = now;
                let event = format!("event: figures\nid: {now}\ndata: {now}\n\n");
                return Some(event.into());
            }
            if *self.signs.borrow() {
                return None;
            }
            let is_sign = {
                let (news, sign) = (pin!(self.news.changed()), pin!(self.signs.changed()));
                matches!(select(news, sign).await, Either::Right(_))
            };
            if is_sign && !*self.signs.borrow() {
                return Some(Bytes::from_static(b":\n\n"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::*;
    use crate::db::DatabaseUrl;
    use crate::ids::RoleId;
    use crate::schema::versions;
    use crate::versions::{Topic, bump};

    const ROLE: Topic = Topic::Role(RoleId(1));
    const OTHER: Topic = Topic::Role(RoleId(2));

    /// Pages of a site that shows how often role 1 changed, in tens.
    fn look(conn: &mut Conn, _: &Site, address: &str) -> Result<Sight, AppError> {
        let changes: Option<i64> = versions::table
            .find(ROLE.to_string())
            .select(versions::version)
            .first(conn)
            .optional()?;
        if address != "/page" || changes == Some(99) {
            return Err(AppError::not_found("There is no such page."));
        }
        Ok(Sight {
            fingerprint: Fingerprint::of(&(changes.unwrap_or(0) / 10).to_string()),
            shown: Shown::of(conn, [ROLE])?,
        })
    }

    fn hub(folder: &tempfile::TempDir, live_readers: usize) -> (Db, Arc<Hub>) {
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("site.db"))).unwrap();
        let site = Site {
            name: "payband".into(),
            url: "http://localhost".into(),
            min_candidates: 5,
            live_readers,
            trusted_proxies: crate::web::visitors::Proxies::default(),
            indexnow: None,
        };
        let versions = Arc::new(Versions::follow(&db));
        let hub = Hub::open(site, db.clone(), versions, Arc::new(look));
        (db, hub)
    }

    fn set(db: &Db, topic: Topic, version: i64) {
        db.write_blocking(|conn| {
            bump(conn, &[topic])?;
            for topic in [topic.to_string(), "everything".to_owned()] {
                diesel::update(versions::table.find(topic))
                    .set(versions::version.eq(version))
                    .execute(conn)?;
            }
            Ok::<_, DbError>(())
        })
        .unwrap();
    }

    async fn message(
        stream: &mut (impl Stream<Item = Result<Bytes, Infallible>> + Unpin),
    ) -> String {
        let message = stream.next().await.unwrap().unwrap();
        String::from_utf8(message.to_vec()).unwrap()
    }

    fn event(of: &str) -> String {
        let fingerprint = Fingerprint::of(of);
        format!("event: figures\nid: {fingerprint}\ndata: {fingerprint}\n\n")
    }

    #[actix_web::test]
    async fn only_what_the_page_shows_is_news() {
        let folder = tempfile::tempdir().unwrap();
        let (db, hub) = hub(&folder, 10);
        let reader = Arc::clone(&hub).join("/page", None).await.unwrap();
        let mut stream = Box::pin(reader.stream());
        assert!(message(&mut stream).await.starts_with("retry: "));
        set(&db, ROLE, 1);
        hub.catch_up().unwrap();
        set(&db, OTHER, 2);
        hub.catch_up().unwrap();
        set(&db, ROLE, 30);
        assert_eq!(message(&mut stream).await, event("3"));
        set(&db, ROLE, 99);
        let nothing = Fingerprint::OF_NOTHING;
        assert_eq!(
            message(&mut stream).await,
            format!("event: figures\nid: {nothing}\ndata: {nothing}\n\n")
        );
        set(&db, ROLE, 100);
        assert_eq!(message(&mut stream).await, event("10"));
    }

    #[actix_web::test]
    async fn a_reader_who_has_seen_something_else_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (_db, hub) = hub(&folder, 10);
        let seen = Some(Fingerprint::of("old"));
        let reader = Arc::clone(&hub).join("/page", seen).await.unwrap();
        let mut stream = Box::pin(reader.stream());
        message(&mut stream).await;
        assert_eq!(message(&mut stream).await, event("0"));
    }

    #[actix_web::test]
    async fn every_group_gets_signs_of_life_until_the_site_stops() {
        let folder = tempfile::tempdir().unwrap();
        let (_db, hub) = hub(&folder, 10);
        let reader = Arc::clone(&hub).join("/page", None).await.unwrap();
        let place = reader.place;
        let mut stream = Box::pin(reader.stream());
        message(&mut stream).await;
        hub.tick(place);
        assert_eq!(message(&mut stream).await, ":\n\n");
        hub.close();
        hub.tick(place);
        assert!(stream.next().await.is_none());
        let late = Arc::clone(&hub).join("/page", None).await.unwrap();
        assert_eq!(late.stream().collect::<Vec<_>>().await.len(), 1);
    }

    #[actix_web::test]
    async fn a_place_is_free_again_when_its_reader_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (_db, hub) = hub(&folder, 2);
        let join = |address: &'static str| Arc::clone(&hub).join(address, None);
        assert!(matches!(
            join("/none").await,
            Err(AppError::NotFound { .. })
        ));
        assert_eq!((hub.readers(), hub.open_pages()), (0, 0));
        let (first, second) = (join("/page").await.unwrap(), join("/page").await.unwrap());
        assert_eq!((hub.readers(), hub.open_pages()), (2, 1));
        assert!(matches!(join("/page").await, Err(AppError::TooManyReaders)));
        drop(first);
        assert_eq!((hub.readers(), hub.open_pages()), (1, 1));
        drop(join("/page").await.unwrap());
        drop(second.stream());
        assert_eq!((hub.readers(), hub.open_pages()), (0, 0));
    }
}
