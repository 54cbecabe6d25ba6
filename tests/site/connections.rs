//! Connections that break off. Run where the tests have a server.

use std::cell::Cell;
use std::sync::Barrier;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use payband::db::{Conn, Db, DbError};
use payband::schema::candidates;

use crate::support::{TestSite, on_postgres};

/// Has as many connections in use at a time.
fn use_connections(db: &Db, count: usize) {
    let all_are_there = Barrier::new(count);
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                db.read_blocking(|conn| {
                    conn.batch_execute("SELECT 1")?;
                    all_are_there.wait();
                    Ok::<_, DbError>(())
                })
                .unwrap();
            });
        }
    });
}

/// Ends all sessions of a site's database, as a server does that is started again.
fn end_all_sessions(site: &TestSite) {
    let (server, _) = site.database.url.rsplit_once('/').unwrap();
    let mut conn = PgConnection::establish(&format!("{server}/postgres")).unwrap();
    let name = site.database.name();
    conn.batch_execute(&format!(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'"
    ))
    .unwrap();
}

fn end_own_session(conn: &mut Conn) -> Result<(), DbError> {
    Ok(conn.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())")?)
}

fn sources(conn: &mut Conn) -> Result<usize, DbError> {
    Ok(payband::market::queries::sources(conn)?.len())
}

const INSERT: &str = "INSERT INTO sources (slug, name, pay) VALUES ('new', 'New', 'net')";

#[actix_web::test]
async fn a_server_that_was_started_again_costs_no_page() {
    if !on_postgres() {
        return;
    }
    let site = TestSite::demo();
    use_connections(&site.db, 8);
    end_all_sessions(&site);
    site.get("/salaries/back-end-web/django").await.assert_ok();
    use_connections(&site.db, 8);
    end_all_sessions(&site);
    site.get("/readyz").await.assert_ok();
    use_connections(&site.db, 8);
    end_all_sessions(&site);
    site.db
        .write_blocking(|conn| conn.batch_execute(INSERT).map_err(DbError::from))
        .unwrap();
    assert_eq!(site.db.read_blocking(sources).unwrap(), 3);
}

#[test]
fn a_write_that_breaks_off_is_undone_and_not_repeated() {
    if !on_postgres() {
        return;
    }
    let site = TestSite::demo();
    let attempts = Cell::new(0);
    let written = site.db.write_blocking(|conn| {
        attempts.set(attempts.get() + 1);
        conn.batch_execute(INSERT)?;
        end_own_session(conn)
    });
    assert!(written.is_err());
    assert_eq!(attempts.get(), 1);
    assert_eq!(site.db.read_blocking(sources).unwrap(), 2);
    // The broken connection does not come back.
    for _ in 0..16 {
        site.db
            .write_blocking(|conn| conn.batch_execute("SELECT 1").map_err(DbError::from))
            .unwrap();
    }
}

#[test]
fn a_statement_that_always_breaks_off_is_given_up() {
    if !on_postgres() {
        return;
    }
    let site = TestSite::demo();
    let asked = site
        .db
        .ask_blocking(|conn| conn.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert!(asked.is_err());
    assert_eq!(site.db.read_blocking(sources).unwrap(), 2);
}

#[actix_web::test]
async fn who_reads_a_table_that_an_import_has_to_itself_is_told_after_some_seconds() {
    if !on_postgres() {
        return;
    }
    let site = TestSite::demo();
    let count = |conn: &mut Conn| {
        let all: i64 = candidates::table.count().get_result(conn)?;
        Ok::<_, DbError>(all)
    };
    site.db
        .write_blocking(|conn| {
            conn.batch_execute("LOCK TABLE candidates IN ACCESS EXCLUSIVE MODE")?;
            let refused = site.db.read_newest_blocking(count).unwrap_err();
            assert!(refused.is_busy(), "{refused}");
            assert!(refused.to_string().contains("another program is writing"));
            Ok::<_, DbError>(())
        })
        .unwrap();
    // Afterwards all is as before.
    site.get("/salaries/back-end-web/django").await.assert_ok();
    assert!(site.db.read_newest_blocking(count).unwrap() > 100);
}
