//! Undoing an import as a whole: afterwards the tables are as they were before it.

use std::ops::ControlFlow;

use diesel::prelude::*;
use payband::db::DbError;
use payband::ids::{CandidateId, ImportId};
use payband::import::history::{self, Journal, PastImport};
use payband::import::undo::{self, Hindrance, Occasion, UndoError};
use payband::import::{self, ImportError, Options, Profile};
use payband::schema::{candidates, imports, offers, replaced_candidates, replaced_offers};
use serde_json::json;

use crate::support::TestSite;

const HEADER: &str = "candidate,role,technologies,seniority,salary,offered_on,status,offer\n";

/// Six candidates with an offer each, keyed.
fn six() -> String {
    (1..=6).fold(HEADER.to_owned(), |rows, n| {
        format!(
            "{rows}c{n},devops,linux,senior,{},2024-05-0{n},open,o{n}\n",
            1000 * n
        )
    })
}

type Person = (
    i64,
    i64,
    Option<String>,
    Option<String>,
    Option<i32>,
    String,
);
type Received = (i64, i64, Option<String>, i32, chrono::NaiveDate, String);

/// All candidates and offers.
fn rows(site: &TestSite) -> (Vec<Person>, Vec<Received>) {
    let rows = site.db.read_newest_blocking(|conn| {
        let people = candidates::table
            .order(candidates::id)
            .select((
                candidates::id,
                candidates::role_id,
                candidates::source_key,
                candidates::seniority,
                candidates::monthly_usd,
                candidates::technologies,
            ))
            .load(conn)?;
        let received = offers::table
            .order((offers::candidate_id, offers::number))
            .select((
                offers::candidate_id,
                offers::number,
                offers::source_key,
                offers::monthly_usd,
                offers::offered_on,
                offers::status,
            ))
            .load(conn)?;
        Ok::<_, DbError>((people, received))
    });
    rows.unwrap()
}

/// Every import, the newest first.
fn past(site: &TestSite) -> Vec<PastImport> {
    let past = site
        .db
        .read_newest_blocking(|conn| history::newest(conn, 0, 50).map_err(DbError::from));
    past.unwrap()
}

fn undo(site: &TestSite, import: ImportId) -> Result<PastImport, UndoError> {
    let occasion = Occasion {
        editor: None,
        progress: &mut |done, all| {
            assert!(done <= all, "{done} of {all}");
            ControlFlow::Continue(())
        },
        recorded: &mut |_, _| Ok(()),
    };
    let undone = undo::undo(&site.db, import, occasion);
    if let Some(versions) = site.parts.cache.versions() {
        versions.refresh().unwrap();
    }
    assert_eq!(site.verified().differences, Vec::<String>::new());
    undone
}

#[track_caller]
fn hindered(result: Result<PastImport, UndoError>) -> Hindrance {
    match result {
        Err(UndoError::Hindered(hindrance)) => hindrance,
        other => panic!("not hindered: {other:?}"),
    }
}

fn replacing(site: &TestSite, csv: &str) {
    site.try_import(csv, Profile::canonical(), |options| options.replace = true)
        .unwrap();
}

async fn offers_of(site: &TestSite, path: &str) -> serde_json::Value {
    let page = site
        .get(&format!("/salaries/{path}.json"))
        .await
        .assert_ok()
        .json();
    json!([page["offers"], page["candidates"], page["median"]])
}

#[actix_web::test]
async fn a_first_import_leaves_nothing_behind() {
    let site = TestSite::empty();
    site.import(&six());
    let newest = past(&site).remove(0);
    assert_eq!(
        (newest.rows_read, newest.accepted, newest.file_name.as_str()),
        (6, 6, "survey.csv")
    );
    assert_eq!(newest.report().unwrap().written.new_roles, ["devops"]);
    assert_eq!(offers_of(&site, "devops").await, json!([6, 6, 3500]));
    undo(&site, newest.id).unwrap();
    assert_eq!(rows(&site), (vec![], vec![]));
    // The role and the technology came with it, and go with it.
    site.get("/salaries/devops").await.assert_not_found();
    site.get("/technologies/linux").await.assert_not_found();
    assert!(matches!(
        hindered(undo(&site, newest.id)),
        Hindrance::Undone(_)
    ));
    // The same bytes are welcome again.
    site.import(&six());
    assert_eq!(offers_of(&site, "devops").await, json!([6, 6, 3500]));
}

#[actix_web::test]
async fn whatever_an_import_changes_is_as_before() {
    let site = TestSite::with_rows(&six());
    // A candidate without a key, whose offer comes again in another role.
    site.import(&format!(
        "{HEADER},devops,linux,junior,700,2024-03-01,open,lone\n"
    ));
    let before = rows(&site);
    let figures = offers_of(&site, "devops").await;
    site.import(&format!(
        "{HEADER}c1,devops,python,expert,9000,2024-06-01,accepted,o1\n\
         c2,devops,,,2100,2024-06-02,open,new-of-known\n\
         c3,devops,,,5,2024-06-02,open,o2\n\
         c7,devops,linux,senior,7000,2024-06-02,open,o3\n\
         ,front-end,,senior,800,2024-03-02,open,lone\n\
         c4,front-end,,,1,2024-06-02,open,o4\n\
         c1,devops,,,9100,2024-06-03,open,o1\n\
         c8,devops,linux,senior,8000,2024-06-02,open,o8\n\
         c8,devops,linux,senior,8100,2024-06-04,open,o8\n"
    ));
    assert_ne!(rows(&site), before);
    undo(&site, past(&site)[0].id).unwrap();
    assert_eq!(rows(&site), before);
    assert_eq!(offers_of(&site, "devops").await, figures);
    site.get("/salaries/front-end").await.assert_not_found();
}

#[actix_web::test]
async fn changes_of_many_batches_are_taken_back_in_their_order() {
    // More rows than are written together.
    const MANY: u32 = 21_000;
    let row =
        |n: u32, salary: u32| format!("c{n},devops,linux,senior,{salary},2024-05-01,open,o{n}\n");
    let all = (0..MANY).fold(HEADER.to_owned(), |rows, n| rows + &row(n, 1000 + n));
    let site = TestSite::with_rows(&all);
    let before = rows(&site);
    // Every candidate twice, in different batches of the writer, and an offer that wanders.
    let mut again = (0..MANY).fold(HEADER.to_owned(), |rows, n| rows + &row(n, 2000 + n));
    again += "c5,devops,,,7,2024-05-02,open,o7\n";
    again += &(0..MANY).fold(String::new(), |rows, n| rows + &row(n, 3000 + n));
    again += "c6,devops,,,7,2024-05-02,open,o7\nc9999999,devops,,,8,2024-05-02,open,o7\n";
    site.import(&again);
    undo(&site, past(&site)[0].id).unwrap();
    assert_eq!(rows(&site), before);
}

#[actix_web::test]
async fn replaced_rows_come_back() {
    let site = TestSite::with_rows(&six());
    let other = "other".parse().unwrap();
    let elsewhere = six().replace("devops", "front-end");
    site.try_import(elsewhere, Profile::canonical(), |options| {
        options.source = Some(other);
    })
    .unwrap();
    let before = rows(&site);
    let new = (1..=8).fold(HEADER.to_owned(), |rows, n| {
        format!("{rows}n{n},devops,rust,senior,9000,2024-07-01,open,o{n}\n")
    });
    replacing(&site, &new);
    assert_eq!(offers_of(&site, "devops").await, json!([8, 8, 9000]));
    // Others add meanwhile.
    let other = "other".parse().unwrap();
    site.try_import(
        format!("{HEADER}late,front-end,,,6000,2024-07-01,open,late\n"),
        Profile::canonical(),
        |options| options.source = Some(other),
    )
    .unwrap();
    let (replacing_one, first) = (past(&site)[1].id, past(&site)[3].clone());
    assert!(matches!(
        hindered(undo(&site, first.id)),
        Hindrance::ReplacedBy(by) if by.id == replacing_one
    ));
    undo(&site, replacing_one).unwrap();
    let (mut people, mut received) = rows(&site);
    assert_eq!(people.pop().unwrap().2.as_deref(), Some("late"));
    assert_eq!(received.pop().unwrap().2.as_deref(), Some("late"));
    assert_eq!((people, received), before);
    assert_eq!(offers_of(&site, "devops").await, json!([6, 6, 3500]));
    // The first one stands again: its bytes are refused, and it can be undone.
    let again = site.try_import(six(), Profile::canonical(), |_| {});
    assert!(matches!(again, Err(ImportError::SameBytes { .. })));
    undo(&site, first.id).unwrap();
    site.get("/salaries/devops").await.assert_not_found();
}

#[actix_web::test]
async fn what_was_replaced_twice_is_kept_once() {
    let site = TestSite::with_rows(&six());
    replacing(&site, &six().replace("5-0", "6-0"));
    replacing(&site, &six().replace("5-0", "7-0"));
    let [last, middle, first] = <[_; 3]>::try_from(past(&site)).unwrap();
    assert_eq!(middle.journal, Journal::Forgotten);
    undo(&site, last.id).unwrap();
    assert_eq!(hindered(undo(&site, middle.id)), Hindrance::Forgotten);
    assert!(matches!(
        hindered(undo(&site, first.id)),
        Hindrance::ReplacedBy(_)
    ));
    let aside: (i64, i64) = site
        .db
        .read_newest_blocking(|conn| {
            Ok::<_, DbError>((
                replaced_candidates::table.count().get_result(conn)?,
                replaced_offers::table.count().get_result(conn)?,
            ))
        })
        .unwrap();
    assert_eq!(aside, (0, 0));
}

#[actix_web::test]
async fn what_a_later_import_or_a_hand_touched_is_not_undone_unseen() {
    let site = TestSite::with_rows(&six());
    let change = |salary: u32| format!("{HEADER}c1,devops,,,{salary},2024-06-01,open,o1\n");
    site.import(&change(1));
    site.import(&format!("{HEADER}c9,devops,,,9,2024-06-01,open,o9\n"));
    site.import(&change(2));
    let [last, apart, middle, first] = <[_; 4]>::try_from(past(&site)).unwrap();
    for touched in [&middle, &first] {
        let hindrance = hindered(undo(&site, touched.id));
        assert!(
            matches!(&hindrance, Hindrance::Later(by) if by.id == last.id),
            "{hindrance:?}"
        );
        assert!(hindrance.to_string().contains("undo that one first"));
    }
    // One that touched other rows is free.
    undo(&site, apart.id).unwrap();
    undo(&site, last.id).unwrap();
    undo(&site, middle.id).unwrap();
    let edited = rows(&site).0[0].0;
    site.db
        .write_blocking(|conn| {
            let now = chrono::Utc::now().naive_utc();
            history::note_edit(conn, CandidateId(edited), now).map_err(DbError::from)
        })
        .unwrap();
    assert_eq!(hindered(undo(&site, first.id)), Hindrance::Edited);
}

#[actix_web::test]
async fn keys_that_are_taken_again_are_not_taken_twice() {
    let site = TestSite::with_rows(&six());
    // o1 moves away from c1, who is gone with it; then c1 comes anew.
    site.import(&format!("{HEADER}c2,devops,,,1,2024-05-01,open,o1\n"));
    site.import(&format!("{HEADER}c1,devops,,,1,2024-05-01,open,again\n"));
    let before = rows(&site);
    let moving = past(&site)[1].id;
    assert_eq!(hindered(undo(&site, moving)), Hindrance::KeysTaken);
    assert_eq!(rows(&site), before);
}

#[actix_web::test]
async fn an_import_from_before_the_history_stays() {
    let site = TestSite::with_rows(&six());
    site.db
        .write_blocking(|conn| {
            diesel::update(imports::table)
                .set((
                    imports::journal.eq(Journal::Missing),
                    imports::first_candidate.eq(None::<CandidateId>),
                    imports::last_candidate.eq(None::<CandidateId>),
                ))
                .execute(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    assert_eq!(
        hindered(undo(&site, past(&site)[0].id)),
        Hindrance::TooEarly
    );
    assert_eq!(hindered(undo(&site, ImportId(99))), Hindrance::Unknown);
}

#[actix_web::test]
async fn an_import_that_is_broken_off_leaves_nothing() {
    let site = TestSite::with_rows(&six());
    let before = rows(&site);
    let many = (0..5_000).fold(HEADER.to_owned(), |rows, n| {
        format!("{rows}x{n},devops,linux,senior,9,2024-05-01,open,x{n}\n")
    });
    let options = Options {
        file: site.file("survey.csv", many),
        profile: Profile::canonical(),
        source: None,
        replace: true,
        dry_run: false,
        fallback_folder: site.folder().to_owned(),
    };
    for patience in [1, 4, 6] {
        let mut heard = 0;
        let occasion = import::Occasion {
            editor: None,
            file_name: None,
            progress: &mut |_| {
                heard += 1;
                if heard < patience {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            },
            recorded: &mut |_, _, _| panic!("it is not written"),
        };
        let broken_off = import::run_on(&site.db, &options, occasion);
        assert!(matches!(broken_off, Err(ImportError::Cancelled)));
        assert_eq!(rows(&site), before);
        assert_eq!(past(&site).len(), 1);
    }
}
