//! `payband copy`: from one database into another, whichever each of them is.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use payband::copy::{self, CopyError};
use payband::db::{Conn, Db, DbError};
use payband::demo;

use crate::support::TestSite;

/// An embedded database with a small demo, in the site's folder.
fn embedded_demo(site: &TestSite) -> Db {
    let file = site.folder().join("from.db");
    let db = Db::open(&file.to_str().unwrap().parse().unwrap()).unwrap();
    demo::load(&db, 4_000, 1, &mut |_| {}).unwrap();
    db
}

#[actix_web::test]
async fn a_copy_has_every_row_and_every_figure() {
    let site = TestSite::empty();
    let from = embedded_demo(&site);
    let mut heard = (0, 0);
    let counts = copy::copy(&from, &site.db, "there", &mut |done, all| {
        heard = (done, all);
    })
    .unwrap();
    assert_eq!(heard.0, heard.1);
    assert_eq!(counts.values().sum::<i64>(), heard.1);
    assert!(counts["offers"] > 3_000 && counts["articles"] == 6);
    assert_eq!(site.verified().differences, Vec::<String>::new());
    site.get("/salaries/back-end-web/django").await.assert_ok();
    site.get("/articles/quick-facts-about-django")
        .await
        .assert_ok();
    // New rows get keys of their own.
    site.import("candidate,role,salary,offered_on\nnew,devops,4000,2024-12-05\n");
}

#[test]
fn a_database_with_data_is_not_copied_over() {
    let site = TestSite::demo();
    let from = embedded_demo(&site);
    let refused = copy::copy(&from, &site.db, "postgres://there/jobs", &mut |_, _| {});
    let Err(error @ CopyError::NotEmpty { .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        error
            .to_string()
            .contains("postgres://there/jobs holds data already")
    );
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[test]
fn no_table_is_forgotten() {
    let site = TestSite::empty();
    let tables: Vec<Name> = site
        .db
        .read_blocking(|conn| {
            let names = match conn {
                Conn::Sqlite(conn) => diesel::sql_query(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
                )
                .load(conn),
                Conn::Postgres(conn) => diesel::sql_query(
                    "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%'",
                )
                .load(conn),
            };
            names.map_err(DbError::from)
        })
        .unwrap();
    let tables: BTreeSet<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let known = copy::TABLES.iter().chain(copy::LEFT_BEHIND);
    assert_eq!(tables, known.copied().collect());
}

#[test]
fn a_copy_that_fails_leaves_nothing() {
    let site = TestSite::empty();
    let from = embedded_demo(&site);
    // The other side refuses a row in the middle.
    let refusing = match &site.database.url {
        url if url.starts_with("postgres") => {
            "ALTER TABLE articles ADD CONSTRAINT never CHECK (position < 0)"
        }
        _ => {
            "CREATE TRIGGER never BEFORE INSERT ON articles BEGIN SELECT raise(ABORT, 'never'); END"
        }
    };
    site.db
        .write_blocking(|conn| conn.batch_execute(refusing).map_err(DbError::from))
        .unwrap();
    copy::copy(&from, &site.db, "there", &mut |_, _| {}).unwrap_err();
    let sources = site
        .db
        .read_blocking(|conn| payband::market::queries::sources(conn).map_err(DbError::from))
        .unwrap();
    assert_eq!(sources, Vec::new());
}
