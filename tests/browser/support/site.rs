//! The site: the real program on its own copy of the demo.

use std::process::Command;
use std::time::Duration;

use payband::db::{Db, DbError};
use payband::editors::tokens::Token;
use payband::editors::{EditorRole, accounts, sessions};

use super::database::Database;
use super::http;
use super::process::Process;

/// The running site. It and its files go with the value.
pub(crate) struct Site {
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) origin: String,
    /// Path of the link that creates the first administrator.
    pub(crate) first_administrator: String,
    // Ends before the database goes.
    _process: Process,
    database: Database,
}

impl Site {
    /// Starts the site with the demo's offers and articles.
    pub(crate) fn start() -> Self {
        let database = Database::demo();
        let (process, link) = Process::start(
            payband(&database).args(["serve", "--listen", "127.0.0.1:0"]),
            "The first administrator is created at ",
        );
        let (origin, path) = link.split_once("/admin/").unwrap();
        Self {
            origin: origin.to_owned(),
            first_administrator: format!("/admin/{path}"),
            _process: process,
            database,
        }
    }

    /// Imports a canonical CSV into a source, in place of what the source had, by a program of its own.
    pub(crate) fn imports(&self, source: &str, csv: &str) {
        let file = self.database.folder.path().join(format!("{source}.csv"));
        std::fs::write(&file, csv).unwrap();
        let imported = payband(&self.database)
            .args(["import", "--replace", "--source", source])
            .arg(file)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&imported.stderr);
        assert!(imported.status.success(), "{error}");
    }

    /// The token of a session of an account of its own, which is made with it.
    pub(crate) fn session_of(&self, name: &str) -> String {
        let db = Db::open(&self.database.url.parse().unwrap()).unwrap();
        let email = format!("{}@jobs.example", name.to_lowercase());
        let (email, token) = (email.parse().unwrap(), Token::random().unwrap());
        let begun = db.write_blocking(|conn| {
            let now = chrono::Utc::now().naive_utc();
            let id = accounts::create(conn, &email, name, EditorRole::Admin, None, now)?;
            sessions::begin(conn, id, &token, "A test", now)?;
            Ok::<_, DbError>(())
        });
        begun.unwrap();
        token.hex()
    }

    /// The path of the first link with a text in a mail, which is a file here.
    pub(crate) fn link_in_mail(&self, part: &str) -> String {
        let folder = self.database.folder.path().join("mail");
        for _ in 0..300 {
            let files = std::fs::read_dir(&folder).into_iter().flatten();
            let mails = files.filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok());
            // Long lines are broken.
            let mut mails = mails.map(|mail| mail.replace("=\r\n", ""));
            let found =
                mails.find_map(|mail| mail.find(part).map(|place| mail[place..].to_owned()));
            if let Some(link) = found {
                return link.split_whitespace().next().unwrap().to_owned();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("no mail with {part} came");
    }

    /// The status that an address of the site answers, redirects not followed.
    pub(crate) fn status_of(&self, address: &str) -> u16 {
        let path = address.strip_prefix(&self.origin).unwrap_or(address);
        let host = self.origin.strip_prefix("http://").unwrap();
        http::request(host, "GET", path, "").unwrap().0
    }
}

/// The program, with its files in the database's folder and with no settings of whoever runs the tests.
fn payband(database: &Database) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payband"));
    command
        .env_clear()
        .env("DATABASE_URL", &database.url)
        .env("PAYBAND_DATA_DIR", database.folder.path())
        .env("RUST_LOG", "warn");
    command
}
