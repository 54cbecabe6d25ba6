//! A site for a test, and the words in which tests speak of its pages.

mod database;
mod program;
mod readers;
mod servers;
mod signed;
mod smtp;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use payband::app::{self, Parts};
use payband::articles::renditions;
use payband::db::{Db, DbError};
use payband::images::{Media, MediaUrl};
use payband::import::jobs::Jobs;
use payband::import::{self, ImportError, Options, Profile, Report};
use payband::mail::{MailConfig, Mailer, SmtpUrl};
use payband::newsletter::{self, Postman};
use payband::salaries;
use payband::verified::Verified;
use payband::web::Site;

pub(crate) use database::{Database, on_postgres};
pub(crate) use program::{Running, assert_fails, fetch, payband, serve, serve_with_log};
pub(crate) use readers::{due_issue, subscribers};
pub(crate) use servers::{Gate, Replica, eventually, tls_folder};
pub(crate) use signed::{PASSWORD, Signed, form_of};
pub(crate) use smtp::{Behaviour, Certificate, Smtp, Tls};

/// What sites have where a test asks for nothing else: bytes for the page cache, and open pages at most.
const CACHE: u64 = 24 << 20;
const LIVE_READERS: usize = 100;

/// Bytes of an uploaded file at most: few, so that a test can exceed them.
const UPLOAD: u64 = 4 << 20;

/// What a mail provider proves itself with.
pub(crate) const BOUNCE_SECRET: &str = "the provider's own";

/// A site on a database of its own.
pub(crate) struct TestSite {
    pub(crate) database: Database,
    pub(crate) db: Db,
    pub(crate) parts: Parts,
}

impl TestSite {
    /// A site without any data.
    pub(crate) fn empty() -> Self {
        Self::on(Database::empty())
    }

    /// A site with the demo.
    pub(crate) fn demo() -> Self {
        Self::on(Database::demo())
    }

    /// A site with the rows of a canonical CSV, of the source `survey`.
    pub(crate) fn with_rows(csv: &str) -> Self {
        let site = Self::empty();
        site.import(csv);
        site
    }

    /// The same site with a page cache of so many bytes, and nothing in it.
    pub(crate) fn with_cache(self, bytes: u64) -> Self {
        Self::with(self.database, bytes, LIVE_READERS)
    }

    /// The same site, with so many open pages at most.
    pub(crate) fn with_live_readers(self, live_readers: usize) -> Self {
        Self::with(self.database, CACHE, live_readers)
    }

    /// What `payband verify` finds.
    pub(crate) fn verified(&self) -> Verified {
        let verified = self.db.read_blocking(|conn| {
            let mut verified = Verified::default();
            salaries::verify(conn, &mut verified, &mut |_, _| {})?;
            renditions::verify(conn, &mut verified)?;
            Ok::<_, DbError>(verified)
        });
        verified.unwrap()
    }

    fn on(database: Database) -> Self {
        Self::with(database, CACHE, LIVE_READERS)
    }

    fn with(database: Database, cache: u64, live_readers: usize) -> Self {
        let db = Db::open(&database.url.parse().unwrap()).unwrap();
        Self::with_over(database, db, cache, live_readers)
    }

    /// A site that reaches its database in a way of its own, and keeps no pages.
    pub(crate) fn over(database: Database, db: Db) -> Self {
        Self::with_over(database, db, 0, LIVE_READERS)
    }

    fn with_over(database: Database, db: Db, cache: u64, live_readers: usize) -> Self {
        Self::with_mail(database, db, cache, live_readers, None)
    }

    /// The same site, with that mail server.
    pub(crate) fn with_smtp(self, smtp: &Smtp) -> Self {
        let db = Db::open(&self.database.url.parse().unwrap()).unwrap();
        let url = smtp.url().parse().unwrap();
        Self::with_mail(self.database, db, CACHE, LIVE_READERS, Some(url))
    }

    fn with_mail(
        database: Database,
        db: Db,
        cache: u64,
        live_readers: usize,
        smtp: Option<SmtpUrl>,
    ) -> Self {
        let site = Site {
            name: "payband".to_owned(),
            url: "https://jobs.example".to_owned(),
            min_candidates: 5,
            live_readers,
            trusted_proxies: "127.0.0.1".parse().unwrap(),
            indexnow: None,
        };
        let mail = MailConfig {
            smtp,
            from: None,
            bounces_to: None,
            per_second: 1_000,
        };
        let mailer = Mailer::new(&mail, &site.name, &site.url, database.folder.path()).unwrap();
        let settings = newsletter::Settings {
            bounce_secret: Some(BOUNCE_SECRET.to_owned()),
            move_percent: 25,
        };
        let postman = Postman::open(&site, &db, mailer, settings).unwrap();
        let parts = Parts::new(
            site,
            db.clone(),
            Media::open(&MediaUrl::Folder(database.folder.path().join("media"))).unwrap(),
            Jobs::open(db.clone(), database.folder.path(), UPLOAD),
            postman,
            cache,
        );
        Self {
            database,
            db,
            parts,
        }
    }

    /// Imports a canonical CSV into the source `survey`.
    pub(crate) fn import(&self, csv: &str) -> Report {
        self.try_import(csv, Profile::canonical(), |_| {}).unwrap()
    }

    /// Imports a CSV with a profile, and with options changed.
    pub(crate) fn try_import(
        &self,
        csv: impl AsRef<[u8]>,
        profile: Profile,
        change: impl FnOnce(&mut Options),
    ) -> Result<Report, ImportError> {
        let file = self.file("survey.csv", csv);
        let mut options = Options {
            file,
            profile,
            source: None,
            replace: false,
            dry_run: false,
            fallback_folder: self.folder().to_owned(),
        };
        change(&mut options);
        let report = import::run(&self.db, &options, &mut |_| {});
        if let Some(versions) = self.parts.cache.versions() {
            versions.refresh().unwrap();
        }
        report
    }

    /// A folder that goes with the site.
    pub(crate) fn folder(&self) -> &Path {
        self.database.folder.path()
    }

    /// Writes a file into the site's folder.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Asks for a page.
    pub(crate) async fn get(&self, address: &str) -> Page {
        self.ask(Method::GET, address).await
    }

    /// Asks for a page by any method.
    pub(crate) async fn ask(&self, method: Method, address: &str) -> Page {
        let answer = self.send(method, address, &[]).await;
        Page {
            address: address.to_owned(),
            status: answer.status,
            headers: answer.headers,
            body: String::from_utf8(answer.body).unwrap(),
        }
    }

    /// Sends a request with headers.
    pub(crate) async fn send(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.send_body(method, address, headers, Vec::new()).await
    }

    /// Sends a request with headers and a body.
    pub(crate) async fn send_body(
        &self,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let service = init_service(app::build(self.parts.clone())).await;
        let request = headers.iter().fold(
            TestRequest::with_uri(address)
                .method(method)
                .peer_addr("127.0.0.1:50000".parse().unwrap())
                .set_payload(body),
            |request, header| request.append_header(*header),
        );
        let response = call_service(&service, request.to_request()).await;
        let status = response.status();
        let headers = response.headers().clone();
        let body = read_body(response).await;
        Answer {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: body.to_vec(),
        }
    }
}

/// What came back, as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(header, _)| header == name);
    found.map(|(_, value)| value.as_str())
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) address: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    #[track_caller]
    pub(crate) fn assert_ok(self) -> Self {
        assert_eq!(
            self.status,
            StatusCode::OK,
            "{}: {}",
            self.address,
            self.body
        );
        self
    }

    #[track_caller]
    pub(crate) fn assert_not_found(self) -> Self {
        assert_eq!(self.status, StatusCode::NOT_FOUND, "{}", self.address);
        self
    }

    #[track_caller]
    pub(crate) fn assert_redirects_to(self, address: &str) {
        assert_eq!(
            self.status,
            StatusCode::MOVED_PERMANENTLY,
            "{}",
            self.address
        );
        assert_eq!(self.header("location"), Some(address), "{}", self.address);
    }

    /// Answers a form with another page.
    #[track_caller]
    pub(crate) fn assert_sees_other(self, address: &str) -> Self {
        let shown = (self.status, self.header("location"));
        let wanted = (StatusCode::SEE_OTHER, Some(address));
        assert_eq!(shown, wanted, "{}: {}", self.address, self.body);
        self
    }

    /// Shows a form again, for something in it is wrong.
    #[track_caller]
    pub(crate) fn assert_refused(self) -> Self {
        let wanted = StatusCode::UNPROCESSABLE_ENTITY;
        assert_eq!(self.status, wanted, "{}: {}", self.address, self.body);
        self
    }

    #[track_caller]
    pub(crate) fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.address, self.body);
        self
    }

    #[track_caller]
    pub(crate) fn assert_shows(self, text: &str) -> Self {
        assert!(
            self.body.contains(text),
            "{} does not show {text:?}:\n{}",
            self.address,
            self.body
        );
        self
    }

    #[track_caller]
    pub(crate) fn assert_does_not_show(self, text: &str) -> Self {
        assert!(!self.body.contains(text), "{} shows {text:?}", self.address);
        self
    }

    /// The positions of texts on the page, which must stand in that order.
    #[track_caller]
    pub(crate) fn assert_shows_in_order(self, texts: &[&str]) -> Self {
        let mut from = 0;
        for text in texts {
            let place = self.body[from..].find(text);
            from += place
                .unwrap_or_else(|| panic!("{}: {text:?} is missing or too early", self.address));
        }
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|_| panic!("{}: {}", self.address, self.body))
    }
}

/// Says that a test is skipped, past the test harness, which keeps what a passing test prints.
pub(crate) fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// A file that the workshop shares and a user does not have. A test that needs it says so when it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    if file.exists() {
        return Some(file);
    }
    skip(&format!("shared/{path} is not here"));
    None
}
