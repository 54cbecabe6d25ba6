//! The program itself: its exit codes, its sentences, and that a killed import leaves nothing behind.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{
    Database, TestSite, assert_fails, fetch, on_postgres, payband, serve, shared,
};

pub(crate) fn on(database: &Database) -> Command {
    payband(&database.url, database.folder.path())
}

const ROWS: &str = "role,salary,offered_on\ndevops,1000,2024-01-01\n";

#[test]
fn an_import_reports_in_words_and_as_json() {
    let database = Database::empty();
    let file = database.folder.path().join("offers.csv");
    std::fs::write(&file, format!("{ROWS}devops,x,2024-01-01\n,1,2024-01-01\n")).unwrap();
    let output = on(&database)
        .args(["import", "offers.csv", "--dry-run"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(
        words.contains("3 rows read = 1 accepted + 1 skipped + 1 rejected"),
        "{words}"
    );
    assert!(words.contains("line 3: salary: not a number"), "{words}");
    assert!(words.contains("offers.csv.rejected.csv"), "{words}");
    let output = on(&database)
        .args(["import", "offers.csv", "--json", "--source", "mine"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["source"], "mine");
    assert_eq!(report["rejected_rows"][0]["line"], 3);
    assert_eq!(report["written"]["offers_added"], 1);
}

#[test]
fn an_import_that_cannot_be_done_says_why_in_one_sentence() {
    let database = Database::empty();
    let folder = database.folder.path();
    std::fs::write(folder.join("offers.csv"), ROWS).unwrap();
    std::fs::write(
        folder.join("broken.csv"),
        "role,salary,offered_on\ndevops,\"1\n",
    )
    .unwrap();
    std::fs::write(folder.join("bad.toml"), "[source]\nslug = 1\n").unwrap();
    let run = |arguments: &[&str]| {
        on(&database)
            .arg("import")
            .args(arguments)
            .output()
            .unwrap()
    };
    assert_fails(&run(&["missing.csv"]), 1, "missing.csv: ");
    assert_fails(&run(&["."]), 1, "it is no plain file");
    assert_fails(&run(&["broken.csv"]), 1, "line 2, column 8: the quote");
    assert_fails(
        &run(&["offers.csv", "--profile", "bad.toml"]),
        1,
        "bad.toml cannot be used: line 2, column 8",
    );
    assert_fails(
        &run(&["offers.csv", "--profile", "none.toml"]),
        1,
        "none.toml: ",
    );
    assert_fails(
        &run(&["offers.csv", "--source", "My Source"]),
        2,
        "--source",
    );
    assert!(run(&["offers.csv"]).status.success());
    assert_fails(&run(&["offers.csv"]), 1, "--replace");
    assert!(run(&["offers.csv", "--replace"]).status.success());
    assert_eq!(run(&[]).status.code(), Some(2));
}

#[test]
fn a_wrong_setting_stops_the_start_with_a_sentence_that_names_it() {
    let database = Database::empty();
    for (name, value) in [
        ("PAYBAND_LISTEN", "nowhere"),
        ("PAYBAND_SITE_URL", "example.org"),
        ("PAYBAND_MIN_CANDIDATES", "few"),
        ("PAYBAND_SITE_NAME", " "),
        ("PAYBAND_CACHE_MB", "-1"),
        ("PAYBAND_LIVE_READERS", "many"),
        ("PAYBAND_WORKERS", "0"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "postgres://h/x?sslmode=full"),
        ("DATABASE_READ_URL", "replica.db"),
        ("PAYBAND_MEDIA_URL", "ftp://jobs/media"),
        ("PAYBAND_MEDIA_URL", "s3://"),
        ("RUST_LOG", "payband=loud"),
    ] {
        let output = on(&database)
            .arg("serve")
            .env(name, value)
            .output()
            .unwrap();
        assert_fails(&output, 2, name);
    }
}

#[test]
fn a_port_in_use_is_one_sentence() {
    let database = Database::empty();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = on(&database)
        .args(["serve", "--no-demo", "--listen", &address])
        .output()
        .unwrap();
    assert_fails(&output, 1, &format!("cannot listen on {address}"));
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    use diesel::connection::SimpleConnection;
    let site = TestSite::empty();
    site.db
        .write_blocking(|conn| {
            let newer =
                "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')";
            conn.batch_execute(newer)
                .map_err(payband::db::DbError::from)
        })
        .unwrap();
    let output = on(&site.database).args(["serve"]).output().unwrap();
    assert_fails(&output, 1, "written by a newer payband");
}

#[test]
fn a_database_that_cannot_be_opened_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("notes.txt"),
        "not a database, but long enough to look at ".repeat(40),
    )
    .unwrap();
    let run = |url: &str| {
        payband(url, folder.path())
            .args(["serve", "--no-demo"])
            .output()
            .unwrap()
    };
    assert_fails(&run("notes.txt"), 1, "cannot open the database notes.txt");
    assert_fails(
        &run("notes.txt/site.db"),
        1,
        "cannot create the folder notes.txt",
    );
    assert_fails(
        &run("/proc/payband/site.db"),
        1,
        "cannot create the folder /proc/payband",
    );
    assert_fails(
        &run("postgres://127.0.0.1:1/none"),
        1,
        "cannot open the database postgres://127.0.0.1:1/none",
    );
}

#[test]
fn the_first_start_loads_the_demo_and_the_next_one_keeps_what_is_there() {
    let database = Database::empty();
    let start = |arguments: &[&str]| {
        let (running, address) = serve(
            on(&database)
                .args(["serve", "--listen", "127.0.0.1:0"])
                .args(arguments),
        );
        let page = fetch(&address, "/salaries/back-end-web/django.json");
        drop(running);
        page
    };
    assert!(start(&["--no-demo"]).starts_with("HTTP/1.1 404"));
    assert!(start(&[]).contains("\"offers\":571,"));
    assert!(start(&[]).contains("\"median\":7707,"));
}

#[test]
fn a_killed_import_leaves_the_old_figures_and_can_be_run_again() {
    let site = TestSite::demo();
    let folder = site.folder();
    let mut rows = "candidate,role,technologies,salary,offered_on,offer\n".to_owned();
    for n in 0..400_000 {
        rows += &format!(
            "k{n},back-end-web,django,{},2024-12-0{},k{n}\n",
            1000 + n % 9000,
            1 + n % 9
        );
    }
    std::fs::write(folder.join("big.csv"), rows).unwrap();
    let figures = || {
        let (_running, address) =
            serve(on(&site.database).args(["serve", "--listen", "127.0.0.1:0"]));
        fetch(&address, "/salaries/back-end-web/django.json")
    };
    let mut import = on(&site.database)
        .args(["import", "big.csv"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Long enough to be in the middle of its rows, whatever the machine; it takes much longer to end.
    std::thread::sleep(Duration::from_secs(2));
    assert!(
        import.try_wait().unwrap().is_none(),
        "the import ended before it could be killed"
    );
    import.kill().unwrap();
    import.wait().unwrap();
    assert!(figures().contains("\"offers\":571,"));
    std::fs::write(
        folder.join("big.csv"),
        "candidate,role,technologies,salary,offered_on,offer\nk1,back-end-web,django,9000,2024-12-01,k1\n",
    )
    .unwrap();
    let output = on(&site.database)
        .args(["import", "big.csv"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(figures().contains("\"offers\":572,"));
}

#[test]
fn the_real_files_are_imported_by_the_command_unchanged() {
    let database = Database::empty();
    for name in ["dou-2024-12", "aijobs-2020-2024"] {
        let (Some(csv), Some(profile)) = (
            shared(&format!("data/{name}.csv")),
            shared(&format!("data/{name}.toml")),
        ) else {
            return;
        };
        // A copy, so that the rejected rows stand beside it.
        let copy = database.folder.path().join(format!("{name}.csv"));
        std::fs::copy(csv, &copy).unwrap();
        let output = on(&database)
            .args(["import", "--json", "--profile"])
            .arg(profile)
            .arg(&copy)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let count = |name: &str| report[name].as_u64().unwrap();
        assert_eq!(
            count("rows_read"),
            count("accepted") + count("skipped") + count("rejected")
        );
    }
}

#[test]
fn the_demo_command_takes_a_size_and_a_seed() {
    let database = Database::empty();
    let output = on(&database)
        .args(["demo", "--offers", "3000", "--seed", "7"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let again = on(&database)
        .args(["demo", "--offers", "2000"])
        .output()
        .unwrap();
    assert!(
        again.status.success(),
        "{}",
        String::from_utf8_lossy(&again.stderr)
    );
    let (_running, address) = serve(on(&database).args(["serve", "--listen", "127.0.0.1:0"]));
    assert!(fetch(&address, "/salaries/back-end-web.json").contains("\"suppressed\":false"));
    assert!(fetch(&address, "/articles").contains("Django alternatives"));
}

#[test]
fn a_read_only_database_is_one_sentence() {
    if on_postgres() {
        return;
    }
    // An administrator may write anywhere, so the file is made unwritable by standing where no file can grow.
    let folder = tempfile::tempdir().unwrap();
    let output = payband("/dev/full", folder.path())
        .args(["serve", "--no-demo"])
        .output()
        .unwrap();
    assert_fails(&output, 1, "/dev/full");
}

#[test]
fn an_export_can_be_imported_again_and_gives_the_same_figures() {
    let site = TestSite::demo();
    let output = on(&site.database).args(["export", "out"]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let out = site.folder().join("out");
    let article = std::fs::read_to_string(out.join("articles/django-alternatives.md")).unwrap();
    assert!(article.starts_with("+++\ntitle = "), "{article}");
    let copy = Database::empty();
    for source in ["demo-marketplace", "demo-survey"] {
        let output = on(&copy)
            .arg("import")
            .arg(out.join(format!("offers/{source}.csv")))
            .arg("--profile")
            .arg(out.join(format!("offers/{source}.toml")))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let pages = |database: &Database| {
        let (_running, address) =
            serve(on(database).args(["serve", "--no-demo", "--listen", "127.0.0.1:0"]));
        ["back-end-web/django", "devops", "front-end"].map(|path| {
            let answer = fetch(&address, &format!("/salaries/{path}.json"));
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            serde_json::from_str::<serde_json::Value>(body).unwrap()
        })
    };
    assert_eq!(pages(&site.database), pages(&copy));
}

#[test]
fn verify_proves_the_figures_and_fails_where_one_differs() {
    use diesel::connection::SimpleConnection;
    let site = TestSite::demo();
    let output = on(&site.database).arg("verify").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("all are as kept"), "{text}");
    site.db
        .write_blocking(|conn| {
            let tamper = "UPDATE offers SET status = 'accepted' WHERE candidate_id < 4";
            conn.batch_execute(tamper)
                .map_err(payband::db::DbError::from)
        })
        .unwrap();
    let output = on(&site.database).arg("verify").output().unwrap();
    assert_fails(&output, 1, "not as kept");
}
