//! Live pages: an open page is told when what it shows changed, and of nothing else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use actix_web::http::StatusCode;

use crate::commands::on;
use crate::support::{TestSite, serve};

/// Twelve candidates of one role, who ask for salaries around the given one, each with an offer.
fn rows(role: &str, monthly_usd: u32) -> String {
    let row = |n: u32| {
        let salary = monthly_usd + n * 100;
        format!("{role}-{n},{role},rust,{salary},2024-05-01,{role}-{n}\n")
    };
    let rows: String = (0..12).map(row).collect();
    format!("candidate,role,technologies,salary,offered_on,offer\n{rows}")
}

/// A site with offers for two roles, not served yet.
fn two_roles() -> TestSite {
    let site = TestSite::with_rows(&rows("devops", 3000));
    site.try_import(
        rows("qa", 2000),
        payband::import::Profile::canonical(),
        |options| {
            options.source = Some("other".parse().unwrap());
        },
    )
    .unwrap();
    site
}

/// Imports with a process of its own.
fn import(site: &TestSite, source: &str, csv: &str) {
    let file = site.file(&format!("{source}.csv"), csv);
    let output = on(&site.database)
        .args(["import", "--replace", "--source", source])
        .arg(file)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
}

fn server(site: &TestSite) -> Command {
    let mut command = on(&site.database);
    command.args(["serve", "--no-demo", "--listen", "127.0.0.1:0"]);
    command
}

/// An open stream, its header read already.
struct Stream {
    status: u16,
    head: Vec<String>,
    lines: BufReader<TcpStream>,
}

impl Stream {
    /// Connects with that path and query.
    fn open(address: &str, path: &str, headers: &str) -> Self {
        let mut connection = TcpStream::connect(address).unwrap();
        let patience = Duration::from_mins(1);
        connection.set_read_timeout(Some(patience)).unwrap();
        write!(
            connection,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip, br\r\n{headers}\r\n"
        )
        .unwrap();
        let mut stream = Self {
            status: 0,
            head: Vec::new(),
            lines: BufReader::new(connection),
        };
        let status = stream.line().unwrap();
        stream.status = status.split(' ').nth(1).unwrap().parse().unwrap();
        while let Some(line) = stream.line().filter(|line| !line.is_empty()) {
            stream.head.push(line.to_lowercase());
        }
        stream
    }

    /// The next line; `None` where the stream has ended.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// Waits until the stream has really begun.
    fn begun(mut self) -> Self {
        assert_eq!(self.status, 200, "{:?}", self.head);
        while !self.line().unwrap().starts_with("retry: ") {}
        self
    }

    /// The fingerprint in the next event; signs of life are passed over.
    fn event(&mut self) -> String {
        loop {
            let line = self.line().unwrap();
            if let Some(fingerprint) = line.strip_prefix("data: ") {
                return fingerprint.to_owned();
            }
        }
    }
}

/// What a page says of its stream: the stream's address, and the fingerprint in it.
fn stream_of(address: &str, page: &str) -> (String, String) {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(
        connection,
        "GET {page} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut body = String::new();
    connection.read_to_string(&mut body).unwrap();
    stream_in(&body)
}

fn stream_in(body: &str) -> (String, String) {
    let (_, rest) = body.split_once("data-stream=\"").unwrap();
    let (stream, _) = rest.split_once('"').unwrap();
    let stream = stream.replace("&#38;", "&");
    let (_, fingerprint) = stream.split_once("&seen=").unwrap();
    (stream.clone(), fingerprint.to_owned())
}

#[test]
fn a_change_by_another_process_reaches_every_instance_and_the_page_then_shows_it() {
    let site = two_roles();
    let (_first, first) = serve(&mut server(&site));
    let (_second, second) = serve(&mut server(&site));
    let mut streams = Vec::new();
    for address in [&first, &second] {
        for page in ["/salaries/devops", "/salaries/devops/rust"] {
            let (stream, seen) = stream_of(address, page);
            let stream = Stream::open(address, &stream, "").begun();
            streams.push((address, page, seen, stream));
        }
    }
    import(&site, "survey", &rows("devops", 5000));
    for (address, page, seen, stream) in &mut streams {
        let told = stream.event();
        assert_ne!(told, *seen, "{page}");
        assert_eq!(stream_of(address, page).1, told, "{page}");
    }
}

#[test]
fn an_import_into_another_role_is_no_news() {
    let site = two_roles();
    let (_running, address) = serve(&mut server(&site));
    let (stream, seen) = stream_of(&address, "/salaries/devops");
    let mut stream = Stream::open(&address, &stream, "").begun();
    let (other, _) = stream_of(&address, "/salaries/qa");
    let mut other = Stream::open(&address, &other, "").begun();

    import(&site, "other", &rows("qa", 2500));
    other.event();
    assert_eq!(stream_of(&address, "/salaries/devops").1, seen);
    // The same rows once more.
    import(&site, "survey", &format!("{}\n", rows("devops", 3000)));
    assert_eq!(stream_of(&address, "/salaries/devops").1, seen);

    // So the first event is that of the first real change.
    import(&site, "survey", &rows("devops", 5000));
    let now = stream.event();
    assert_eq!(stream_of(&address, "/salaries/devops").1, now);
    import(&site, "survey", &rows("devops", 7000));
    let later = stream.event();
    assert_eq!(stream_of(&address, "/salaries/devops").1, later);
    assert!(now != seen && later != now);
}

#[test]
fn who_has_seen_something_older_is_told_at_once() {
    let site = two_roles();
    let (_running, address) = serve(&mut server(&site));
    let (stream, seen) = stream_of(&address, "/salaries/devops");
    let old = stream.replace(&seen, "0123456789abcdef");
    assert_eq!(Stream::open(&address, &old, "").begun().event(), seen);
    // What the browser was told last counts more than what the address says.
    let id = "Last-Event-ID: fedcba9876543210\r\n";
    assert_eq!(Stream::open(&address, &stream, id).begun().event(), seen);
    let id = format!("Last-Event-ID: {seen}\r\n");
    let mut stream = Stream::open(&address, &old, &id).begun();
    import(&site, "survey", &rows("devops", 5000));
    assert_ne!(stream.event(), seen);
}

#[test]
fn a_page_that_is_there_no_more_is_news() {
    let site = two_roles();
    let (_running, address) = serve(&mut server(&site));
    let (stream, seen) = stream_of(&address, "/salaries/devops/rust");
    let mut stream = Stream::open(&address, &stream, "").begun();
    import(&site, "survey", &rows("devops", 3000).replace("rust", "go"));
    import(&site, "other", &rows("qa", 2000).replace("rust", "go"));
    assert_ne!(stream.event(), seen);
    let again = Stream::open(&address, "/live?page=/salaries/devops/rust", "");
    assert_eq!(again.status, 404);
}

#[test]
fn a_stream_is_neither_kept_nor_compressed_nor_gathered() {
    let site = two_roles();
    let (_running, address) = serve(&mut server(&site));
    let stream = Stream::open(&address, "/live?page=/salaries/devops", "");
    for header in [
        "content-type: text/event-stream",
        "cache-control: no-store",
        "x-accel-buffering: no",
        "x-content-type-options: nosniff",
        "transfer-encoding: chunked",
    ] {
        assert!(stream.head.iter().any(|line| line == header), "{header}");
    }
    let has = |name: &str| stream.head.iter().any(|line| line.starts_with(name));
    assert!(has("content-security-policy: "));
    assert!(!has("content-encoding: ") && !has("etag: "));
    stream.begun();
}

#[test]
fn a_connection_too_many_is_refused_for_now() {
    let site = two_roles();
    let (_running, address) = serve(server(&site).env("PAYBAND_LIVE_READERS", "2"));
    let path = "/live?page=/salaries/devops";
    let (first, second) = (
        Stream::open(&address, path, "").begun(),
        Stream::open(&address, path, "").begun(),
    );
    let third = Stream::open(&address, path, "");
    assert_eq!(third.status, 503);
    assert!(third.head.contains(&"retry-after: 60".to_owned()));
    drop((first, second));
    // The site learns of it a moment later, long before it would next write to them.
    while Stream::open(&address, path, "").status != 200 {
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn open_streams_do_not_delay_the_end_of_the_program() {
    let site = two_roles();
    let (running, address) = serve(&mut server(&site));
    let mut stream = Stream::open(&address, "/live?page=/salaries/devops", "").begun();
    running.terminate();
    // It ends properly: with the chunk that says so, and not just cut off.
    let mut rest = Vec::new();
    while let Some(line) = stream.line() {
        rest.push(line);
    }
    assert_eq!(
        rest.iter().rev().find(|line| !line.is_empty()),
        Some(&"0".to_owned())
    );
}

#[actix_web::test]
async fn only_salary_pages_by_their_own_address_have_a_stream() {
    let site = TestSite::demo();
    for page in [
        "",
        "/",
        "/salaries",
        "/salaries/",
        "/salaries/nothing",
        "/salaries/back-end-web/nothing",
        "/salaries/back-end-web.json",
        "/salaries/Back-End-Web",
        "/salaries/back-end-web/",
        "/salaries/back-end-web/django/x",
        "/salaries/back-end-web?skill=django",
        "/salaries/back-end-web?country=",
        "/salaries/back-end-web?country=UA%26x=1",
        "/salaries/back-end-web?seniority=boss",
        "/embed/salaries/back-end-web",
        "https://jobs.example/salaries/back-end-web",
        "salaries/back-end-web",
    ] {
        site.get(&format!("/live?page={page}"))
            .await
            .assert_not_found()
            .assert_shows("Page not found");
    }
    site.get("/live").await.assert_not_found();
    let hub = site.parts.live.as_ref().unwrap();
    assert_eq!((hub.readers(), hub.open_pages()), (0, 0));
}

#[actix_web::test]
async fn every_selection_has_a_fingerprint_of_its_own() {
    let site = TestSite::demo();
    let mut seen = std::collections::BTreeSet::new();
    let pages = [
        "/salaries/back-end-web",
        "/salaries/back-end-web/django",
        "/salaries/back-end-web/django?seniority=senior",
        "/salaries/back-end-web/django?seniority=senior&country=UA",
        "/salaries/devops",
    ];
    for page in pages {
        let body = site.get(page).await.assert_ok().body;
        let (stream, fingerprint) = stream_in(&body);
        let asked = payband::web::query_escaped(page);
        assert_eq!(stream, format!("/live?page={asked}&seen={fingerprint}"));
        seen.insert(fingerprint);
    }
    assert_eq!(seen.len(), pages.len());
}

#[actix_web::test]
async fn a_site_without_live_pages_does_not_speak_of_them() {
    let site = TestSite::demo().with_live_readers(0);
    site.get("/salaries/back-end-web")
        .await
        .assert_ok()
        .assert_does_not_show("data-stream")
        .assert_does_not_show("live-");
    let answer = site.get("/live?page=/salaries/back-end-web").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[test]
fn live_pages_work_without_a_page_cache() {
    let site = two_roles();
    let (_running, address) = serve(server(&site).env("PAYBAND_CACHE_MB", "0"));
    let (stream, seen) = stream_of(&address, "/salaries/devops");
    let mut stream = Stream::open(&address, &stream, "").begun();
    import(&site, "survey", &rows("devops", 5000));
    assert_ne!(stream.event(), seen);
}
