//! What search engines and feed readers get: one time of change for each page, the sitemap, feeds, conditions, `IndexNow`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use actix_web::http::Method;
use actix_web::web::Data;
use atom_syndication::Feed;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use payband::articles::publish_check::check_all;
use payband::db::DbError;
use payband::schema::announcements;
use payband::seo::changes::record;
use payband::seo::indexnow::{IndexNow, Key, Service};
use payband::versions::{self, Topic};
use payband::web::Site;

use crate::support::{Answer, Page, TestSite};

const LONG_AGO: &str = "Wed, 01 Jan 2020 00:00:00 GMT";
const ARTICLE: &str = "/articles/where-django-is-used";

/// Two roles with five candidates each.
const MARKET: &str = "candidate,role,technologies,salary,offered_on\n\
    a1,devops,linux,1000,2024-01-01\na2,devops,linux,2000,2024-01-01\na3,devops,linux,3000,2024-01-01\n\
    a4,devops,linux,4000,2024-01-01\na5,devops,linux,5000,2024-01-01\n\
    b1,front-end,react,1000,2024-01-01\nb2,front-end,react,2000,2024-01-01\nb3,front-end,react,3000,2024-01-01\n\
    b4,front-end,react,4000,2024-01-01\nb5,front-end,react,5000,2024-01-01\n";

impl TestSite {
    fn run_sql(&self, sql: &str) {
        self.db
            .write_blocking(|conn| conn.batch_execute(sql).map_err(DbError::from))
            .unwrap();
    }

    /// Looks at all pages that may have changed, as the running program does.
    fn record(&self) {
        versions::note_program(&self.db, 1).unwrap();
        self.refresh_versions();
        assert!(record(&self.db, &self.parts.catalogues, &self.parts.site, &|| true).unwrap());
        self.refresh_versions();
    }

    fn refresh_versions(&self) {
        self.parts.cache.versions().unwrap().refresh().unwrap();
    }

    /// Lets all that was changed and recorded be of long ago.
    fn as_of_long_ago(&self) {
        self.run_sql(
            "UPDATE versions SET changed_at = '2020-01-01 00:00:00'; \
             UPDATE page_changes SET changed_at = '2020-01-01 00:00:00'",
        );
        self.touch(&[Topic::Pages]);
        self.run_sql("UPDATE versions SET changed_at = '2020-01-01 00:00:00'");
    }

    fn touch(&self, topics: &[Topic]) {
        self.db
            .write_blocking(|conn| versions::bump(conn, topics).map_err(DbError::from))
            .unwrap();
        self.refresh_versions();
    }

    async fn last_modified(&self, path: &str) -> String {
        let page = self.get(path).await.assert_ok();
        page.header("last-modified").unwrap().to_owned()
    }

    /// The sitemap's addresses with what it says of them, without the site's.
    async fn sitemap(&self) -> BTreeMap<String, String> {
        let index = self.get("/sitemap.xml").await.assert_ok();
        let mut all = BTreeMap::new();
        for (part, _) in entries(&index) {
            for (path, lastmod) in entries(&self.get(&part).await.assert_ok()) {
                assert_eq!(all.insert(path.clone(), lastmod), None, "{path}");
            }
        }
        all
    }

    async fn feed(&self, path: &str) -> Feed {
        let page = self.get(path).await.assert_ok();
        let content_type = page.header("content-type");
        assert_eq!(content_type, Some("application/atom+xml; charset=utf-8"));
        page.body.parse().unwrap()
    }
}

/// The addresses of a sitemap, without the site's, and their times.
fn entries(sitemap: &Page) -> Vec<(String, String)> {
    let between = |text: &str, name: &str| {
        let (_, after) = text.split_once(&format!("<{name}>"))?;
        Some(after.split_once('<')?.0.to_owned())
    };
    let entries = sitemap.body.split("<loc>").skip(1);
    entries
        .map(|entry| {
            let address = entry.split_once('<').unwrap().0;
            let path = address.strip_prefix("https://jobs.example").unwrap();
            let lastmod = between(entry, "lastmod").unwrap_or_default();
            (path.to_owned(), lastmod)
        })
        .collect()
}

fn http_date(lastmod: &str) -> String {
    let at: NaiveDateTime = lastmod.trim_end_matches('Z').parse().unwrap();
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[actix_web::test]
async fn a_page_that_shows_the_same_keeps_its_time() {
    let site = TestSite::with_rows(MARKET);
    site.record();
    site.as_of_long_ago();
    let pages: Vec<String> = site.sitemap().await.into_keys().collect();
    assert_eq!(pages.len(), 10, "{pages:?}");
    for page in &pages {
        assert_eq!(site.last_modified(page).await, LONG_AGO, "{page}");
    }
    // Something was written that nobody can see.
    site.touch(&[Topic::Figures, Topic::Articles]);
    for page in &pages {
        assert_eq!(site.last_modified(page).await, LONG_AGO, "{page}");
    }
}

#[actix_web::test]
async fn an_import_that_changes_no_figure_changes_no_time() {
    let site = TestSite::with_rows(MARKET);
    site.record();
    site.as_of_long_ago();
    let same = "candidate,role,technologies,salary,offered_on,status\na1,devops,linux,1000,2024-01-01,rejected\n\
                a1,devops,linux,1000,2024-01-01,rejected\n";
    let before = site.get("/salaries/devops.json").await.body;
    site.import(same);
    assert_eq!(site.get("/salaries/devops.json").await.body, before);
    for _ in 0..2 {
        for page in [
            "/",
            "/salaries",
            "/salaries/devops",
            "/salaries/devops/linux",
            "/technologies/linux",
        ] {
            assert_eq!(site.last_modified(page).await, LONG_AGO, "{page}");
        }
        site.record();
    }
    let all = site.sitemap().await;
    assert!(
        all.values().all(|at| at == "2020-01-01T00:00:00Z"),
        "{all:?}"
    );
}

#[actix_web::test]
async fn a_page_that_shows_something_else_has_the_time_of_the_change_at_once_and_for_good() {
    let site = TestSite::with_rows(MARKET);
    site.record();
    site.as_of_long_ago();
    site.import("candidate,role,technologies,salary,offered_on\na6,devops,linux,9000,2024-01-02\n");
    let changed = [
        "/",
        "/salaries",
        "/salaries/devops",
        "/salaries/devops/linux",
        "/technologies/linux",
    ];
    let at = site.last_modified("/salaries/devops").await;
    assert_ne!(at, LONG_AGO);
    for page in changed {
        assert_eq!(site.last_modified(page).await, at, "{page}");
    }
    // Recorded, it is the same time still; so it is for whoever starts anew, and on other instances.
    site.record();
    let all = site.sitemap().await;
    for (page, lastmod) in &all {
        let expected = if changed.contains(&page.as_str()) {
            at.as_str()
        } else {
            LONG_AGO
        };
        assert_eq!(http_date(lastmod), expected, "{page}");
        assert_eq!(site.last_modified(page).await, expected, "{page}");
    }
    let site = site.with_cache(24 << 20);
    for page in changed {
        assert_eq!(site.last_modified(page).await, at, "{page}");
    }
    // Data and the sitemap itself say when they changed, too.
    for file in [
        "/salaries/devops.json",
        "/salaries/devops.csv",
        "/salaries/devops.svg",
        "/sitemap.xml",
        "/feed.xml",
    ] {
        assert_ne!(site.last_modified(file).await, LONG_AGO, "{file}");
    }
}

#[actix_web::test]
async fn the_sitemap_lists_what_is_there_and_nothing_else() {
    let site = TestSite::demo();
    let before = site.sitemap().await;
    for path in [
        ARTICLE,
        "/salaries/back-end-web/django",
        "/technologies/django",
        "/methodology",
    ] {
        assert!(before.contains_key(path), "{path}");
    }
    site.run_sql("UPDATE articles SET state = 'withdrawn' WHERE slug = 'where-django-is-used'");
    site.touch(&[Topic::Articles]);
    site.get(ARTICLE).await.assert_status(410);
    let after = site.sitemap().await;
    let gone: Vec<&String> = before
        .keys()
        .filter(|path| !after.contains_key(*path))
        .collect();
    assert_eq!(gone, [ARTICLE]);
    for part in ["0", "2", "01", "x"] {
        site.get(&format!("/sitemap-{part}.xml"))
            .await
            .assert_not_found();
    }
}

#[actix_web::test]
async fn conditions_are_judged_in_their_order() {
    let site = TestSite::with_rows(MARKET);
    site.record();
    site.as_of_long_ago();
    let later = "Thu, 02 Jan 2020 00:00:00 GMT";
    let earlier = "Tue, 31 Dec 2019 00:00:00 GMT";
    for address in [
        "/salaries/devops",
        "/salaries/devops.json",
        "/sitemap.xml",
        "/feed.xml",
        "/robots.txt",
    ] {
        let page = site.send(Method::GET, address, &[]).await;
        let tag = page.header("etag").unwrap().to_owned();
        let last_modified = page.header("last-modified").map(ToOwned::to_owned);
        let ask = async |headers: &[(&str, &str)]| site.send(Method::GET, address, headers).await;
        let status = async |headers: &[(&str, &str)]| ask(headers).await.status.as_u16();
        assert_eq!(status(&[("if-none-match", &tag)]).await, 304, "{address}");
        assert_eq!(
            status(&[("if-none-match", "\"x\""), ("if-modified-since", later)]).await,
            200
        );
        assert_eq!(
            status(&[("if-none-match", &tag), ("if-modified-since", earlier)]).await,
            304
        );
        assert_eq!(status(&[("if-match", "\"x\"")]).await, 412);
        assert_eq!(
            status(&[("if-match", "\"x\""), ("if-none-match", &tag)]).await,
            412
        );
        let Some(last_modified) = last_modified else {
            assert_eq!(address, "/robots.txt");
            continue;
        };
        assert_eq!(last_modified, LONG_AGO, "{address}");
        assert_eq!(status(&[("if-modified-since", &last_modified)]).await, 304);
        assert_eq!(status(&[("if-modified-since", later)]).await, 304);
        assert_eq!(status(&[("if-modified-since", earlier)]).await, 200);
        assert_eq!(status(&[("if-unmodified-since", earlier)]).await, 412);
        assert_eq!(
            status(&[("if-unmodified-since", &last_modified)]).await,
            200
        );
        let Answer { headers, body, .. } = ask(&[("if-modified-since", later)]).await;
        assert!(body.is_empty());
        assert!(
            headers.contains(&("etag".to_owned(), tag.clone())),
            "{headers:?}"
        );
        let head = site.send(Method::HEAD, address, &[]).await;
        assert_eq!(head.headers, page.headers);
    }
}

#[actix_web::test]
async fn the_date_on_an_article_is_that_of_its_header_and_its_feed() {
    let site = TestSite::demo();
    let at = site.last_modified(ARTICLE).await;
    let page = site.get(ARTICLE).await;
    let (_, dated) = page
        .body
        .split_once("<time data-changed datetime=\"")
        .unwrap();
    let shown: chrono::DateTime<chrono::Utc> = dated.split('"').next().unwrap().parse().unwrap();
    assert_eq!(shown.format("%a, %d %b %Y %H:%M:%S GMT").to_string(), at);
    let feed = site.feed("/feed.xml").await;
    let entry = feed
        .entries
        .iter()
        .find(|entry| entry.links[0].href.ends_with(ARTICLE));
    let updated = entry.unwrap().updated.to_utc();
    assert_eq!(updated, shown);
}

#[actix_web::test]
async fn feeds_hold_the_newest_articles_with_their_full_text() {
    let site = TestSite::demo();
    let all = site.feed("/feed.xml").await;
    assert_eq!(all.entries.len(), 7);
    let ids: BTreeSet<&str> = all.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), 7);
    assert!(
        all.links
            .iter()
            .any(|link| link.rel == "self" && link.href == "https://jobs.example/feed.xml")
    );
    for entry in &all.entries {
        let html = entry.content.as_ref().unwrap().value.as_deref().unwrap();
        assert!(html.len() > 1000 && !html.contains("<svg"), "{html}");
        for relative in ["href=\"/", "src=\"/", "href=\"#"] {
            assert!(!html.contains(relative), "{html}");
        }
    }
    let role = site.feed("/feeds/roles/back-end-web.xml").await;
    let technology = site.feed("/feeds/technologies/django.xml").await;
    for (feed, salaries) in [
        (&role, "/salaries/back-end-web"),
        (&technology, "/technologies/django"),
    ] {
        let (own, articles) = feed.entries.split_last().unwrap();
        assert_eq!(own.links[0].href, format!("https://jobs.example{salaries}"));
        assert!(!articles.is_empty() && articles.len() < 6);
        for entry in articles {
            assert!(ids.contains(entry.id.as_str()), "{}", entry.id);
        }
    }
    for (page, feed) in [
        ("/", "/feed.xml"),
        ("/salaries/back-end-web", "/feeds/roles/back-end-web.xml"),
        (
            "/salaries/back-end-web/django",
            "/feeds/technologies/django.xml",
        ),
        ("/technologies/django", "/feeds/technologies/django.xml"),
    ] {
        let link = format!("<link rel=\"alternate\" type=\"application/atom+xml\" href=\"{feed}\"");
        site.get(page).await.assert_shows(&link);
    }
    site.get("/feeds/roles/none.xml").await.assert_not_found();
    site.get("/feeds/technologies/none.xml")
        .await
        .assert_not_found();
    site.get("/feeds/roles/devops.xml").await.assert_ok();
}

#[actix_web::test]
async fn a_feed_without_articles_has_the_salaries() {
    let site = TestSite::empty();
    assert_eq!(site.feed("/feed.xml").await.entries, []);
    site.import(MARKET);
    let feed = site.feed("/feed.xml").await;
    assert_eq!(feed.entries.len(), 1);
    let entry = &feed.entries[0];
    assert_eq!(entry.links[0].href, "https://jobs.example/salaries");
    let html = entry.content.as_ref().unwrap().value.as_deref().unwrap();
    assert!(
        html.contains("<a href=\"https://jobs.example/salaries/devops\">"),
        "{html}"
    );
}

#[actix_web::test]
async fn the_whole_site_can_be_checked() {
    let site = TestSite::demo();
    let check = || {
        site.db.read_blocking(|conn| {
            let catalogue = site.parts.catalogues.of(conn)?;
            check_all(conn, &catalogue, &site.parts.site).map_err(DbError::from)
        })
    };
    let checked = check().unwrap();
    assert_eq!(checked.articles, 6);
    assert!(!checked.has_errors(), "{checked}");
    site.run_sql("UPDATE articles SET description = '' WHERE slug = 'where-django-is-used'");
    let checked = check().unwrap();
    assert!(checked.has_errors());
    let list = checked.to_string();
    assert!(
        list.contains("/articles/where-django-is-used: error in description"),
        "{list}"
    );
    assert!(list.ends_with(&format!(
        "errors: 1, warnings: {}",
        checked.findings.len() - 1
    )));
}

/// A service that answers so many requests, each with a status, and gives back their bodies.
fn service(statuses: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/indexnow", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let mut bodies = Vec::new();
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let body = loop {
                let mut part = [0; 4096];
                let read = stream.read(&mut part).unwrap();
                request.extend_from_slice(&part[..read]);
                let text = String::from_utf8_lossy(&request);
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    continue;
                };
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "));
                if length.unwrap().parse::<usize>().unwrap() == body.len() {
                    break body.to_owned();
                }
            };
            bodies.push(body);
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
        }
        bodies
    });
    (url, answering)
}

#[actix_web::test]
async fn search_engines_are_told_of_changed_pages_until_they_hear_it() {
    let mut site = TestSite::with_rows(MARKET);
    let (url, answering) = service(&[
        "503 Busy",
        "429 Too Many\r\nRetry-After: 7200",
        "202 Accepted",
        "200 OK",
    ]);
    let indexnow = IndexNow {
        key: Key::new("0123-ABCD").unwrap(),
        url,
    };
    let mut told = Site::clone(&site.parts.site);
    told.indexnow = Some(indexnow.clone());
    site.parts.site = Data::new(told);
    site.get("/0123-abcd.txt")
        .await
        .assert_ok()
        .assert_shows("0123-abcd");
    site.get("/0123-abce.txt").await.assert_not_found();
    site.record();
    let due = || {
        let rows = site.db.read_blocking(|conn| {
            announcements::table
                .select((
                    announcements::path,
                    announcements::tries,
                    announcements::due_at,
                ))
                .load::<(String, i32, NaiveDateTime)>(conn)
                .map_err(DbError::from)
        });
        rows.unwrap()
    };
    assert_eq!(due().len(), 10);
    // The service has a runtime of its own, beside the test's.
    let submit = |now: NaiveDateTime| {
        std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let service = Service::new(indexnow.clone(), "https://jobs.example").unwrap();
                    service.submit_due(&site.db, now).unwrap();
                })
                .join()
                .unwrap();
        });
    };
    let now = payband::clock::now();
    submit(now);
    assert!(
        due()
            .iter()
            .all(|(_, tries, at)| *tries == 1 && *at == now + TimeDelta::minutes(1))
    );
    // It is not tried again before its time, and then waits for as long as the service wants.
    submit(now + TimeDelta::seconds(59));
    submit(now + TimeDelta::seconds(60));
    let wanted = now + TimeDelta::seconds(60 + 7200);
    assert!(
        due()
            .iter()
            .all(|(_, tries, at)| *tries == 2 && *at == wanted)
    );
    submit(wanted);
    assert_eq!(due(), Vec::new());
    // Only what changes is submitted from then on.
    site.import("candidate,role,technologies,salary,offered_on\na6,devops,linux,9000,2024-01-02\n");
    site.record();
    submit(payband::clock::now() + TimeDelta::seconds(1));
    assert_eq!(due(), Vec::new());
    let bodies = answering.join().unwrap();
    let told: Vec<serde_json::Value> = bodies
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    assert_eq!(told[0]["host"], "jobs.example");
    assert_eq!(told[0]["key"], "0123-abcd");
    assert_eq!(told[0]["keyLocation"], "https://jobs.example/0123-abcd.txt");
    assert_eq!(told[0]["urlList"].as_array().unwrap().len(), 10);
    assert_eq!(told[0], told[2]);
    let changed: BTreeSet<&str> = told[3]["urlList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|url| url.as_str().unwrap())
        .collect();
    let expected = [
        "/",
        "/salaries",
        "/salaries/devops",
        "/salaries/devops/linux",
        "/technologies/linux",
    ];
    assert_eq!(
        changed,
        expected
            .map(|path| format!("https://jobs.example{path}"))
            .iter()
            .map(String::as_str)
            .collect()
    );
}

#[actix_web::test]
async fn without_a_key_nothing_is_noted_for_search_engines() {
    let site = TestSite::with_rows(MARKET);
    site.record();
    let noted: i64 = site
        .db
        .read_blocking(|conn| {
            announcements::table
                .count()
                .get_result(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    assert_eq!(noted, 0);
    site.get("/0123-abcd.txt").await.assert_not_found();
}
