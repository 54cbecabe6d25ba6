//! The servers of the tests: the primary's certificates, its replica, and a gate in front of either.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{PgConnection, sql_query};

use super::database::{Database, server};
use super::skip;

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

/// What a server answers to `SELECT … AS answer`, a text.
fn ask(server: &str, sql: &str) -> String {
    let mut conn = PgConnection::establish(server).unwrap();
    sql_query(sql)
        .get_result::<Answer>(&mut conn)
        .unwrap()
        .answer
}

/// The folder with the certificates of a server that speaks TLS: `root.crt` signed its own and `client.crt`, whose name
/// is `by_certificate`; `other.crt` signed neither. The role `by_password` has the password `it's a secret`.
pub(crate) fn tls_folder() -> Option<PathBuf> {
    let server = server()?;
    let root = PathBuf::from(ask(
        &server,
        "SELECT current_setting('ssl_ca_file') AS answer",
    ));
    let folder = root
        .parent()
        .filter(|folder| folder.join("other.crt").exists());
    let Some(folder) = folder else {
        skip(
            "the PostgreSQL server of the tests was not made by scripts/test, and its certificates are not known",
        );
        return None;
    };
    let mut conn = PgConnection::establish(&server).unwrap();
    conn.batch_execute(
        "DO $$ BEGIN \
         PERFORM pg_advisory_xact_lock(1); \
         IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'by_password') THEN \
             CREATE ROLE by_password SUPERUSER LOGIN PASSWORD 'it''s a secret'; \
             CREATE ROLE by_certificate SUPERUSER LOGIN; \
         END IF; END $$",
    )
    .unwrap();
    Some(folder.to_owned())
}

/// A replica of the server that tests create databases on. One test at a time has it.
pub(crate) struct Replica {
    server: String,
    _turn: MutexGuard<'static, ()>,
}

impl Replica {
    pub(crate) fn of_the_tests() -> Option<Self> {
        static TURN: Mutex<()> = Mutex::new(());
        server()?;
        let Ok(server) = std::env::var("PAYBAND_TEST_REPLICA") else {
            skip("PAYBAND_TEST_REPLICA names no replica");
            return None;
        };
        let turn = TURN
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Some(Self {
            server,
            _turn: turn,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        let (_, port) = self.server.rsplit_once(':').unwrap();
        port.split('/').next().unwrap().parse().unwrap()
    }

    /// Waits until the replica has everything that the primary has now.
    pub(crate) fn catch_up(&self) {
        let primary = server().unwrap();
        let now = ask(
            &primary,
            "SELECT pg_current_wal_insert_lsn()::text AS answer",
        );
        self.wait_for(&format!("pg_last_wal_replay_lsn() >= '{now}'::pg_lsn"));
    }

    /// Stays as it is, until `resume`.
    pub(crate) fn pause(&self) {
        self.execute("SELECT pg_wal_replay_pause()");
        self.wait_for("pg_get_wal_replay_pause_state() = 'paused'");
    }

    pub(crate) fn resume(&self) {
        self.execute("SELECT pg_wal_replay_resume()");
    }

    fn wait_for(&self, condition: &str) {
        let sql = format!("SELECT ({condition})::text AS answer");
        eventually(|| ask(&self.server, &sql) == "true");
    }

    fn execute(&self, sql: &str) {
        let mut conn = PgConnection::establish(&self.server).unwrap();
        conn.batch_execute(sql).unwrap();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.resume();
    }
}

/// Waits for what has to come.
pub(crate) fn eventually(mut has_come: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if has_come() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it did not come within a minute");
}

/// A way to a server that can be shut, as if the server was gone.
pub(crate) struct Gate {
    pub(crate) port: u16,
    is_open: Arc<AtomicBool>,
    passing: Arc<Mutex<Vec<TcpStream>>>,
}

impl Gate {
    /// An open gate to a port of this machine.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Self {
            port: listener.local_addr().unwrap().port(),
            is_open: Arc::new(AtomicBool::new(true)),
            passing: Arc::default(),
        };
        let (is_open, passing) = (gate.is_open.clone(), gate.passing.clone());
        std::thread::spawn(move || {
            for near in listener.incoming().map(Result::unwrap) {
                let mut passing = passing.lock().unwrap();
                if !is_open.load(Ordering::SeqCst) {
                    continue;
                }
                let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
                passing.push(near.try_clone().unwrap());
                carry(near.try_clone().unwrap(), far.try_clone().unwrap());
                carry(far, near);
            }
        });
        gate
    }

    /// In front of a database's server.
    pub(crate) fn before(database: &Database) -> Self {
        let mut port = 0;
        database.address(|address| port = address.port);
        Self::to(port)
    }

    /// Lets nobody through any more, and cuts who is passing.
    pub(crate) fn shut(&self) {
        let mut passing = self.passing.lock().unwrap();
        self.is_open.store(false, Ordering::SeqCst);
        for stream in passing.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn open(&self) {
        self.is_open.store(true, Ordering::SeqCst);
    }
}

/// Carries one direction in a thread of its own, which ends with the connection.
fn carry(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut chunk = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut chunk) {
            if to.write_all(&chunk[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
