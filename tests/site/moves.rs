//! Subscribers of a role hear when it moves, and only then.

use chrono::{TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use payband::db::DbError;
use payband::editors::EditorRole;
use payband::schema::{interests, issues, letters, roles};

use crate::support::{Smtp, TestSite};

/// So many offers at about that salary, each of a candidate of its own.
fn rows(first: u32, count: u32, salary: u32) -> String {
    let mut csv = "candidate,role,salary,offered_on\n".to_owned();
    for number in first..first + count {
        csv.push_str(&format!(
            "c{number},devops,{},2026-05-{:02}\n",
            salary + number % 50,
            number % 28 + 1
        ));
    }
    csv
}

async fn look(site: &TestSite) {
    let postman = site.parts.postman.clone();
    actix_web::web::block(move || {
        postman.look_for_moves_blocking().unwrap();
        postman.send_due_blocking().unwrap();
    })
    .await
    .unwrap();
}

#[actix_web::test]
async fn a_mail_comes_when_the_median_leaves_its_interval_and_at_most_once_a_month() {
    let smtp = Smtp::start();
    let site = TestSite::with_rows(&rows(0, 60, 4000)).with_smtp(&smtp);
    site.db
        .write_blocking(|conn| {
            conn.batch_execute(
                "INSERT INTO subscribers (email, email_key, state, wants_issues, origin, created_at, consented_at) VALUES \
                 ('ada@example.org', 'ada@example.org', 'confirmed', FALSE, 'import', '2026-01-01 00:00:00', '2026-01-01 00:00:00'); \
                 INSERT INTO interests (subscriber_id, role_id) SELECT s.id, r.id FROM subscribers s, roles r",
            )
            .map_err(DbError::from)
        })
        .unwrap();
    look(&site).await;
    look(&site).await;
    assert!(smtp.received().is_empty());
    // A few more at the same pay move nothing.
    site.import(&rows(100, 5, 4000));
    look(&site).await;
    assert!(smtp.received().is_empty());
    site.import(&rows(200, 200, 6000));
    look(&site).await;
    let mail = smtp.only_to("ada@example.org");
    assert!(
        mail.text()
            .contains("The median salary expectation is $6,0"),
        "{}",
        mail.text()
    );
    assert!(mail.text().contains("There were 60."), "{}", mail.text());
    assert!(mail.text().contains("https://jobs.example/salaries/devops"));
    assert!(mail.header("List-Unsubscribe").is_some());
    // Within a month there is no other one, and then there is.
    site.import(&rows(1000, 2000, 9000));
    look(&site).await;
    assert_eq!(smtp.received().len(), 1);
    site.db
        .write_blocking(|conn| {
            let before = Utc::now().naive_utc() - TimeDelta::days(31);
            diesel::update(letters::table)
                .set(letters::created_at.eq(before))
                .execute(conn)?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    look(&site).await;
    assert_eq!(smtp.received().len(), 2);
    look(&site).await;
    assert_eq!(smtp.received().len(), 2);
}

#[actix_web::test]
async fn who_hears_of_a_merged_role_hears_of_what_it_became() {
    let rows = rows(0, 6, 4000);
    let site = TestSite::with_rows(&rows.replace("devops", "sre"));
    site.import(&rows);
    let role = |slug: &str| -> i64 {
        let found = site.db.read_newest_blocking(|conn| {
            let found = roles::table.filter(roles::slug.eq(slug));
            found.select(roles::id).first(conn).map_err(DbError::from)
        });
        found.unwrap()
    };
    let (from, into) = (role("sre"), role("devops"));
    site.db
        .write_blocking(|conn| {
            conn.batch_execute(&format!(
                "INSERT INTO subscribers (email, email_key, state, wants_issues, origin, created_at, consented_at) VALUES \
                 ('ada@example.org', 'ada@example.org', 'confirmed', FALSE, 'import', '2026-01-01 00:00:00', '2026-01-01 00:00:00'); \
                 INSERT INTO interests (subscriber_id, role_id) SELECT s.id, r.id FROM subscribers s, roles r; \
                 INSERT INTO issues (slug, title, summary, body, state, revision, role_id, created_at, updated_at, scheduled_at) \
                 VALUES ('hello', 'Hello', '', 'Text', 'scheduled', 1, {from}, '2026-01-01 00:00:00', '2026-01-01 00:00:00', \
                 '2030-01-01 00:00:00')"
            ))
            .map_err(DbError::from)
        })
        .unwrap();
    let admin = site.sign_in(EditorRole::Admin);
    admin
        .post(
            &format!("/admin/roles/{from}/merger"),
            &[("into", &into.to_string())],
        )
        .await
        .assert_status(303);
    let (of_reader, of_issue): (Vec<Option<i64>>, Vec<Option<i64>>) = site
        .db
        .read_newest_blocking(|conn| {
            Ok::<_, DbError>((
                interests::table.select(interests::role_id).load(conn)?,
                issues::table.select(issues::role_id).load(conn)?,
            ))
        })
        .unwrap();
    // It goes to those readers still, not to everybody.
    assert_eq!((of_reader, of_issue), (vec![Some(into)], vec![Some(into)]));
}
