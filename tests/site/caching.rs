//! The page cache: what it answers, and when it stops.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use actix_web::{App, HttpResponse, rt};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use payband::app;
use payband::db::{Db, DbError};
use payband::error::AppError;
use payband::schema::{roles, technologies};
use payband::versions::{self, Shown, Standing, Topic};
use payband::web::cache::{Cache, Hits, Stats, keep};
use payband::web::{headers, kept};

use crate::commands::on;
use crate::support::{Answer, Database, TestSite, on_postgres, serve, serve_with_log};

/// Every sort of page that is kept.
const KEPT: [&str; 16] = [
    "/",
    "/salaries",
    "/salaries.json",
    "/salaries/back-end-web",
    "/salaries/back-end-web?seniority=senior&country=UA",
    "/salaries/back-end-web/django",
    "/salaries/back-end-web/django.json",
    "/salaries/back-end-web/django.csv",
    "/salaries/back-end-web.svg",
    "/embed/salaries/back-end-web/django",
    "/articles",
    "/articles/where-django-is-used",
    "/technologies/django",
    "/compare?a=back-end-web%2Fdjango&b=back-end-web%2Fphp",
    "/methodology",
    "/sitemap.xml",
];

impl TestSite {
    fn stats(&self) -> Stats {
        self.parts.cache.stats()
    }

    /// The same site, when it follows the versions of its database.
    fn following(self) -> Self {
        follow(&self.parts.cache);
        self
    }

    async fn with_headers(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, address, headers).await
    }

    /// Changes topics, as another program would.
    fn bump(&self, topics: &[Topic]) {
        let other = Db::open(&self.database.url.parse().unwrap()).unwrap();
        write(&other, topics);
    }

    fn role(&self, slug: &str) -> Topic {
        let id = self.db.read_blocking(|conn| {
            let found = roles::table.filter(roles::slug.eq(slug)).select(roles::id);
            found.first(conn).map_err(DbError::from)
        });
        Topic::Role(id.unwrap())
    }

    fn technology(&self, slug: &str) -> Topic {
        let id = self.db.read_blocking(|conn| {
            technologies::table
                .filter(technologies::slug.eq(slug))
                .select(technologies::id)
                .first(conn)
                .map_err(DbError::from)
        });
        Topic::Technology(id.unwrap())
    }
}

fn write(db: &Db, topics: &[Topic]) {
    db.write_blocking(|conn| versions::bump(conn, topics).map_err(DbError::from))
        .unwrap();
}

/// Waits until something is so: on `PostgreSQL`, word of a change needs a moment. On `SQLite` it has to be so at once.
async fn soon(mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let patience = if on_postgres() { 20 } else { 0 };
    let deadline = Instant::now() + Duration::from_secs(patience);
    loop {
        if is_so().await {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        rt::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the cache follows the versions of its database.
fn follow(cache: &Cache) {
    let versions = cache.versions().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while versions.standing() == Standing::Unknown {
        assert!(Instant::now() < deadline, "nobody tells of changes");
        std::thread::sleep(Duration::from_millis(5));
    }
    versions.refresh().unwrap();
}

fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut body = Vec::new();
    match answer.header("content-encoding") {
        None => body.clone_from(&answer.body),
        Some("gzip") => {
            let mut decoder = flate2::read::GzDecoder::new(&answer.body[..]);
            decoder.read_to_end(&mut body).unwrap();
        }
        Some("br") => {
            let mut decoder = brotli::Decompressor::new(&answer.body[..], 4096);
            decoder.read_to_end(&mut body).unwrap();
        }
        Some(other) => panic!("{other} was not asked for"),
    }
    body
}

#[actix_web::test]
async fn a_kept_page_is_answered_as_it_was_made() {
    let site = TestSite::demo().following();
    for (before, address) in (0..).zip(KEPT) {
        let made = site.with_headers(address, &[]).await;
        assert_eq!(made.status, StatusCode::OK, "{address}");
        let again = site.with_headers(address, &[]).await;
        assert_eq!(made, again, "{address}");
        assert_eq!(
            (site.stats().made, site.stats().hits),
            (before + 1, before + 1)
        );
        assert_eq!(made.header("set-cookie"), None);
        assert_eq!(made.header("cache-control"), Some("no-cache"), "{address}");
    }
    assert_eq!(site.stats().pages, KEPT.len());
}

#[actix_web::test]
async fn a_page_is_the_same_in_every_coding() {
    let site = TestSite::demo().following();
    for address in KEPT {
        let plain = site.with_headers(address, &[]).await;
        assert_eq!(plain.header("content-encoding"), None);
        for coding in ["br", "gzip"] {
            let coded = site
                .with_headers(address, &[("accept-encoding", coding)])
                .await;
            if plain.body.len() > 2000 {
                assert_eq!(coded.header("content-encoding"), Some(coding), "{address}");
                assert!(coded.body.len() < plain.body.len() / 2, "{address}");
            }
            assert_eq!(unpacked(&coded), plain.body, "{address}");
            for name in ["last-modified", "vary", "content-type"] {
                assert_eq!(coded.header(name), plain.header(name), "{address}");
            }
            // Other bytes have another tag, and a strong one.
            let same_bytes = coded.body == plain.body;
            assert_eq!(coded.header("etag") == plain.header("etag"), same_bytes);
            assert!(coded.header("etag").unwrap().starts_with('"'), "{address}");
        }
        assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
    }
}

#[actix_web::test]
async fn a_page_comes_in_the_coding_that_the_browser_wants_most() {
    let site = TestSite::empty().following();
    for (accepted, coding) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=1.0, br;q=0.1", Some("gzip")),
        ("*", Some("br")),
        ("identity;q=0, gzip", Some("gzip")),
        ("identity", None),
        ("zstd", None),
        ("br;q=0, gzip;q=0", None),
    ] {
        let answer = site
            .with_headers("/methodology", &[("accept-encoding", accepted)])
            .await;
        assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
    }
    let short = site
        .with_headers("/salaries.json", &[("accept-encoding", "br")])
        .await;
    assert_eq!(short.header("content-encoding"), None);
}

#[actix_web::test]
async fn a_browser_that_has_the_page_gets_no_body() {
    let site = TestSite::demo().following();
    for address in ["/salaries/back-end-web", "/salaries/devops.csv?country=UA"] {
        // Also where the page is not kept yet.
        let first = site.with_headers(address, &[("if-none-match", "*")]).await;
        assert_eq!(first.status, StatusCode::NOT_MODIFIED);
        let page = site.with_headers(address, &[]).await;
        let tag = page.header("etag").unwrap();
        for tags in [tag, &format!("W/{tag}"), &format!("\"x\", {tag}")] {
            for coding in ["identity", "br"] {
                let asked = [("if-none-match", tags), ("accept-encoding", coding)];
                let answer = site.with_headers(address, &asked).await;
                assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{tags}");
                assert!(answer.body.is_empty());
                let body = ["content-type", "content-disposition", "content-encoding"];
                for (name, value) in &page.headers {
                    let expected = (!body.contains(&name.as_str())).then_some(value.as_str());
                    assert_eq!(answer.header(name), expected, "{name}");
                }
            }
        }
        let other = site
            .with_headers(address, &[("if-none-match", "\"other\"")])
            .await;
        assert_eq!(other, page);
    }
}

#[actix_web::test]
async fn every_answer_of_a_page_carries_the_site_s_headers_and_its_own() {
    let site = TestSite::demo().following();
    let defaults = headers::defaults(true);
    let page = site.with_headers("/salaries/back-end-web", &[]).await;
    for (name, value) in &defaults {
        assert_eq!(page.header(name.as_str()), value.to_str().ok());
    }
    for _ in 0..2 {
        let embedded = site
            .with_headers("/embed/salaries/back-end-web?country=UA", &[])
            .await;
        assert_eq!(embedded.header("x-robots-tag"), Some("noindex"));
        let policies = embedded
            .headers
            .iter()
            .filter(|(name, _)| name == "content-security-policy");
        let policies: Vec<_> = policies.collect();
        assert!(policies[0].1.contains("frame-ancestors *"));
        assert_eq!(policies.len(), 1);
    }
}

#[actix_web::test]
async fn files_are_compressed_and_need_not_be_asked_for_again() {
    let site = TestSite::empty().following();
    let home = site.get("/").await;
    let from = home.body.find("/assets/site-").unwrap();
    let address = home.body[from..].split('"').next().unwrap();
    for _ in 0..2 {
        let css = site
            .with_headers(address, &[("accept-encoding", "br")])
            .await;
        assert_eq!(css.header("content-encoding"), Some("br"));
        assert!(css.header("cache-control").unwrap().contains("immutable"));
        assert!(css.header("etag").is_some());
    }
}

/// Status line, headers and body of an answer over a plain connection; the headers without the date.
fn over_the_wire(address: &str, method: &str, path: &str) -> (BTreeSet<String>, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let lines = head.lines().filter(|line| !line.starts_with("date: "));
    (lines.map(ToOwned::to_owned).collect(), body.to_owned())
}

#[actix_web::test]
async fn head_answers_like_get_and_sends_no_body() {
    let database = Database::demo();
    let (_running, address) = serve(on(&database).args(["serve", "--listen", "127.0.0.1:0"]));
    let is_kept = soon(async || {
        let (headers, _) = over_the_wire(&address, "GET", "/robots.txt");
        headers.iter().any(|line| line.starts_with("etag: "))
    });
    assert!(is_kept.await);
    for path in ["/methodology", "/salaries/devops.json", "/salaries/devops"] {
        let (early, nothing) = over_the_wire(&address, "HEAD", path);
        assert_eq!(nothing, "");
        let (head, body) = over_the_wire(&address, "GET", path);
        assert!(head.contains(&format!("content-length: {}", body.len())));
        assert_eq!(early, head);
        let (late, nothing) = over_the_wire(&address, "HEAD", path);
        assert_eq!((late, nothing.as_str()), (head, ""));
    }
}

#[actix_web::test]
async fn an_import_by_another_process_shows_on_the_next_request() {
    let site = TestSite::empty().following();
    let offers = async || site.get("/salaries/devops.json").await.json()["offers"].clone();
    for round in 1..=3 {
        let rows = (1..=5 * round).fold("role,salary,offered_on\n".to_owned(), |rows, n| {
            rows + &format!("devops,{},2024-01-01\n", 1000 + n)
        });
        site.file("offers.csv", rows);
        let imported = on(&site.database)
            .args(["import", "offers.csv", "--replace"])
            .output()
            .unwrap();
        assert!(imported.status.success());
        assert!(soon(async || offers().await == 5 * round).await, "{round}");
        let hits = site.stats().hits;
        assert_eq!(offers().await, 5 * round);
        assert_eq!(site.stats().hits, hits + 1);
    }
}

#[actix_web::test]
async fn only_pages_that_show_what_changed_are_made_anew() {
    let site = TestSite::demo().following();
    let pages = [
        "/",
        "/salaries/devops",
        "/salaries/back-end-web",
        "/salaries/back-end-web/django.json",
        "/articles",
        "/technologies/php",
        "/methodology",
    ];
    // Answers which of the pages the cache had to make.
    let made = async || {
        let mut made = Vec::new();
        for page in pages {
            let before = site.stats().made;
            site.get(page).await.assert_ok();
            if site.stats().made > before {
                made.push(page);
            }
        }
        made
    };
    assert_eq!(made().await, pages);
    assert_eq!(made().await, [""; 0]);
    let back_end = &[
        "/salaries/back-end-web",
        "/salaries/back-end-web/django.json",
    ];
    for (topic, shown_on) in [
        (site.role("devops"), &["/salaries/devops"][..]),
        (site.role("back-end-web"), back_end),
        // Named on both of its role's pages, and nowhere else.
        (site.technology("django"), back_end),
        (Topic::Articles, &["/", "/articles"]),
        (Topic::Figures, &["/", "/technologies/php"]),
    ] {
        site.bump(&[topic]);
        let mut seen = Vec::new();
        let noticed = soon(async || {
            let made = made().await;
            let is_noticed = !made.is_empty();
            seen.extend(made);
            is_noticed
        });
        assert!(noticed.await, "{topic}");
        // Word of the change may come between two of the pages.
        seen.extend(made().await);
        seen.sort_unstable();
        assert_eq!(seen, shown_on, "{topic}");
    }
}

#[actix_web::test]
async fn a_page_is_made_once_for_all_who_ask_at_the_same_time() {
    let site = TestSite::demo().following();
    let ask = |parts: app::Parts| {
        std::thread::spawn(move || {
            rt::System::new().block_on(async {
                let service = init_service(app::build(parts)).await;
                let asking = (0..8).map(|n| {
                    // Also by other forms of the address.
                    let address = ["/salaries/back-end-web", "/Salaries/back-end-web"][n % 2];
                    call_service(&service, TestRequest::with_uri(address).to_request())
                });
                join_all(asking).await.len()
            })
        })
    };
    let threads: Vec<_> = (0..4).map(|_| ask(site.parts.clone())).collect();
    let answered: usize = threads.into_iter().map(|it| it.join().unwrap()).sum();
    assert_eq!((answered, site.stats().made), (32, 1));
}

#[actix_web::test]
async fn other_forms_of_an_address_still_redirect_in_one_hop() {
    let site = TestSite::demo().following();
    let canonical = "/salaries/back-end-web/django?seniority=senior&country=UA";
    site.get(canonical).await.assert_ok();
    site.get(canonical).await.assert_ok();
    for form in [
        "/Salaries/back-end-web/Django/?seniority=senior&country=UA",
        "/salaries//back-end-web/django?seniority=senior&country=UA",
        "/salaries/back-end-web/django?country=UA&seniority=senior",
        "/salaries/back-end-web/django?seniority=senior&country=UA&x=1",
        "/Salaries/back-end-web?skill=Django&seniority=senior&country=ua",
    ] {
        site.get(form).await.assert_redirects_to(canonical);
        let asked = site.with_headers(form, &[("if-none-match", "*")]).await;
        assert_eq!(asked.status, StatusCode::MOVED_PERMANENTLY, "{form}");
    }
    assert_eq!((site.stats().made, site.stats().pages), (1, 1));
}

#[actix_web::test]
async fn what_a_page_does_not_read_makes_no_other_page_of_it() {
    let site = TestSite::demo().following();
    for address in [
        "/articles?x=1",
        "/articles",
        "/articles?",
        "/articles?x=2",
        "/salaries/devops",
        "/salaries/devops?",
    ] {
        site.get(address).await.assert_ok();
    }
    assert_eq!((site.stats().made, site.stats().pages), (2, 2));
}

#[actix_web::test]
async fn only_pages_are_kept() {
    let site = TestSite::demo().following();
    for address in [
        "/nowhere",
        "/salaries/nothing",
        "/salaries/devops/nothing",
        "/articles/nothing",
        "/salaries/devops?country=XX",
        "/salaries/devops?utm_source=mail",
        "/compare?a=nothing",
        "/compare?b=devops",
        "/compare?a=DevOps",
        "/search?q=django",
        "/healthz",
        "/assets/nothing.css",
    ] {
        for _ in 0..2 {
            let answer = site.with_headers(address, &[]).await;
            assert_eq!(answer.header("etag"), None, "{address}");
        }
    }
    site.ask(Method::POST, "/salaries").await;
    assert_eq!(site.stats(), Stats::default());
}

#[actix_web::test]
async fn the_cache_stays_within_its_bounds() {
    let bound = 300_000;
    let site = TestSite::demo().with_cache(bound).following();
    let countries = ["UA", "PL", "DE", "US", "GB", "ES", "PT", "RO", "BG", "CA"];
    let mut kept = 0;
    for seniority in ["junior", "middle", "senior"] {
        for country in countries {
            let address = format!("/salaries/devops.json?seniority={seniority}&country={country}");
            let page = site.get(&address).await;
            kept += u64::from(page.status == StatusCode::OK);
            assert!(site.stats().bytes <= bound);
        }
        let home = site.get("/salaries/back-end-web").await.assert_ok();
        kept += 1;
        assert!(site.stats().bytes >= home.body.len() as u64);
    }
    let stats = site.stats();
    assert!((stats.pages as u64) < kept, "{kept}: {stats:?}");
}

#[actix_web::test]
async fn the_cache_can_be_turned_off() {
    let site = TestSite::demo().with_cache(0);
    for _ in 0..2 {
        let asked = [("accept-encoding", "br"), ("if-none-match", "*")];
        let page = site.with_headers("/salaries/back-end-web", &asked).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.header("etag"), None);
        assert_eq!(page.header("content-encoding"), None);
        assert_eq!(page.header("cache-control"), Some("no-cache"));
    }
    assert_eq!(site.stats(), Stats::default());
    assert!(site.parts.cache.versions().is_none());
}

/// What happens when the page of a [`Stage`] is made for the first time, after the database was read.
#[derive(Clone, Copy)]
enum FirstTime {
    SomethingChanges,
    ItFails,
    ItPanics,
    ItNeverEnds,
}

/// A page that shows how often it was made.
struct Stage {
    db: Db,
    first_time: FirstTime,
    made: AtomicU32,
}

async fn perform(stage: Data<Stage>) -> Result<HttpResponse, AppError> {
    let nth = stage.made.fetch_add(1, Ordering::Relaxed) + 1;
    let shown = stage
        .db
        .read(|conn| Ok::<_, AppError>(Shown::of(conn, [Topic::Figures])?))
        .await?;
    if nth == 1 {
        match stage.first_time {
            FirstTime::SomethingChanges => write(&stage.db, &[Topic::Figures]),
            FirstTime::ItFails => return Err(AppError::not_found("It failed.")),
            FirstTime::ItPanics => panic!("as the test wants it"),
            FirstTime::ItNeverEnds => std::future::pending().await,
        }
    }
    Ok(keep(HttpResponse::Ok().body(format!("{nth}")), shown))
}

/// Asks for the page of a stage, in the background.
struct Audience(Rc<dyn Fn() -> LocalBoxFuture<'static, String>>);

impl Audience {
    async fn of(site: &TestSite, first_time: FirstTime) -> Self {
        let stage = Stage {
            db: site.db.clone(),
            first_time,
            made: AtomicU32::new(0),
        };
        let app = App::new()
            .app_data(Data::new(stage))
            .app_data(site.parts.cache.clone())
            .service(kept("/page", perform))
            .wrap(Hits(site.parts.cache.clone()));
        let service = Rc::new(init_service(app).await);
        Self(Rc::new(move || {
            let service = Rc::clone(&service);
            async move {
                let request = TestRequest::with_uri("/page").to_request();
                let body = read_body(call_service(&*service, request).await).await;
                String::from_utf8(body.to_vec()).unwrap()
            }
            .boxed_local()
        }))
    }

    fn ask(&self) -> rt::task::JoinHandle<String> {
        rt::spawn((self.0)())
    }
}

#[actix_web::test]
async fn what_changes_while_a_page_is_made_shows_on_the_next_request() {
    let site = TestSite::empty().following();
    let audience = Audience::of(&site, FirstTime::SomethingChanges).await;
    assert_eq!(audience.ask().await.unwrap(), "1");
    let shows_it = soon(async || audience.ask().await.unwrap() == "2");
    assert!(shows_it.await);
    assert_eq!(audience.ask().await.unwrap(), "2");
}

#[actix_web::test]
async fn those_who_wait_for_a_page_that_fails_try_themselves() {
    let site = TestSite::empty().following();
    let audience = Audience::of(&site, FirstTime::ItFails).await;
    let asking = [audience.ask(), audience.ask(), audience.ask()];
    let bodies = join_all(asking).await.into_iter().map(Result::unwrap);
    // Those who waited know that the page cannot be kept, and make it for themselves.
    assert_eq!(
        bodies.collect::<BTreeSet<_>>(),
        ["", "2", "3"].map(str::to_owned).into()
    );
    assert_eq!(audience.ask().await.unwrap(), "4");
    assert_eq!(audience.ask().await.unwrap(), "4");
}

#[actix_web::test]
async fn those_who_wait_for_a_page_that_panics_get_the_next() {
    let site = TestSite::empty().following();
    let audience = Audience::of(&site, FirstTime::ItPanics).await;
    let (first, second, third) = (audience.ask(), audience.ask(), audience.ask());
    assert!(first.await.unwrap_err().is_panic());
    assert_eq!(second.await.unwrap(), "2");
    assert_eq!(third.await.unwrap(), "2");
}

#[actix_web::test]
async fn those_who_wait_for_one_who_leaves_get_the_next() {
    let site = TestSite::empty().following();
    let audience = Audience::of(&site, FirstTime::ItNeverEnds).await;
    let (first, second, third) = (audience.ask(), audience.ask(), audience.ask());
    rt::time::sleep(Duration::from_millis(1)).await;
    assert!(!second.is_finished());
    first.abort();
    assert_eq!(second.await.unwrap(), "2");
    assert_eq!(third.await.unwrap(), "2");
}

#[actix_web::test]
async fn without_word_of_changes_pages_are_served_and_not_kept() {
    if !on_postgres() {
        // There is no need of word: see the database's own tests.
        return;
    }
    let site = TestSite::demo().following();
    let made = site.get("/salaries").await.assert_ok();
    assert_eq!(site.get("/salaries").await.body, made.body);
    let hits = site.stats().hits;
    let hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%versions%' \
                   AND datname = current_database() AND pid <> pg_backend_pid()";
    // Word comes again within some milliseconds, which a slow test may miss: it is cut off once more then.
    let noticed = soon(async || {
        site.db
            .write_blocking(|conn| conn.batch_execute(hang_up).map_err(DbError::from))
            .unwrap();
        let page = site.get("/salaries").await.assert_ok();
        page.header("etag").is_none()
    });
    assert!(noticed.await);
    assert!(site.stats().hits >= hits);
    follow(&site.parts.cache);
    write(&site.db, &[Topic::Figures]);
    let made = site.stats().made;
    let anew = soon(async || {
        site.get("/salaries").await.assert_ok();
        site.stats().made > made
    });
    assert!(anew.await);
}

#[test]
fn requests_are_logged_where_the_log_asks_for_them() {
    let database = Database::empty();
    let log = database.folder.path().join("log");
    let lines = |filter: &str| {
        let mut command = on(&database);
        command.args(["serve", "--no-demo", "--listen", "127.0.0.1:0"]);
        command.env("RUST_LOG", filter);
        let (running, address) = serve_with_log(&mut command, File::create(&log).unwrap());
        over_the_wire(&address, "GET", "/salaries?x=1");
        drop(running);
        std::fs::read_to_string(&log).unwrap()
    };
    assert!(lines("payband::requests=debug").contains("200 GET /salaries?x=1 "));
    assert!(!lines("info").contains("/salaries"));
}
