//! The derived tables: always what the offers say, whatever is written, and proven by `payband verify`.

use diesel::connection::SimpleConnection;
use payband::articles::renditions;
use payband::db::DbError;
use payband::salaries;

use crate::support::TestSite;

/// What `payband verify` finds to differ.
fn differences(site: &TestSite) -> Vec<String> {
    site.verified().differences
}

#[track_caller]
fn assert_verified(site: &TestSite) {
    assert_eq!(differences(site), Vec::<String>::new());
}

/// Some difference is said in these words.
#[track_caller]
fn assert_differs(site: &TestSite, words: &str) {
    let found = differences(site);
    assert!(
        found.iter().any(|difference| difference.contains(words)),
        "{found:?}"
    );
}

fn change(site: &TestSite, sql: &str) {
    site.db
        .write_blocking(|conn| conn.batch_execute(sql).map_err(DbError::from))
        .unwrap();
}

/// Rows of so many candidates with a key each, from a number on.
fn rows(from: usize, count: usize, salary: usize) -> String {
    let row = |number: usize| {
        let (role, skill) = match number % 3 {
            0 => ("devops", "docker;linux"),
            1 => ("devops", "terraform"),
            _ => ("front-end", "react"),
        };
        let month = number % 12 + 1;
        format!("c{number},{role},{skill},senior,{salary},2024-{month:02}-05,open,o{number}\n")
    };
    let header =
        "candidate,role,technologies,seniority,salary,offered_on,status,offer\n".to_owned();
    (from..from + count).fold(header, |csv, number| csv + &row(number))
}

#[test]
fn the_demo_is_derived_as_its_offers_say() {
    let site = TestSite::demo();
    assert_verified(&site);
    let compared = site.verified().compared;
    assert!(compared["blocks of facts"] > 20 && compared["reports"] > 1_000);
    assert!(
        compared["trends"] > 100 && compared["texts"] > 5,
        "{compared:?}"
    );
    assert!(compared["counts by source"] > 20, "{compared:?}");
}

#[test]
fn an_empty_site_has_nothing_to_derive() {
    assert_verified(&TestSite::empty());
}

#[test]
fn imports_of_every_kind_keep_the_derived_tables_in_step() {
    let site = TestSite::with_rows(&rows(0, 36_000, 5_000));
    assert_verified(&site);
    // New candidates beside known ones, known offers at another salary, and the same once more.
    site.import(&rows(35_000, 2_000, 6_000));
    assert_verified(&site);
    // Offers that move to other candidates, who may be new; candidates that lose their last offer.
    let moved = rows(0, 500, 5_000).replace("\nc", "\nmoved-");
    site.import(&moved);
    assert_verified(&site);
    // A candidate whose profile changes, without an offer.
    site.import("candidate,role,seniority,country,salary,offered_on\nc700,front-end,junior,PL,,\nc701,devops,junior,UA,,\n");
    assert_verified(&site);
    // Another source, whose rows share blocks with the first.
    let other = |options: &mut payband::import::Options| {
        options.source = Some("other".parse().unwrap());
    };
    site.try_import(
        rows(0, 3_000, 7_000),
        payband::import::Profile::canonical(),
        other,
    )
    .unwrap();
    assert_verified(&site);
    let replaced = |options: &mut payband::import::Options| {
        options.replace = true;
    };
    site.try_import(
        rows(0, 700, 4_000),
        payband::import::Profile::canonical(),
        replaced,
    )
    .unwrap();
    assert_verified(&site);
}

#[actix_web::test]
async fn rows_of_one_candidate_far_apart_are_one_candidate() {
    let mut csv = "candidate,role,salary,offered_on,offer\n".to_owned();
    for round in 0..3 {
        for candidate in 0..20_000 {
            csv += &format!(
                "c{candidate},devops,{},2024-0{}-01,{candidate}-{round}\n",
                4000 + round * 100,
                round + 1
            );
        }
    }
    let site = TestSite::with_rows(&csv);
    assert_verified(&site);
    let json = site.get("/salaries/devops.json").await.assert_ok().json();
    assert_eq!(json["offers"], 60_000);
    assert_eq!(json["candidates"], 20_000);
    assert_eq!(json["proposals"], 3.0);
}

#[test]
fn whatever_differs_is_found_and_named() {
    let site = TestSite::demo();
    change(
        &site,
        "UPDATE reports SET offers = offers + 1 WHERE filter = 'pay=net' AND technology_id = 0",
    );
    assert_differs(&site, "DevOps?pay=net: ");
    let site = TestSite::demo();
    change(
        &site,
        "UPDATE offers SET monthly_usd = monthly_usd + 1 WHERE number = 1 AND candidate_id = 1",
    );
    assert_differs(&site, "rows 0 to 16383");
    let site = TestSite::demo();
    change(
        &site,
        "UPDATE role_sources SET offers = offers + 1 WHERE source_id = 1 AND role_id = 1",
    );
    assert_differs(
        &site,
        "what is counted of “Demo data: a generated marketplace”",
    );
    let site = TestSite::demo();
    change(&site, "DELETE FROM trends WHERE technology_id = 1");
    assert_differs(&site, "trend");
    change(&site, "DELETE FROM reports WHERE filter <> ''");
    assert_differs(&site, "nothing is kept");
    let site = TestSite::demo();
    change(
        &site,
        "UPDATE renditions SET html = html || '<script>' WHERE place = 'embedded'",
    );
    let found = differences(&site);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(
        found
            .iter()
            .any(|difference| difference.starts_with("django-alternatives: the text"))
    );
}

#[actix_web::test]
async fn texts_that_are_not_kept_are_shown_all_the_same_and_kept_at_the_next_start() {
    let site = TestSite::demo();
    let pages = [
        "/articles/django-alternatives",
        "/salaries/back-end-web/django",
    ];
    let texts = async || {
        let mut texts = Vec::new();
        for page in pages {
            texts.push(site.get(page).await.assert_ok().body);
        }
        texts
    };
    // Another version of the program rendered one, and another none.
    change(
        &site,
        "UPDATE renditions SET format = 0, html = 'old' WHERE place = 'own_page';
         DELETE FROM renditions WHERE place = 'embedded'",
    );
    let rendered = texts().await;
    assert!(rendered.iter().all(|text| text.contains("Flask</h")));
    let is_missing = || {
        site.db
            .read_blocking(|conn| renditions::is_missing(conn).map_err(DbError::from))
            .unwrap()
    };
    assert!(is_missing());
    site.db
        .write_blocking(|conn| renditions::keep_all(conn).map_err(DbError::from))
        .unwrap();
    assert!(!is_missing());
    assert_verified(&site);
    assert_eq!(texts().await, rendered);
}

#[test]
fn a_database_without_derived_tables_gets_them() {
    let site = TestSite::demo();
    change(
        &site,
        "DELETE FROM facts; DELETE FROM reports; DELETE FROM role_sources; DELETE FROM trends",
    );
    let is_missing = |site: &TestSite| {
        site.db
            .read_blocking(|conn| salaries::is_missing(conn).map_err(DbError::from))
            .unwrap()
    };
    assert!(is_missing(&site));
    site.db
        .write_blocking(|conn| salaries::derive_all(conn).map_err(DbError::from))
        .unwrap();
    assert!(!is_missing(&site));
    assert_verified(&site);
}
