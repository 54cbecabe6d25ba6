//! TLS to a `PostgreSQL` server.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use payband::db::{Conn, Db, DbError};
use payband::demo;

use crate::support::{Database, Replica, TestSite, assert_fails, payband, tls_folder};

const BY_PASSWORD: &str = "by_password:it%27s%20a%20secret";

/// What a server knows of the connection that asks.
#[derive(QueryableByName)]
struct Connection {
    #[diesel(sql_type = Bool)]
    is_inside_tls: bool,
    #[diesel(sql_type = Bool)]
    is_replica: bool,
    #[diesel(sql_type = Text)]
    user: String,
}

fn connection(db: &Db) -> Connection {
    db.ask_blocking(|conn| match conn {
        Conn::Sqlite(_) => panic!("this is about a server"),
        Conn::Postgres(conn) => sql_query(
            "SELECT ssl AS is_inside_tls, pg_is_in_recovery() AS is_replica, current_user::text AS user \
             FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        )
        .get_result(conn),
    })
    .unwrap()
}

fn open(url: &str) -> Result<Db, DbError> {
    Db::open(&url.parse().unwrap())
}

/// The sentence with which an address is refused.
#[track_caller]
fn refusal(url: &str) -> String {
    match open(url) {
        Ok(_) => panic!("{url} was let in"),
        Err(error) => error.to_string(),
    }
}

/// A database's address as the certificate has it, `localhost`, with TLS as `parameters` say.
fn tls_address(database: &Database, login: &str, parameters: String) -> String {
    database.address(|address| {
        login.clone_into(&mut address.login);
        "localhost".clone_into(&mut address.host);
        address.parameters = parameters;
    })
}

fn verified(folder: &Path, mode: &str, root: &str) -> String {
    format!("sslmode={mode}&sslrootcert={}", folder.join(root).display())
}

#[actix_web::test]
async fn a_site_works_inside_tls_and_with_a_password() {
    let Some(folder) = tls_folder() else { return };
    let database = Database::empty();
    let parameters = verified(&folder, "verify-full", "root.crt");
    let db = open(&tls_address(&database, BY_PASSWORD, parameters)).unwrap();
    let found = connection(&db);
    assert!(found.is_inside_tls);
    assert_eq!(found.user, "by_password");
    demo::load(&db, 3_000, demo::DEFAULT_SEED, &mut |_| {}).unwrap();
    let site = TestSite::over(database, db);
    let page = site.get("/salaries/back-end-web.json").await;
    assert_eq!(page.assert_ok().json()["suppressed"], false);
}

#[test]
fn a_wrong_password_is_refused_by_the_server_and_shown_to_nobody() {
    let Some(_) = tls_folder() else { return };
    let database = Database::empty();
    let url = tls_address(&database, "by_password:wrong", "sslmode=require".to_owned());
    let sentence = refusal(&url);
    assert!(
        sentence.ends_with("password authentication failed for user \"by_password\""),
        "{sentence}"
    );
    assert!(!sentence.contains("wrong"), "{sentence}");
}

#[test]
fn the_mode_decides_whether_there_is_tls() {
    let Some(_) = tls_folder() else { return };
    let database = Database::empty();
    let is_inside_tls = |parameters: &str| {
        let url = tls_address(&database, "payband", parameters.to_owned());
        connection(&open(&url).unwrap()).is_inside_tls
    };
    assert!(!is_inside_tls("sslmode=disable"));
    assert!(is_inside_tls("sslmode=allow"));
    assert!(is_inside_tls("sslmode=prefer"));
    assert!(is_inside_tls("sslmode=require"));
    // Nobody listens between a program and its own machine.
    assert!(!is_inside_tls(""));
}

#[test]
fn a_certificate_for_another_name_is_refused_where_names_are_checked() {
    let Some(folder) = tls_folder() else { return };
    let database = Database::empty();
    let url = |mode| {
        let parameters = verified(&folder, mode, "root.crt");
        database.address(|address| {
            "127.0.0.1".clone_into(&mut address.host);
            address.parameters = parameters;
        })
    };
    let sentence = refusal(&url("verify-full"));
    assert!(sentence.starts_with("cannot open the database postgres://127.0.0.1:"));
    assert!(
        sentence
            .ends_with("the server's certificate is not valid for 127.0.0.1 (sslmode=verify-full)"),
        "{sentence}"
    );
    assert!(connection(&open(&url("verify-ca")).unwrap()).is_inside_tls);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let Some(folder) = tls_folder() else { return };
    let database = Database::empty();
    for mode in ["require", "verify-ca", "verify-full"] {
        let parameters = verified(&folder, mode, "other.crt");
        let sentence = refusal(&tls_address(&database, "payband", parameters));
        assert!(
            sentence.contains("is not signed by an authority of") && sentence.contains(mode),
            "{sentence}"
        );
    }
    let sentence = refusal(&tls_address(
        &database,
        "payband",
        "sslrootcert=system".to_owned(),
    ));
    assert!(
        sentence.contains("sslmode=verify-full") || sentence.contains("no certificates"),
        "{sentence}"
    );
    let sentence = refusal(&tls_address(
        &database,
        "payband",
        "sslmode=verify-full&sslrootcert=/none.crt".to_owned(),
    ));
    assert!(sentence.contains("cannot read /none.crt"), "{sentence}");
}

#[test]
fn payband_shows_a_certificate_where_the_server_wants_one() {
    let Some(folder) = tls_folder() else { return };
    let database = Database::empty();
    let with = |client: &str| {
        let root = verified(&folder, "verify-full", "root.crt");
        let files = folder.join(client);
        let files = files.display();
        tls_address(
            &database,
            "by_certificate",
            format!("{root}&sslcert={files}.crt&sslkey={files}.key"),
        )
    };
    let found = connection(&open(&with("client")).unwrap());
    assert!(found.is_inside_tls);
    assert_eq!(found.user, "by_certificate");
    let sentence = refusal(&with("other"));
    assert!(
        sentence.contains("the server broke off TLS: UnknownCA"),
        "{sentence}"
    );
    let sentence = refusal(&tls_address(
        &database,
        "by_certificate",
        "sslmode=require".to_owned(),
    ));
    assert!(
        sentence.contains("requires a valid client certificate"),
        "{sentence}"
    );
}

#[test]
fn a_server_without_tls_is_refused_or_spoken_to_plainly() {
    let Some(replica) = Replica::of_the_tests() else {
        return;
    };
    let database = Database::empty();
    replica.catch_up();
    let url = |mode: &str| {
        database.address(|address| {
            address.port = replica.port();
            address.parameters = format!("sslmode={mode}");
        })
    };
    let sentence = refusal(&url("require"));
    assert!(
        sentence.ends_with("the server does not offer TLS (sslmode=require)"),
        "{sentence}"
    );
    let db = open(&database.url).unwrap();
    let found = connection(&db.with_replica(&url("prefer").parse().unwrap()).unwrap());
    assert!(found.is_replica);
    assert!(!found.is_inside_tls);
}

#[test]
fn a_session_that_the_server_ends_is_replaced() {
    let Some(_) = tls_folder() else { return };
    let database = Database::empty();
    let url = tls_address(&database, "payband", "sslmode=require".to_owned());
    let db = open(&url).unwrap();
    let plain = open(&database.url).unwrap();
    for _ in 0..3 {
        assert!(connection(&db).is_inside_tls);
        plain
            .write_blocking(|conn| {
                let end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                           WHERE ssl AND datname = current_database()";
                conn.batch_execute(end).map_err(DbError::from)
            })
            .unwrap();
    }
}

/// The address of a server that answers the request for TLS with these bytes, and then hangs up.
fn answering(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map(Result::unwrap) {
            let mut request = [0; 8];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47]);
            stream.write_all(bytes).unwrap();
        }
    });
    format!("postgres://me:secret@127.0.0.1:{port}/jobs?sslmode=require")
}

#[test]
fn whatever_a_server_answers_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for (answer, sentence) in [
        (&b"N"[..], "the server does not offer TLS (sslmode=require)"),
        (b"E", "the server does not understand the request for TLS"),
        (b"", "broke off"),
        (b"Sno TLS at all", "TLS with the server failed: "),
    ] {
        let output = payband(&answering(answer), folder.path())
            .args(["serve", "--no-demo"])
            .output()
            .unwrap();
        assert_fails(&output, 1, "cannot open the database postgres://127.0.0.1:");
        assert_fails(&output, 1, sentence);
        assert!(!String::from_utf8(output.stderr).unwrap().contains("secret"));
    }
    let closed = "postgres://127.0.0.1:1/jobs?sslmode=require";
    let sentence = refusal(closed);
    assert!(
        sentence.contains("cannot connect to 127.0.0.1, port 1: "),
        "{sentence}"
    );
}

#[test]
fn nothing_of_the_private_socket_stays() {
    let Some(_) = tls_folder() else { return };
    let database = Database::empty();
    let temporary = tempfile::tempdir().unwrap();
    let output = payband(
        &tls_address(&database, "payband", "sslmode=require".to_owned()),
        database.folder.path(),
    )
    .args(["export", "out"])
    .env("TMPDIR", temporary.path())
    .output()
    .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(temporary.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_password_file_works_for_a_server_inside_tls() {
    use std::os::unix::fs::PermissionsExt;
    let Some(_) = tls_folder() else { return };
    let database = Database::empty();
    let folder = database.folder.path();
    let file = folder.join("passwords");
    std::fs::write(&file, "localhost:*:*:by_password:it's a secret\n").unwrap();
    let run = |mode| {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        payband(
            &tls_address(&database, "by_password", "sslmode=require".to_owned()),
            folder,
        )
        .args(["export", "out"])
        .env("PGPASSFILE", &file)
        .output()
        .unwrap()
    };
    assert!(run(0o600).status.success());
    assert_fails(&run(0o644), 1, "no password");
}
