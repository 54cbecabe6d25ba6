//! A replica that pages are read from. Run where `PAYBAND_TEST_REPLICA` names one.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use payband::db::{Conn, Db, DbError};
use payband::export;

use crate::support::{
    Database, Gate, Replica, TestSite, assert_fails, eventually, fetch, on_postgres, payband,
    serve_with_log,
};

/// Six candidates of a role, with an offer each.
fn rows(role: &str) -> String {
    let mut rows = "candidate,role,salary,offered_on,offer\n".to_owned();
    for n in 0..6 {
        rows += &format!("{role}{n},{role},5000,2024-12-01,{role}{n}\n");
    }
    rows
}

/// A site whose pages are read from a replica at a port.
fn site(database: Database, replica_port: u16) -> TestSite {
    let replica = database.address(|address| address.port = replica_port);
    let db = Db::open(&database.url.parse().unwrap()).unwrap();
    TestSite::over(
        database,
        db.with_replica(&replica.parse().unwrap()).unwrap(),
    )
}

/// Whether a site has a page about a role.
async fn knows(site: &TestSite, role: &str) -> bool {
    let page = site.get(&format!("/salaries/{role}.json")).await;
    page.status.is_success()
}

fn count(conn: &mut Conn, table: &str) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let sql = format!("SELECT count(*) AS count FROM {table}");
    let counted: Count = match conn {
        Conn::Sqlite(conn) => sql_query(sql).get_result(conn)?,
        Conn::Postgres(conn) => sql_query(sql).get_result(conn)?,
    };
    Ok(counted.count)
}

#[actix_web::test]
async fn pages_are_read_from_the_replica_and_commands_from_the_primary() {
    let Some(replica) = Replica::of_the_tests() else {
        return;
    };
    let site = site(Database::empty(), replica.port());
    site.import(&rows("devops"));
    replica.catch_up();
    replica.pause();
    site.import(&rows("data-science"));
    assert!(knows(&site, "devops").await);
    assert!(!knows(&site, "data-science").await);
    assert_eq!(
        site.db.ask_blocking(|conn| count(conn, "offers")).unwrap(),
        6
    );
    let newest = site
        .db
        .read_newest_blocking(|conn| Ok::<_, DbError>(count(conn, "offers")?));
    assert_eq!(newest.unwrap(), 12);
    let exported = export::export(&site.db, &site.folder().join("out")).unwrap();
    assert_eq!(exported.rows, 12);
    replica.resume();
    replica.catch_up();
    assert!(knows(&site, "data-science").await);
}

#[actix_web::test]
async fn what_the_replica_does_not_have_yet_is_read_from_the_primary() {
    let Some(replica) = Replica::of_the_tests() else {
        return;
    };
    let site = site(Database::empty(), replica.port());
    replica.catch_up();
    replica.pause();
    site.import(&rows("devops"));
    site.db
        .write_blocking(|conn| {
            let sql = "CREATE TABLE newest AS SELECT 7 AS n";
            conn.batch_execute(sql).map_err(DbError::from)
        })
        .unwrap();
    assert!(!knows(&site, "devops").await);
    let found = site
        .db
        .read_blocking(|conn| Ok::<_, DbError>((count(conn, "newest")?, count(conn, "offers")?)));
    assert_eq!(found.unwrap(), (1, 6));
}

#[actix_web::test]
async fn a_page_that_the_replica_does_not_know_is_not_asked_for_again() {
    let Some(replica) = Replica::of_the_tests() else {
        return;
    };
    let site = site(Database::empty(), replica.port());
    replica.catch_up();
    replica.pause();
    site.import(&rows("devops"));
    // Not found is an answer: the replica stays in use.
    for _ in 0..3 {
        assert!(!knows(&site, "devops").await);
    }
}

#[actix_web::test]
async fn pages_do_without_a_replica_that_is_gone_and_return_to_it() {
    let Some(replica) = Replica::of_the_tests() else {
        return;
    };
    let gate = Gate::to(replica.port());
    let site = site(Database::empty(), gate.port);
    replica.catch_up();
    replica.pause();
    site.import(&rows("devops"));
    assert!(!knows(&site, "devops").await);
    gate.shut();
    for _ in 0..3 {
        assert!(knows(&site, "devops").await);
    }
    gate.open();
    let is_back = || {
        site.db
            .ask_blocking(|conn| count(conn, "offers"))
            .is_ok_and(|offers| offers == 0)
    };
    eventually(is_back);
    assert!(!knows(&site, "devops").await);
}

#[actix_web::test]
async fn a_site_is_ready_while_either_answers() {
    let Some(replica) = Replica::of_the_tests() else {
        return;
    };
    let database = Database::empty();
    let (to_primary, to_replica) = (Gate::before(&database), Gate::to(replica.port()));
    replica.catch_up();
    let url = |gate: &Gate| {
        let url = database.address(|address| address.port = gate.port);
        url.parse().unwrap()
    };
    let db = Db::open(&url(&to_primary)).unwrap();
    let db = db.with_replica(&url(&to_replica)).unwrap();
    let site = TestSite::over(database, db);
    site.get("/readyz").await.assert_ok();
    to_primary.shut();
    site.get("/readyz").await.assert_ok();
    to_replica.shut();
    let page = site.get("/readyz").await;
    assert!(page.status.is_server_error(), "{}", page.status);
    to_primary.open();
    site.get("/readyz").await.assert_ok();
}

#[test]
fn a_replica_that_is_not_there_is_one_warning() {
    if !on_postgres() {
        return;
    }
    let database = Database::demo();
    let log = database.folder.path().join("log");
    let nowhere = database.address(|address| address.port = 1);
    let (_running, address) = serve_with_log(
        payband(&database.url, database.folder.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--database-read-url", &nowhere]),
        std::fs::File::create(&log).unwrap(),
    );
    for _ in 0..5 {
        let page = fetch(&address, "/salaries/back-end-web/django.json");
        assert!(page.contains("\"offers\":571,"), "{page}");
    }
    let log = std::fs::read_to_string(log).unwrap();
    let complaints: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("WARN") || line.contains("ERROR"))
        .collect();
    assert_eq!(complaints.len(), 1, "{log}");
    assert!(
        complaints[0].contains("until the replica postgres://127.0.0.1:1/payband_"),
        "{log}"
    );
    assert!(complaints[0].contains("Connection refused"), "{log}");
}

#[test]
fn an_embedded_database_has_no_replica() {
    let folder = tempfile::tempdir().unwrap();
    let output = payband("site.db", folder.path())
        .args(["serve", "--database-read-url", "postgres://127.0.0.1/jobs"])
        .output()
        .unwrap();
    assert_fails(&output, 2, "DATABASE_READ_URL is for PostgreSQL");
}
