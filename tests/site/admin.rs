//! The admin's frame.

use actix_web::http::Method;
use chrono::{Days, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use payband::articles::writing::{self, Hand};
use payband::articles::{Content, Kind, Publication, State};
use payband::db::DbError;
use payband::editors::EditorRole;
use payband::editors::log::{self, Thing};
use payband::ids::{ArticleId, RoleId, TechnologyId};
use payband::schema::editors;
use payband::slug::Slug;

use crate::support::{TestSite, on_postgres};

#[actix_web::test]
async fn strangers_see_nothing_of_it() {
    let site = TestSite::empty();
    for address in [
        "/admin",
        "/admin/",
        "/Admin",
        "/admin/articles/7",
        "/admin/no-such-page",
    ] {
        let page = site.get(address).await.assert_status(303);
        let to = page.header("location").unwrap();
        assert!(to.starts_with("/admin/sign-in?to=%2Fadmin"), "{to}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("x-robots-tag"), Some("noindex"));
    }
    let json = [("accept", "application/json")];
    let answer = site
        .send(Method::POST, "/admin/articles/7/working-copy", &json)
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[actix_web::test]
async fn every_editor_finds_their_way() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    let page = editor
        .get("/admin")
        .await
        .assert_ok()
        .assert_shows("<meta name=\"robots\" content=\"noindex\">")
        .assert_shows(&editor.editor().name)
        .assert_does_not_show("href=\"/admin/accounts\"");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    editor
        .get("/admin/no-such-page")
        .await
        .assert_not_found()
        .assert_shows("Back to the admin");
    let admin = site.sign_in(EditorRole::Admin);
    admin
        .get("/admin")
        .await
        .assert_ok()
        .assert_shows("href=\"/admin/accounts\"");
}

#[actix_web::test]
async fn public_pages_know_no_session_and_set_no_cookie() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Admin);
    for address in ["/", "/salaries", "/articles", "/no-such-page"] {
        let page = editor.get(address).await;
        assert_eq!(page.header("set-cookie"), None);
        assert!(!page.body.contains(&editor.editor().name));
    }
}

/// An article of that title, attached to nothing.
fn article(title: &str, body: &str) -> Content {
    Content {
        slug: Slug::from_text(title).unwrap(),
        title: title.to_owned(),
        seo_title: String::new(),
        kind: Kind::Guide,
        role_id: None,
        technology_id: None,
        position: 0,
        author: "Ada".to_owned(),
        summary: "A summary.".to_owned(),
        description: "A description.".to_owned(),
        body: body.to_owned(),
        cover_image_id: None,
    }
}

fn write(site: &TestSite, content: Content, state: State, published_at: Option<NaiveDateTime>) {
    let publication = Publication {
        state,
        published_at,
    };
    let hand = Hand::own(writing::now());
    site.db
        .write_blocking(|conn| {
            writing::create(conn, hand, content, publication, None).map_err(DbError::from)
        })
        .unwrap();
}

#[actix_web::test]
async fn an_empty_dashboard_says_what_to_do() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .get("/admin")
        .await
        .assert_ok()
        .assert_shows_in_order(&[
            "Nothing is unfinished.",
            "Nothing is waiting for its time.",
            "agrees with the offers.",
            "Every role has an article.",
            "No offers have been imported.",
            "Nothing has been changed yet.",
        ]);
}

#[actix_web::test]
async fn the_dashboard_lists_what_there_is_to_do() {
    let site = TestSite::demo();
    let now = writing::now();
    write(&site, article("A draft", "Text"), State::Draft, None);
    let tomorrow = now + TimeDelta::days(1) + TimeDelta::minutes(5);
    write(
        &site,
        article("Tomorrow", "Text"),
        State::Scheduled,
        Some(tomorrow),
    );
    let role = site.db.read_blocking(|conn| {
        let mut roles = payband::market::queries::roles(conn)?.into_iter();
        Ok::<_, DbError>(roles.find(|role| role.slug.to_string() == "back-end-web"))
    });
    let wrong = Content {
        role_id: Some(role.unwrap().unwrap().id),
        ..article(
            "Old amounts",
            "The median salary of a Back-End Web developer is $9,900 a month.",
        )
    };
    write(&site, wrong, State::Published, Some(now));
    site.import("candidate,role,salary,offered_on\na,devops,4000,2024-12-05\n");
    let admin = site.sign_in(EditorRole::Admin);
    let invitation = [
        ("name", "Bob"),
        ("email", "bob@jobs.example"),
        ("role", "editor"),
    ];
    admin.post("/admin/accounts", &invitation).await.assert_ok();
    let page = admin
        .get("/admin")
        .await
        .assert_ok()
        .assert_shows_in_order(&[
            "A draft",
            "Tomorrow",
            "in 1 day",
            "Old amounts",
            "1 amount",
            "Write one",
            "survey.csv",
            "1 of 1 rows taken",
            "A command imported the import",
            "survey.csv",
        ]);
    assert!(page.body.contains("invited the account"), "{}", page.body);
    // Accounts are the administrators' business.
    site.sign_in(EditorRole::Editor)
        .get("/admin")
        .await
        .assert_shows("A draft")
        .assert_does_not_show("invited the account");
}

#[actix_web::test]
async fn the_log_is_narrowed_by_person_kind_and_period() {
    let site = TestSite::empty();
    let (ada, bob) = (
        site.sign_in(EditorRole::Admin),
        site.sign_in(EditorRole::Editor),
    );
    let (ada_id, bob_id) = (ada.editor().id, bob.editor().id);
    ada.get("/admin/log")
        .await
        .assert_ok()
        .assert_shows("Nothing has been changed yet.");
    let note = |who, did, thing, name: &str| {
        let noted = site
            .db
            .write_blocking(|conn| log::note(conn, who, did, thing, name).map_err(DbError::from));
        noted.unwrap();
    };
    note(
        Some(ada_id),
        "published",
        Thing::Article(ArticleId(7)),
        "Django <guide>",
    );
    note(Some(bob_id), "changed", Thing::Role(RoleId(3)), "DevOps");
    note(Some(ada_id), "signed_in", Thing::Account(ada_id), "Ada");
    note(None, "created", Thing::Technology(TechnologyId(4)), "Rust");
    ada.get("/admin/log")
        .await
        .assert_ok()
        .assert_shows(
            "published the article <a href=\"/admin/articles/7\">Django &#60;guide&#62;</a>",
        )
        .assert_shows(
            "<td>A command</td><td>created the technology <a href=\"/admin/technologies/4\">",
        )
        .assert_shows("signed in");
    ada.get(&format!("/admin/log?who={}", bob_id.0))
        .await
        .assert_ok()
        .assert_shows("DevOps")
        .assert_does_not_show("Django");
    ada.get("/admin/log?what=article")
        .await
        .assert_ok()
        .assert_shows("Django")
        .assert_does_not_show("DevOps");
    let today = Utc::now().date_naive();
    ada.get(&format!("/admin/log?from={today}&until={today}"))
        .await
        .assert_ok()
        .assert_shows("Django");
    ada.get(&format!("/admin/log?until={}", today - Days::new(1)))
        .await
        .assert_ok()
        .assert_shows("Nothing like this has happened.");
    ada.get("/admin/log?from=yesterday&who=x&what=y&page=-1")
        .await
        .assert_refused()
        .assert_shows("Write the day as 2026-11-27.")
        .assert_shows("value=\"yesterday\"");
    // Who signs in is the administrators' business.
    bob.get("/admin/log")
        .await
        .assert_ok()
        .assert_shows("Django")
        .assert_does_not_show("signed in");
}

#[actix_web::test]
async fn the_log_has_pages() {
    let site = TestSite::empty();
    let ada = site.sign_in(EditorRole::Admin);
    site.db
        .write_blocking(|conn| {
            for number in 1..=60 {
                let thing = Thing::Role(RoleId(number));
                log::note(
                    conn,
                    None,
                    "changed",
                    thing,
                    &format!("Role number {number}."),
                )?;
            }
            Ok::<_, DbError>(())
        })
        .unwrap();
    ada.get("/admin/log?what=role")
        .await
        .assert_ok()
        .assert_shows("Role number 60.")
        .assert_does_not_show("Role number 10.")
        .assert_shows("href=\"/admin/log?what=role&#38;page=2\"");
    ada.get("/admin/log?what=role&page=2")
        .await
        .assert_ok()
        .assert_shows("Role number 10.")
        .assert_shows("Role number 1.")
        .assert_does_not_show("Older");
    ada.get("/admin/log?page=99999999999").await.assert_ok();
}

#[actix_web::test]
async fn a_busy_database_loses_nothing_that_was_typed() {
    let site = TestSite::empty();
    let ada = site.sign_in(EditorRole::Admin);
    let db = site.db.clone();
    let (begun, begin) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        db.write_blocking(|conn| {
            // On PostgreSQL others wait for the rows alone.
            diesel::update(editors::table)
                .set(editors::name.eq("Somebody"))
                .execute(conn)?;
            begun.send(()).unwrap();
            let _ = ended.recv();
            Err::<(), _>(DbError::Busy)
        })
        .unwrap_err();
    });
    begin.recv().unwrap();
    if !on_postgres() {
        ada.post("/admin/me/name", &[("name", "Countess Ada")])
            .await
            .assert_status(503)
            .assert_shows("nothing you typed is lost")
            .assert_shows("value=\"Countess Ada\"");
    }
    // Reading goes on.
    ada.get("/admin/me").await.assert_ok();
    drop(end);
    writer.join().unwrap();
}
