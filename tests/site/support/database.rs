//! Databases for tests: copies of templates that are made once.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use payband::db::Db;
use payband::demo;
use tempfile::TempDir;

/// A database that goes away with the test.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) folder: TempDir,
}

/// Whether the tests run on `PostgreSQL`.
pub(crate) fn on_postgres() -> bool {
    server().is_some()
}

/// The parts of a server's address that tests change.
pub(crate) struct Address {
    pub(crate) login: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) parameters: String,
}

/// The server that tests may create databases on.
pub(crate) fn server() -> Option<String> {
    std::env::var("PAYBAND_TEST_DATABASE")
        .ok()
        .filter(|url| !url.is_empty())
}

impl Database {
    /// Without data.
    pub(crate) fn empty() -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        Self::copy_of(TEMPLATE.get_or_init(|| template("empty", |_| {})))
    }

    /// With the demo.
    pub(crate) fn demo() -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        Self::copy_of(TEMPLATE.get_or_init(|| {
            template("demo", |db| {
                demo::load(db, demo::DEFAULT_OFFERS, demo::DEFAULT_SEED, &mut |_| {}).unwrap();
            })
        }))
    }

    /// Without even tables: on `SQLite` the file is not there yet.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match server() {
            None => folder.path().join("site.db").to_str().unwrap().to_owned(),
            Some(server) => {
                let name = fresh_name("bare");
                create(&server, &format!("CREATE DATABASE {name}"));
                database_url(&server, &name)
            }
        };
        Self { url, folder }
    }

    /// Its name on the server.
    pub(crate) fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap()
    }

    /// The address of the same database on another server, or for another user, or with parameters.
    pub(crate) fn address(&self, change: impl FnOnce(&mut Address)) -> String {
        let (_, rest) = self.url.split_once("://").unwrap();
        let (login, rest) = rest.split_once('@').unwrap();
        let (host, rest) = rest.split_once(':').unwrap();
        let (port, name) = rest.split_once('/').unwrap();
        let mut address = Address {
            login: login.to_owned(),
            host: host.to_owned(),
            port: port.parse().unwrap(),
            parameters: String::new(),
        };
        change(&mut address);
        let Address {
            login,
            host,
            port,
            parameters,
        } = address;
        format!("postgres://{login}@{host}:{port}/{name}?{parameters}")
    }

    fn copy_of(template: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match server() {
            None => {
                let file = folder.path().join("site.db");
                std::fs::copy(template, &file).unwrap();
                file.to_str().unwrap().to_owned()
            }
            Some(server) => {
                let name = fresh_name("copy");
                create(
                    &server,
                    &format!("CREATE DATABASE {name} TEMPLATE {template}"),
                );
                database_url(&server, &name)
            }
        };
        Self { url, folder }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(server) = server() {
            let name = self.name();
            let mut conn = PgConnection::establish(&server).unwrap();
            // Best effort: the whole server is thrown away in the end.
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Makes a template: its file, or its name on the server.
fn template(name: &str, load: impl FnOnce(&Db)) -> String {
    match server() {
        None => {
            let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
            let file: PathBuf = folder.join(format!("{name}-{}.db", std::process::id()));
            let path = file.to_str().unwrap().to_owned();
            load(&Db::open(&path.parse().unwrap()).unwrap());
            settle(&path);
            path
        }
        Some(server) => {
            let name = fresh_name(name);
            create(&server, &format!("CREATE DATABASE {name}"));
            load(&Db::open(&database_url(&server, &name).parse().unwrap()).unwrap());
            name
        }
    }
}

/// Moves the write-ahead log into the file, so that the file alone can be copied.
fn settle(path: &str) {
    for _ in 0..100 {
        let mut conn = diesel::SqliteConnection::establish(path).unwrap();
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
            .unwrap();
        drop(conn);
        let log = std::fs::metadata(format!("{path}-wal"));
        if log.is_ok_and(|log| log.len() > 0) {
            std::thread::sleep(Duration::from_millis(20));
        } else {
            return;
        }
    }
    panic!("the template's log was never empty");
}

/// Creates a database. A template that a closing pool still holds is tried again.
fn create(server: &str, statement: &str) {
    for _ in 0..200 {
        let mut conn = PgConnection::establish(server).unwrap();
        match conn.batch_execute(statement) {
            Ok(()) => return,
            Err(error) if error.to_string().contains("being accessed") => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => panic!("{statement}: {error}"),
        }
    }
    panic!("{statement}: the template stayed in use");
}

fn fresh_name(purpose: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("payband_{}_{purpose}_{count}", std::process::id())
}

fn database_url(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}
