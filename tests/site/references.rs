//! What rows name in other tables exists: refused or removed otherwise, whichever way a database keeps the rule.

use std::sync::mpsc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind;
use payband::db::{Conn, DbError};
use payband::schema::{candidates, offers};

use crate::support::{TestSite, on_postgres};

/// Two sources, two roles; candidate 1 of the first, 2 and 3 of the second, each with two offers.
const ROWS: &str = "
    INSERT INTO sources (id, slug, name, pay) VALUES (1, 'one', 'One', 'net'), (2, 'two', 'Two', 'net');
    INSERT INTO roles (id, slug, name, job_title) VALUES
        (1, 'qa', 'QA', 'Tester'), (2, 'devops', 'DevOps', 'DevOps Engineer'), (3, 'unused', 'Unused', 'Unused');
    INSERT INTO candidates (id, source_id, role_id) VALUES (1, 1, 1), (2, 2, 2), (3, 2, 2);
    INSERT INTO offers (candidate_id, number, source_id, monthly_usd, offered_on, status) VALUES
        (1, 1, 1, 900, '2024-01-01', 'open'), (1, 2, 1, 900, '2024-01-01', 'open'),
        (2, 1, 2, 900, '2024-01-01', 'open'), (2, 2, 2, 900, '2024-01-01', 'open'),
        (3, 1, 2, 900, '2024-01-01', 'open'), (3, 2, 2, 900, '2024-01-01', 'open');";

const ANOTHER_OFFER: &str =
    "INSERT INTO offers (candidate_id, number, source_id, monthly_usd, offered_on, status)
    VALUES (1, 3, 1, 900, '2024-01-01', 'open')";

fn site() -> TestSite {
    let site = TestSite::empty();
    change(&site, ROWS).unwrap();
    site
}

fn change(site: &TestSite, sql: &str) -> Result<(), DbError> {
    site.db
        .write_blocking(|conn| conn.batch_execute(sql).map_err(DbError::from))
}

/// The candidates, and for each offer the candidate that it names.
fn left(site: &TestSite) -> (Vec<i64>, Vec<i64>) {
    let left = site.db.read_newest_blocking(|conn| {
        let ids = candidates::table
            .select(candidates::id)
            .order(candidates::id);
        let named = offers::table
            .select(offers::candidate_id)
            .order(offers::candidate_id);
        Ok::<_, DbError>((ids.load(conn)?, named.load(conn)?))
    });
    left.unwrap()
}

const ALL: [&[i64]; 2] = [&[1, 2, 3], &[1, 1, 2, 2, 3, 3]];

#[test]
fn what_does_not_exist_cannot_be_named() {
    let site = site();
    for sql in [
        "INSERT INTO candidates (id, source_id, role_id) VALUES (4, 1, 1), (5, 9, 1), (6, 1, 1)",
        "INSERT INTO candidates (id, source_id, role_id) VALUES (4, 1, 1), (5, 1, 9), (6, 1, 1)",
        "UPDATE candidates SET source_id = 9 WHERE id = 2",
        "UPDATE candidates SET role_id = 9",
        "INSERT INTO offers (candidate_id, number, source_id, monthly_usd, offered_on, status)
         VALUES (1, 3, 1, 900, '2024-01-01', 'open'), (9, 1, 1, 900, '2024-01-01', 'open')",
        "UPDATE offers SET candidate_id = 9 WHERE candidate_id = 3",
        "UPDATE candidates SET id = 9 WHERE id = 3",
        "UPDATE roles SET id = 9 WHERE id = 2",
        "UPDATE sources SET id = 9 WHERE id = 2",
        "DELETE FROM roles WHERE id IN (2, 3)",
    ] {
        let refused = change(&site, sql);
        let Err(DbError::Query(diesel::result::Error::DatabaseError(kind, _))) = refused else {
            panic!("{sql}: {refused:?}");
        };
        // SQLite has another code for a role that is kept.
        assert!(
            matches!(kind, DatabaseErrorKind::ForeignKeyViolation) || !on_postgres(),
            "{sql}: {kind:?}"
        );
        assert_eq!(left(&site), (ALL[0].to_vec(), ALL[1].to_vec()), "{sql}");
    }
    if on_postgres() {
        assert!(change(&site, "TRUNCATE candidates").is_err());
    }
}

#[test]
fn what_is_removed_takes_along_what_belongs_to_it() {
    let site = site();
    change(&site, "DELETE FROM roles WHERE id = 3").unwrap();
    change(&site, "DELETE FROM candidates WHERE id = 3").unwrap();
    assert_eq!(left(&site), (vec![1, 2], vec![1, 1, 2, 2]));
    change(&site, "DELETE FROM sources WHERE id = 1").unwrap();
    assert_eq!(left(&site), (vec![2], vec![2, 2]));
    change(&site, "DELETE FROM sources; DELETE FROM roles").unwrap();
    assert_eq!(left(&site), (vec![], vec![]));
}

/// Runs one statement in a transaction that stays open while another one runs the other; how the other one ended.
fn meet(site: &TestSite, first: &str, second: &str) -> Result<(), DbError> {
    let (written, wait) = mpsc::channel();
    std::thread::scope(|scope| {
        let second = scope.spawn(move || {
            wait.recv().unwrap();
            change(site, second)
        });
        site.db
            .write_blocking(|conn| {
                conn.batch_execute(first)?;
                written.send(()).unwrap();
                until_somebody_waits(conn);
                Ok::<_, DbError>(())
            })
            .unwrap();
        second.join().unwrap()
    })
}

/// Waits until a statement of the same database waits for a lock. On `SQLite` the second writer waits from its beginning.
fn until_somebody_waits(conn: &mut Conn) {
    let Conn::Postgres(conn) = conn else {
        return;
    };
    // Not pg_stat_activity, of which a transaction goes on seeing what it saw first.
    let waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))";
    while diesel::sql_query(waiting).execute(conn).unwrap() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn two_transactions_that_meet_leave_nothing_without_an_owner() {
    let site = site();
    let removed = meet(&site, ANOTHER_OFFER, "DELETE FROM candidates WHERE id = 1");
    assert!(removed.is_ok(), "{removed:?}");
    assert_eq!(left(&site), (vec![2, 3], vec![2, 2, 3, 3]));
    let into_removed = meet(
        &site,
        "DELETE FROM candidates WHERE id = 2",
        "UPDATE offers SET candidate_id = 2, number = 9 WHERE candidate_id = 3 AND number = 1",
    );
    assert!(into_removed.is_err());
    assert_eq!(left(&site), (vec![3], vec![3, 3]));
    let kept = meet(
        &site,
        "INSERT INTO candidates (id, source_id, role_id) VALUES (7, 2, 3)",
        "DELETE FROM roles WHERE id = 3",
    );
    assert!(kept.is_err());
    let of_removed = meet(
        &site,
        "DELETE FROM sources WHERE id = 1",
        "INSERT INTO candidates (id, source_id, role_id) VALUES (8, 1, 1)",
    );
    assert!(of_removed.is_err());
    assert_eq!(left(&site), (vec![3, 7], vec![3, 3]));
}
