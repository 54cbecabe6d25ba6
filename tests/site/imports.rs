//! The importer, on real files and through the whole site.

use std::sync::mpsc;
use std::thread;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use payband::db::{Conn, DbError};
use payband::import::{ImportError, Profile, Report};
use serde_json::json;

use crate::support::TestSite;

const HEADER: &str = "candidate,role,technologies,seniority,salary,offered_on,status,offer\n";

async fn offers(site: &TestSite, path: &str) -> serde_json::Value {
    let page = site
        .get(&format!("/salaries/{path}.json"))
        .await
        .assert_ok()
        .json();
    json!([page["offers"], page["candidates"], page["median"]])
}

fn adds_up(report: &Report) {
    assert_eq!(
        report.rows_read,
        report.accepted + report.skipped + report.rejected
    );
}

/// Six candidates with an offer each, keyed.
fn six() -> String {
    (1..=6).fold(HEADER.to_owned(), |rows, n| {
        format!(
            "{rows}c{n},devops,linux,senior,{},2024-05-0{n},open,o{n}\n",
            1000 * n
        )
    })
}

#[actix_web::test]
async fn a_row_is_accepted_skipped_or_rejected_and_the_rejected_ones_are_listed() {
    let site = TestSite::empty();
    let report = site.import(&format!(
        "{HEADER}c1,devops,linux,senior,4000,2024-05-01,open,o1\n\
         ,,,,4000,2024-05-01,,\n\
         c2,devops,linux,boss,4000,2024-05-01,open,o2\n\
         c3,devops,linux,senior,0,2024-05-01,open,o3\n\
         c4,devops,linux,senior,4000,2024-05-01\n\
         c5,devops,,,,,,\n"
    ));
    adds_up(&report);
    assert_eq!(
        (
            report.rows_read,
            report.accepted,
            report.skipped,
            report.rejected
        ),
        (6, 2, 1, 3)
    );
    let rejected = std::fs::read_to_string(report.rejected_file.unwrap()).unwrap();
    let lines: Vec<&str> = rejected.lines().collect();
    assert_eq!(
        lines[0].trim_start_matches('\u{feff}'),
        "line,column,reason,candidate,role,technologies,seniority,salary,offered_on,status,offer"
    );
    assert!(lines[1].starts_with("4,seniority,"), "{}", lines[1]);
    assert!(lines[2].starts_with("5,salary,"), "{}", lines[2]);
    assert!(lines[3].starts_with("6,,"), "{}", lines[3]);
    assert_eq!(lines.len(), 4);
}

#[actix_web::test]
async fn the_mended_file_of_rejected_rows_can_be_imported_and_then_is_gone() {
    let site = TestSite::with_rows(&six());
    let broken = format!("{HEADER}c7,devops,linux,senior,7k,2024-05-07,open,o7\n");
    let report = site.import(&broken);
    let path = report.rejected_file.unwrap();
    let mended = std::fs::read_to_string(&path)
        .unwrap()
        .replace("7k", "7000");
    let report = site.import(&mended);
    assert_eq!((report.accepted, report.rejected), (1, 0));
    assert!(!path.exists());
    assert_eq!(offers(&site, "devops").await, json!([7, 7, 4000]));
}

#[actix_web::test]
async fn a_known_offer_is_updated() {
    let site = TestSite::with_rows(&six());
    let report = site.import(&format!(
        "{HEADER}c1,devops,,expert,9000,2024-06-01,open,o1\n"
    ));
    assert_eq!(
        (report.written.offers_added, report.written.offers_updated),
        (0, 1)
    );
    assert_eq!(report.written.candidates_updated, 1);
    assert_eq!(offers(&site, "devops").await, json!([6, 6, 4500]));
    // What the row left open stayed: the candidate still knows Linux.
    assert_eq!(offers(&site, "devops/linux").await, json!([6, 6, 4500]));
    // Also within one file, and without naming the candidate.
    let report = site.import(&format!(
        "{HEADER},devops,,,100,2024-06-01,open,new\n,devops,,,200,2024-06-01,open,new\nc1,devops,,,300,2024-06-02,rejected,o1\n"
    ));
    assert_eq!(
        (report.written.offers_added, report.written.offers_updated),
        (1, 2)
    );
    assert_eq!(offers(&site, "devops").await, json!([6, 7, 3500]));
}

#[actix_web::test]
async fn an_offer_that_moves_to_another_candidate_leaves_nobody_behind() {
    let site = TestSite::with_rows(&six());
    site.import(&format!(
        "{HEADER}c6,devops,linux,senior,1000,2024-05-01,open,o1\n"
    ));
    assert_eq!(offers(&site, "devops").await, json!([6, 5, 3500]));
}

#[actix_web::test]
async fn a_candidate_of_several_rows_is_one() {
    let mut rows = six();
    rows += "c1,devops,linux,senior,1000,2024-05-09,open,o7\nc1,devops,linux,senior,,,,\n";
    let site = TestSite::with_rows(&rows);
    assert_eq!(offers(&site, "devops").await, json!([7, 6, 3000]));
    // In another role the same key is another candidate.
    let report = site.import(&format!("{HEADER}c1,front-end,,,1,2024-05-01,open,o8\n"));
    assert_eq!(report.written.candidates_added, 1);
}

#[actix_web::test]
async fn the_same_bytes_are_refused_unless_they_replace() {
    let site = TestSite::with_rows(&six());
    let again = site.try_import(six(), Profile::canonical(), |_| {});
    assert!(
        matches!(again, Err(ImportError::SameBytes { .. })),
        "{again:?}"
    );
    assert_eq!(offers(&site, "devops").await, json!([6, 6, 3500]));
    site.try_import(six(), Profile::canonical(), |options| {
        options.replace = true;
    })
    .unwrap();
    assert_eq!(offers(&site, "devops").await, json!([6, 6, 3500]));
    // In another source they are welcome.
    let other = "other".parse().unwrap();
    site.try_import(six(), Profile::canonical(), |options| {
        options.source = Some(other);
    })
    .unwrap();
    assert_eq!(offers(&site, "devops").await, json!([12, 12, 3500]));
}

#[actix_web::test]
async fn replacing_swaps_the_source_s_rows_and_no_others() {
    let site = TestSite::with_rows(&six());
    let other = "other".parse().unwrap();
    let rows = six().replace("devops", "front-end");
    site.try_import(rows, Profile::canonical(), |options| {
        options.source = Some(other);
    })
    .unwrap();
    let new = format!("{HEADER}c9,devops,,,5000,2024-07-01,open,o9\n").repeat(1);
    site.try_import(new, Profile::canonical(), |options| options.replace = true)
        .unwrap();
    let page = site.get("/salaries/devops.json").await.json();
    assert_eq!(page["suppressed"], json!(true));
    assert_eq!(offers(&site, "front-end").await, json!([6, 6, 3500]));
    // The first file's bytes are no longer in the source, so it may come back.
    site.import(&six());
    assert_eq!(offers(&site, "devops").await, json!([7, 7, 4000]));
}

#[actix_web::test]
async fn a_dry_run_reports_and_writes_nothing() {
    let site = TestSite::empty();
    let report = site
        .try_import(six(), Profile::canonical(), |options| {
            options.dry_run = true;
        })
        .unwrap();
    assert!(report.dry_run);
    assert_eq!((report.accepted, report.written.offers_added), (6, 6));
    assert_eq!(report.written.new_roles, ["devops"]);
    site.get("/salaries/devops").await.assert_not_found();
    // It does not count as an import of these bytes.
    site.import(&six());
}

#[actix_web::test]
async fn a_file_that_breaks_off_leaves_everything_as_it_was() {
    let site = TestSite::with_rows(&six());
    let many = (0..3000).fold(HEADER.to_owned(), |rows, n| {
        format!("{rows}x{n},devops,linux,senior,bad,2024-05-01,open,x{n}\ny{n},devops,linux,senior,9,2024-05-01,open,y{n}\n")
    });
    for (broken, message) in [
        (
            format!("{many}c7,\"devops,linux\n"),
            "line 6002, column 4: the quote that opens here is never closed",
        ),
        (
            format!("{many}\"c7\"x,devops\n"),
            "line 6002, column 5: text after a closing quote",
        ),
        (format!("{many}c7,\0\n"), "line 6002, column 4: a NUL"),
        (
            "role,pay\ndevops,1\n".to_owned(),
            "line 1: there is no column \u{201c}salary\u{201d}",
        ),
        (String::new(), "line 1: the file is empty"),
    ] {
        let error = site
            .try_import(broken, Profile::canonical(), |_| {})
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    let mut latin = format!("{HEADER}c7,devops,").into_bytes();
    latin.extend([0xE9, b',']);
    let error = site
        .try_import(latin, Profile::canonical(), |_| {})
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 2, column 11: these bytes are not UTF-8"),
        "{error}"
    );
    assert_eq!(offers(&site, "devops").await, json!([6, 6, 3500]));
    assert!(!site.folder().join("survey.csv.rejected.csv").exists());
}

#[actix_web::test]
async fn a_profile_reads_another_encoding_delimiter_and_language() {
    let site = TestSite::empty();
    let profile: Profile = "[source]\nslug='enquete'\nname='Enqu\u{ea}te'\npay='net'\n\
         [file]\nencoding='windows-1252'\ndelimiter=';'\n\
         [columns]\nrole='M\u{e9}tier'\nsalary='Salaire'\noffered_on='Le'\nseniority='Niveau'\n\
         [constants]\ncountry='FR'\n[salary]\ncurrency='EUR'\nperiod='year'\n[rates]\nEUR='1.2'\n\
         [date]\nformat='%d/%m/%Y'\n[values.role]\n'D\u{e9}veloppeur'='back-end-web'\n[values.seniority]\n'Exp\u{e9}riment\u{e9}'='senior'"
        .parse()
        .unwrap();
    let row = "D\u{e9}veloppeur;50000;31/12/2023;Exp\u{e9}riment\u{e9}\nBoulanger;1;31/12/2023;x\n";
    let text = format!("M\u{e9}tier;Salaire;Le;Niveau\n{}", row.repeat(5));
    let bytes: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(letter).unwrap())
        .collect();
    let report = site.try_import(bytes, profile, |_| {}).unwrap();
    assert_eq!(
        (report.accepted, report.skipped, report.rejected),
        (5, 5, 0)
    );
    let page = site
        .get("/salaries/back-end-web.json?seniority=senior&country=FR")
        .await
        .assert_ok()
        .json();
    assert_eq!(page["median"], json!(5000));
    assert_eq!(page["sources"][0]["name"], json!("Enqu\u{ea}te"));
}

#[actix_web::test]
async fn a_profile_of_the_other_pay_is_refused() {
    let site = TestSite::with_rows(&six());
    let net: Profile = "[source]\nslug='survey'\npay='net'\n[columns]\nrole='role'\nsalary='salary'\noffered_on='offered_on'"
        .parse()
        .unwrap();
    let error = site.try_import(six(), net, |_| {}).unwrap_err();
    assert!(error.to_string().contains("holds gross pay"), "{error}");
}

#[actix_web::test]
async fn figures_follow_an_import_on_the_next_request() {
    let site = TestSite::with_rows(&six());
    assert_eq!(offers(&site, "devops").await, json!([6, 6, 3500]));
    site.import(&format!(
        "{HEADER}c7,devops,linux,senior,7000,2024-06-01,open,o7\n"
    ));
    assert_eq!(offers(&site, "devops").await, json!([7, 7, 4000]));
}

#[actix_web::test]
async fn columns_stand_in_any_order_and_others_are_passed_over() {
    let site = TestSite::empty();
    let rows =
        "mood,offered_on,salary , role\n".to_owned() + &"good,2024-01-01,2000,devops\n".repeat(5);
    let report = site.import(&rows);
    assert_eq!((report.accepted, report.rejected), (5, 0));
    assert_eq!(offers(&site, "devops").await, json!([5, 5, 2000]));
}

#[actix_web::test]
async fn rejected_rows_name_their_lines_whatever_ends_them() {
    let site = TestSite::empty();
    let report = site.import(
        "role,salary,offered_on\r\ndevops,x,2024-01-01\r\n\r\n\"devops\",\"1\r\n\",2024-01-01\r\n\r\ndevops,x,2024-01-01\n",
    );
    let lines: Vec<u64> = report.rejected_rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 7]);
}

#[actix_web::test]
async fn mended_rows_of_another_form_go_back_the_way_they_came() {
    let profile = || -> Profile {
        "[source]\nslug='s'\npay='net'\n[file]\nencoding='windows-1251'\ndelimiter=';'\n[columns]\nrole='role'\n\
         salary='pay'\noffered_on='on'"
            .parse()
            .unwrap()
    };
    let site = TestSite::empty();
    let report = site
        .try_import("role;pay;on\ndevops;bad;2024-01-01\n", profile(), |_| {})
        .unwrap();
    let rejected = report.rejected_file.unwrap();
    let mended = std::fs::read_to_string(&rejected)
        .unwrap()
        .replace("bad", "4000");
    std::fs::write(&rejected, mended).unwrap();
    let again = site
        .try_import("", profile(), |options| options.file = rejected.clone())
        .unwrap();
    assert_eq!((again.accepted, again.rejected), (1, 0));
    // In the canonical form too, the source is that of the first file.
    let report = site.import("role,salary,offered_on\ndevops,bad,2024-01-01\n");
    let rejected = report.rejected_file.unwrap();
    let mended = std::fs::read_to_string(&rejected)
        .unwrap()
        .replace("bad", "4000");
    std::fs::write(&rejected, mended).unwrap();
    let again = site
        .try_import("", Profile::canonical(), |options| options.file = rejected)
        .unwrap();
    assert_eq!(again.source, "survey");
}

#[actix_web::test]
async fn a_dry_run_or_a_broken_file_leaves_earlier_rejected_rows_alone() {
    let site = TestSite::empty();
    let report = site.import("role,salary,offered_on\ndevops,bad,2024-01-01\n");
    let rejected = report.rejected_file.unwrap();
    let good = "role,salary,offered_on\ndevops,1,2024-01-01\n";
    site.try_import(good, Profile::canonical(), |options| options.dry_run = true)
        .unwrap();
    assert!(rejected.exists());
    let broken = format!("{good}devops,bad,2024-01-01\ndevops,\"1,\n");
    site.try_import(broken, Profile::canonical(), |_| {})
        .unwrap_err();
    assert!(
        std::fs::read_to_string(&rejected)
            .unwrap()
            .contains("2,salary")
    );
    site.import(good);
    assert!(!rejected.exists());
}

#[actix_web::test]
async fn a_candidate_is_known_only_from_an_earlier_import() {
    let rows = |filler: u32| {
        let mut rows = format!("{HEADER}a,devops,,,1,2024-05-01,open,a1\n");
        for n in 0..filler {
            rows += &format!("f{n},devops,,,1,2024-05-01,open,f{n}\n");
        }
        rows + "a,devops,,,1,2024-05-02,open,a2\n"
    };
    for filler in [1, 1200] {
        let report = TestSite::empty().import(&rows(filler));
        assert_eq!(report.written.candidates_updated, 0, "{filler}");
        assert_eq!(report.written.candidates_added, u64::from(filler) + 1);
    }
}

/// More rows than are written at a time, each of a candidate of its own with an offer of its own.
fn many(rows: impl Iterator<Item = u32>) -> String {
    rows.fold(String::new(), |rows, n| {
        rows + &format!("m{n},devops,linux,middle,4000,2024-05-01,open,mo{n}\n")
    })
}

async fn of_level(site: &TestSite, level: &str) -> serde_json::Value {
    let page = site
        .get(&format!("/salaries/devops.json?seniority={level}"))
        .await;
    page.assert_ok().json()["candidates"].clone()
}

#[actix_web::test]
async fn the_last_row_of_a_candidate_counts_wherever_rows_before_it_stand() {
    let site = TestSite::empty();
    let far_apart = 1..=30_000;
    let five = |level: &str, offer: &str| {
        (1..=5).fold(String::new(), |rows, n| {
            format!("{rows}c{n},devops,linux,{level},4000,2024-05-01,open,{offer}{n}\n")
        })
    };
    site.import(&format!(
        "{HEADER}{}{}{}",
        five("junior", "early"),
        many(far_apart.clone()),
        five("expert", "late"),
    ));
    assert_eq!(of_level(&site, "expert").await, 5);
    assert_eq!(of_level(&site, "middle").await, 30_000);
    // Of three rows in a row, the one in the middle names an offer that came long before.
    let three = |n: u32| {
        format!(
            "d{n},devops,linux,junior,4000,2024-05-01,open,first{n}\n\
             d{n},devops,linux,senior,4000,2024-05-01,open,mo{n}\n\
             d{n},devops,linux,expert,4000,2024-05-01,open,third{n}\n"
        )
    };
    let site = TestSite::empty();
    site.import(&format!(
        "{HEADER}{}{}",
        many(far_apart),
        (1..=5).map(three).collect::<String>()
    ));
    assert_eq!(of_level(&site, "expert").await, 5);
    assert_eq!(site.verified().differences, Vec::<String>::new());
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    definition: String,
}

/// The indexes of candidates and offers.
fn indexes(site: &TestSite) -> Vec<String> {
    let found = site.db.read_blocking(|conn| {
        let found: QueryResult<Vec<Index>> = match conn {
            Conn::Sqlite(conn) => sql_query(
                "SELECT coalesce(sql, name) AS definition FROM sqlite_master
                WHERE type = 'index' AND tbl_name IN ('candidates', 'offers') ORDER BY name",
            )
            .load(conn),
            Conn::Postgres(conn) => sql_query(
                "SELECT indexdef || coalesce((SELECT contype::text FROM pg_constraint WHERE conname = indexname), '') AS definition
                FROM pg_indexes WHERE tablename IN ('candidates', 'offers') ORDER BY indexname",
            )
            .load(conn),
        };
        found.map_err(DbError::from)
    });
    found
        .unwrap()
        .into_iter()
        .map(|index| index.definition)
        .collect()
}

#[actix_web::test]
async fn the_first_import_leaves_every_index_in_place() {
    let site = TestSite::empty();
    let before = indexes(&site);
    assert!(before.len() >= 3, "{before:?}");
    site.import(&six());
    assert_eq!(indexes(&site), before);
    assert_eq!(offers(&site, "devops").await, json!([6, 6, 3500]));
    assert_eq!(site.verified().differences, Vec::<String>::new());
}

#[actix_web::test]
async fn the_first_import_does_not_wait_for_those_who_read() {
    let site = TestSite::empty();
    let before = indexes(&site);
    let (read, reading) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let db = site.db.clone();
    let reader = thread::spawn(move || {
        db.read_newest_blocking(|conn| {
            let candidates = payband::schema::candidates::table.count();
            let candidates: i64 = candidates.get_result(conn)?;
            read.send(candidates).unwrap();
            // Ends when the import has ended.
            let _ = ended.recv();
            Ok::<_, DbError>(())
        })
    });
    assert_eq!(reading.recv(), Ok(0));
    site.import(&six());
    drop(end);
    reader.join().unwrap().unwrap();
    assert_eq!(indexes(&site), before);
    assert_eq!(offers(&site, "devops").await, json!([6, 6, 3500]));
}

#[actix_web::test]
async fn names_that_turn_up_one_after_the_other_are_all_there() {
    let site = TestSite::empty();
    let file = (0..4_500).fold(HEADER.to_owned(), |rows, n| {
        let (role, technology) = (n / 1_500, n / 50);
        let other = technology / 2;
        let names = format!("role-{role},first;t{technology};t{other}");
        rows + &format!("c{n},{names},middle,4000,2024-05-01,open,\n")
    });
    let report = site.import(&file);
    assert_eq!(report.written.new_roles, ["role-0", "role-1", "role-2"]);
    assert_eq!(report.written.new_technologies.len(), 91);
    assert_eq!(offers(&site, "role-1").await, json!([1500, 1500, 4000]));
    assert_eq!(
        offers(&site, "role-1/first").await,
        json!([1500, 1500, 4000])
    );
    assert_eq!(offers(&site, "role-1/t31").await, json!([50, 50, 4000]));
    assert_eq!(offers(&site, "role-0/t3").await, json!([150, 150, 4000]));
    // The next ones get keys that nobody has.
    for new in [3, 4] {
        let five = (0..5).fold(HEADER.to_owned(), |rows, n| {
            rows + &format!("d{new}-{n},role-{new},new-{new},middle,4000,2024-05-01,open,\n")
        });
        site.import(&five);
        let path = format!("role-{new}/new-{new}");
        assert_eq!(offers(&site, &path).await, json!([5, 5, 4000]));
    }
    assert_eq!(site.verified().differences, Vec::<String>::new());
}

/// Rows that are written already are found again, though their indexes are put off on `PostgreSQL`.
#[actix_web::test]
async fn the_first_import_may_come_back_to_rows_that_are_written() {
    let many = (0..20_000).fold(HEADER.to_owned(), |rows, n| {
        rows + &format!("c{n},devops,linux,senior,4000,2024-05-01,open,o{n}\n")
    });
    let cases = [
        // Another offer of a candidate; the same offer at another salary; an offer that was another candidate's only one.
        (
            "c7,devops,linux,senior,5000,2024-05-02,open,another\n",
            (20_001, 20_000),
        ),
        (
            "c7,devops,linux,senior,5000,2024-05-02,open,o7\n",
            (20_000, 20_000),
        ),
        (
            "c7,devops,linux,senior,4000,2024-05-01,open,o8\n",
            (20_000, 19_999),
        ),
    ];
    for (later, (counted, candidates)) in cases {
        let site = TestSite::empty();
        let before = indexes(&site);
        let report = site.import(&format!("{many}{later}"));
        assert_eq!(report.accepted, 20_001, "{later}");
        assert_eq!(indexes(&site), before, "{later}");
        assert_eq!(
            offers(&site, "devops").await,
            json!([counted, candidates, 4000]),
            "{later}"
        );
        assert_eq!(site.verified().differences, Vec::<String>::new(), "{later}");
    }
}
