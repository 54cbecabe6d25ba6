//! Several instances on one database.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use payband::db::{Db, DbError};

use crate::support::{Database, Running, eventually, fetch, payband, serve, serve_with_log};

/// A log of an instance, in the database's folder.
fn log(database: &Database, name: &str) -> PathBuf {
    database.folder.path().join(name)
}

/// Starts an instance that logs there.
fn start(database: &Database, name: &str) -> (Running, String) {
    serve_with_log(
        payband(&database.url, database.folder.path()).args(["serve", "--listen", "127.0.0.1:0"]),
        File::create(log(database, name)).unwrap(),
    )
}

#[test]
fn two_that_start_together_on_nothing_both_come_up_and_load_the_demo_once() {
    let database = Database::bare();
    let names = ["one", "two", "three"];
    let started = std::thread::scope(|scope| {
        let starting = names.map(|name| {
            let database = &database;
            scope.spawn(move || start(database, name))
        });
        starting.map(|instance| instance.join().ok())
    });
    let logs = names.map(|name| std::fs::read_to_string(log(&database, name)).unwrap());
    for (_running, address) in
        started.map(|instance| instance.unwrap_or_else(|| panic!("{logs:?}")))
    {
        let page = fetch(&address, "/salaries/back-end-web/django.json");
        assert!(page.contains("\"offers\":571,"), "{page}");
        assert!(fetch(&address, "/readyz").starts_with("HTTP/1.1 200"));
    }
    for text in &logs {
        assert!(!text.contains("ERROR") && !text.contains("WARN"), "{text}");
    }
    let loaded = logs.iter().filter(|text| text.contains("loading the demo"));
    assert_eq!(loaded.count(), 1, "{logs:?}");
}

#[test]
fn one_that_dies_at_its_work_lets_the_next_one_do_it() {
    let database = Database::empty();
    let first = payband(&database.url, database.folder.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(File::create(log(&database, "first")).unwrap())
        .spawn()
        .unwrap();
    let first = Running(first);
    eventually(|| {
        std::fs::read_to_string(log(&database, "first"))
            .unwrap()
            .contains("loading the demo")
    });
    drop(first);
    let (_running, address) = serve(payband(&database.url, database.folder.path()).args([
        "serve",
        "--listen",
        "127.0.0.1:0",
    ]));
    let page = fetch(&address, "/salaries/back-end-web/django.json");
    assert!(page.contains("\"offers\":571,"), "{page}");
}

#[test]
fn work_of_one_name_is_done_by_one_at_a_time() {
    let database = Database::empty();
    let (inside, done) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let db = Db::open(&database.url.parse().unwrap()).unwrap();
                for _ in 0..10 {
                    db.alone("counting", || {
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        done.fetch_add(1, Ordering::SeqCst);
                        Ok::<_, DbError>(())
                    })
                    .unwrap();
                }
            });
        }
    });
    assert_eq!(done.into_inner(), 40);
}

#[test]
fn work_of_another_name_does_not_wait() {
    let database = Database::empty();
    let db = Db::open(&database.url.parse().unwrap()).unwrap();
    let inner = db.alone("outer work", || {
        db.alone("inner work", || Ok::<_, DbError>("done"))
    });
    assert_eq!(inner.unwrap(), "done");
}
