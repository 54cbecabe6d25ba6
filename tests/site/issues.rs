//! Issues of the newsletter: written, looked at, sent; each subscriber exactly once, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use payband::db::{Db, DbError};
use payband::editors::EditorRole;
use payband::schema::{issues, letters, subscribers};

use crate::support::{
    Behaviour, Database, Signed, Smtp, TestSite, due_issue, eventually, payband, serve, subscribers,
};

/// Writes a draft. Answers its address in the admin.
async fn write(editor: &Signed<'_>, title: &str, body: &str, more: &[(&str, &str)]) -> String {
    let mut fields = vec![("title", title), ("summary", "In short."), ("body", body)];
    fields.extend_from_slice(more);
    let page = editor
        .post("/admin/issues", &fields)
        .await
        .assert_status(303);
    page.header("location").unwrap().to_owned()
}

fn letter_states(site: &TestSite) -> BTreeMap<String, usize> {
    let states: Vec<String> = site
        .db
        .read_newest_blocking(|conn| {
            letters::table
                .select(letters::state)
                .load(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    let mut counts = BTreeMap::new();
    for state in states {
        *counts.entry(state).or_default() += 1;
    }
    counts
}

fn state(site: &TestSite) -> String {
    site.db
        .read_newest_blocking(|conn| {
            issues::table
                .order(issues::id.desc())
                .select(issues::state)
                .first(conn)
                .map_err(DbError::from)
        })
        .unwrap()
}

const BODY: &str = "Half ask {{ median back-end-web/django }} or more. See [DevOps](/salaries/devops).\n\n\
                    {{ chart back-end-web/django }}\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n";

#[actix_web::test]
async fn an_issue_is_written_looked_at_and_sent() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .get("/admin/issues")
        .await
        .assert_ok()
        .assert_shows("No issue has been written yet");
    editor
        .get("/admin/issues/new")
        .await
        .assert_ok()
        .assert_shows("data-toolbar");
    let typed = [
        ("title", "Gr\u{fc}\u{df}e: what moved"),
        ("body", BODY),
        ("summary", ""),
    ];
    let preview = editor
        .post("/admin/issues/preview", &typed)
        .await
        .assert_ok();
    preview
        .assert_shows("<data value=")
        .assert_shows("data-chart");
    let address = write(&editor, "Gr\u{fc}\u{df}e: what moved", BODY, &[]).await;
    editor
        .get(&address)
        .await
        .assert_ok()
        .assert_shows("what moved");
    let mail = editor
        .get(&format!("{address}/mail.html"))
        .await
        .assert_ok();
    let mail = mail
        .assert_shows("https://jobs.example/salaries/devops")
        .assert_does_not_show("<svg");
    mail.assert_does_not_show("{{")
        .assert_shows("prefers-color-scheme: dark");
    let text = editor.get(&format!("{address}/mail.txt")).await.assert_ok();
    text.assert_shows("Half ask $")
        .assert_does_not_show("<p>")
        .assert_shows("/newsletter/unsubscribe/");
    editor
        .post(&format!("{address}/test"), &[])
        .await
        .assert_sees_other(&address);
    let test = smtp.only_to(&editor.editor().email);
    assert!(test.header("Subject").unwrap().starts_with("=?utf-8?"));
    assert!(test.text().contains("Half ask $"));

    // Nobody sees it before it is sent.
    site.get("/newsletter/issues/gruesse-what-moved")
        .await
        .assert_not_found();
    subscribers(&site.db, 3);
    editor
        .get(&format!("{address}/sending"))
        .await
        .assert_ok()
        .assert_shows("<strong>3</strong> subscribers");
    editor
        .post(&format!("{address}/sending"), &[("when", "now")])
        .await
        .assert_sees_other(&address);
    site.deliver().await;
    assert_eq!(state(&site), "sent");
    let one = smtp.only_to("s2@example.org");
    assert!(
        one.header("List-Id")
            .unwrap()
            .contains("newsletter.jobs.example")
    );
    assert!(one.text().contains("Half ask $") && one.text().contains("<table>"));
    let report = editor.get(&address).await.assert_ok();
    report
        .assert_shows("What became of the mails")
        .assert_shows("<th scope=\"row\">Sent</th><td class=\"number\">3</td>");
    let slug = {
        let found: String = site
            .db
            .read_newest_blocking(|conn| {
                issues::table
                    .select(issues::slug)
                    .first(conn)
                    .map_err(DbError::from)
            })
            .unwrap();
        found
    };
    let page = site
        .get(&format!("/newsletter/issues/{slug}"))
        .await
        .assert_ok();
    page.assert_shows("with the figures of that day")
        .assert_shows("data-chart");
    site.get("/newsletter")
        .await
        .assert_shows(&format!("/newsletter/issues/{slug}"));

    // Whoever leaves by it is counted, and nobody else is told.
    let leave = one.header("List-Unsubscribe").unwrap();
    let leave = leave
        .trim_matches(['<', '>'])
        .strip_prefix("https://jobs.example")
        .unwrap()
        .to_owned();
    site.visitor().post(&leave, &[]).await.assert_ok();
    editor
        .get(&address)
        .await
        .assert_shows("Left by a link in it</th><td class=\"number\">1</td>");
    // It cannot be changed or sent any more.
    let fields = [("title", "Other"), ("body", "x"), ("revision", "1")];
    editor
        .post(&address, &fields)
        .await
        .assert_status(409)
        .assert_shows("it is being sent");
    editor
        .post(&format!("{address}/sending"), &[("when", "now")])
        .await
        .assert_status(303);
    editor
        .post(&format!("{address}/removal"), &[])
        .await
        .assert_status(409);
    site.deliver().await;
    assert_eq!(smtp.received().len(), 4);
}

#[actix_web::test]
async fn a_form_with_problems_comes_back_whole() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let editor = site.sign_in(EditorRole::Editor);
    let long = "a".repeat(151);
    for (title, body, slug, sentence) in [
        ("", "Text", "", "Write a title"),
        (long.as_str(), "Text", "", "151 letters; 150 are the most"),
        ("Hi", " ", "", "Write a text."),
        ("Hi", "Text", "Not A Slug", "small Latin letters"),
    ] {
        let fields = [
            ("title", title),
            ("body", body),
            ("slug", slug),
            ("summary", "Kept <b>"),
        ];
        let page = editor.post("/admin/issues", &fields).await.assert_refused();
        page.assert_shows(sentence).assert_shows("Kept &#60;b&#62;");
    }
    // A line break in a subject begins no other header.
    let address = write(&editor, "Hi\r\nBcc: all@example.org", "Text", &[]).await;
    let (test, removal) = (format!("{address}/test"), format!("{address}/removal"));
    editor.post(&test, &[]).await.assert_sees_other(&address);
    let mail = smtp.only_to(&editor.editor().email);
    assert_eq!(
        mail.header("Subject").as_deref(),
        Some("Hi Bcc: all@example.org")
    );
    assert_eq!(mail.header("Bcc"), None);
    editor.post(&removal, &[]).await.assert_status(303);
    let address = write(&editor, "Hi", "Text", &[]).await;
    editor
        .post("/admin/issues", &[("title", "Hi"), ("body", "x")])
        .await
        .assert_refused()
        .assert_shows("has the address hi");
    let sending = format!("{address}/sending");
    for wrong in ["", "tomorrow", "2020-01-01T10:00"] {
        let fields = [("when", "later"), ("scheduled_at", wrong)];
        editor.post(&sending, &fields).await.assert_refused();
    }
    // Two editors at the same time: the second is told, and loses nothing.
    let fields = [("title", "Hi"), ("body", "Mine"), ("revision", "1")];
    editor.post(&address, &fields).await.assert_status(303);
    editor
        .post(&address, &fields)
        .await
        .assert_status(409)
        .assert_shows("Mine</textarea>");
    editor.get("/admin/issues/99").await.assert_not_found();
    editor
        .post(&format!("{address}/step/fly"), &[])
        .await
        .assert_not_found();
    editor
        .post(&format!("{address}/step/pause"), &[])
        .await
        .assert_status(303);
    editor
        .post(&format!("{address}/removal"), &[])
        .await
        .assert_sees_other("/admin/issues");
}

#[actix_web::test]
async fn an_issue_leaves_by_itself_when_its_time_comes() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let editor = site.sign_in(EditorRole::Editor);
    subscribers(&site.db, 2);
    let address = write(&editor, "Later", "Text", &[]).await;
    let tomorrow = (Utc::now() + TimeDelta::days(1))
        .format("%Y-%m-%dT%H:%M")
        .to_string();
    let fields = [("when", "later"), ("scheduled_at", tomorrow.as_str())];
    editor
        .post(&format!("{address}/sending"), &fields)
        .await
        .assert_sees_other(&address);
    site.deliver().await;
    assert_eq!(state(&site), "scheduled");
    editor
        .get(&address)
        .await
        .assert_ok()
        .assert_shows("Is sent on");
    site.db
        .write_blocking(|conn| {
            let past = Utc::now().naive_utc() - TimeDelta::minutes(1);
            diesel::update(issues::table)
                .set(issues::scheduled_at.eq(past))
                .execute(conn)?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    site.deliver().await;
    assert_eq!(state(&site), "sent");
    assert_eq!(smtp.received().len(), 2);
}

#[actix_web::test]
async fn only_those_who_want_to_hear_of_it_get_it() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let editor = site.sign_in(EditorRole::Editor);
    subscribers(&site.db, 3);
    site.db
        .write_blocking(|conn| {
            conn.batch_execute(
                "INSERT INTO interests (subscriber_id, role_id) SELECT s.id, r.id FROM subscribers s, roles r \
                 WHERE s.email = 's2@example.org' AND r.slug = 'devops'; \
                 UPDATE subscribers SET wants_issues = FALSE WHERE email = 's1@example.org'",
            )?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    let address = write(&editor, "DevOps", "Text", &[("role", "devops")]).await;
    editor
        .post(&format!("{address}/sending"), &[("when", "now")])
        .await
        .assert_status(303);
    site.deliver().await;
    assert_eq!(smtp.received().len(), 1);
    smtp.only_to("s2@example.org");
    let address = write(&editor, "All", "Text", &[]).await;
    editor
        .post(&format!("{address}/sending"), &[("when", "now")])
        .await
        .assert_status(303);
    site.deliver().await;
    assert_eq!(smtp.received().len(), 3);
    smtp.only_to("s3@example.org");
}

#[actix_web::test]
async fn refusals_are_noted_and_what_is_put_off_is_tried_again() {
    let smtp = Smtp::start();
    smtp.behave(|to| match to {
        "s1@example.org" => Behaviour::Say("450 4.2.1 later"),
        "s2@example.org" => Behaviour::Say("550 5.1.1 gone"),
        "s3@example.org" => Behaviour::DieLate,
        "s4@example.org" => Behaviour::SayToMessage("554 5.7.1 spam"),
        _ => Behaviour::Take,
    });
    let site = TestSite::demo().with_smtp(&smtp);
    let editor = site.sign_in(EditorRole::Editor);
    subscribers(&site.db, 6);
    let address = write(&editor, "Hello", "Text", &[]).await;
    editor
        .post(&format!("{address}/sending"), &[("when", "now")])
        .await
        .assert_status(303);
    site.deliver().await;
    assert_eq!(state(&site), "sending");
    let report = editor.get(&address).await.assert_ok();
    report
        .assert_shows("5.1.1 gone")
        .assert_shows("5.7.1 spam")
        .assert_shows("Send it once more");
    let states: Vec<String> = site
        .db
        .read_newest_blocking(|conn| {
            subscribers::table
                .order(subscribers::id)
                .select(subscribers::state)
                .load(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    assert_eq!(
        states,
        [
            "confirmed",
            "bounced",
            "confirmed",
            "confirmed",
            "confirmed",
            "confirmed"
        ]
    );
    smtp.behave(|_| Behaviour::Take);
    site.db
        .write_blocking(|conn| {
            let past = Utc::now().naive_utc() - TimeDelta::minutes(1);
            diesel::update(letters::table)
                .set(letters::due_at.eq(past))
                .execute(conn)?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    site.deliver().await;
    assert_eq!(state(&site), "sent");
    smtp.only_to("s1@example.org");
    // The unclear one arrived, and is not sent again but by an editor.
    smtp.only_to("s3@example.org");
    editor
        .post(&format!("{address}/step/again"), &[])
        .await
        .assert_status(303);
    site.deliver().await;
    assert_eq!(
        smtp.received()
            .iter()
            .filter(|mail| mail.to == "s3@example.org")
            .count(),
        2
    );
    assert_eq!(
        letter_states(&site),
        BTreeMap::from([("refused".to_owned(), 2), ("sent".to_owned(), 4)])
    );
}

#[actix_web::test]
async fn sending_pauses_goes_on_and_is_cancelled() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let editor = site.sign_in(EditorRole::Editor);
    subscribers(&site.db, 40);
    smtp.behave(|_| Behaviour::Slow(Duration::from_millis(50)));
    let address = write(&editor, "Hello", "Text", &[]).await;
    editor
        .post(&format!("{address}/sending"), &[("when", "now")])
        .await
        .assert_status(303);
    let postman = site.parts.postman.clone();
    let round = std::thread::spawn(move || postman.send_due_blocking());
    eventually(|| smtp.received().len() >= 5);
    let progress = editor
        .get(&format!("{address}/progress.json"))
        .await
        .assert_ok()
        .json();
    assert_eq!(progress["state"], "sending");
    assert!(
        progress["status"]
            .as_str()
            .unwrap()
            .ends_with("of 40 mails")
    );
    editor
        .post(&format!("{address}/step/pause"), &[])
        .await
        .assert_status(303);
    round.join().unwrap().unwrap();
    let paused = smtp.received().len();
    assert!(paused < 40);
    assert_eq!(state(&site), "paused");
    site.deliver().await;
    assert_eq!(smtp.received().len(), paused);
    editor
        .post(&format!("{address}/step/resume"), &[])
        .await
        .assert_status(303);
    let postman = site.parts.postman.clone();
    let round = std::thread::spawn(move || postman.send_due_blocking());
    eventually(|| smtp.received().len() >= paused + 3);
    editor
        .post(&format!("{address}/step/cancel"), &[])
        .await
        .assert_status(303);
    round.join().unwrap().unwrap();
    let all = smtp.received().len();
    assert!(all < 40);
    assert_eq!(state(&site), "cancelled");
    let counts = letter_states(&site);
    assert_eq!(counts.get("sent"), Some(&all));
    assert_eq!(counts.get("dropped"), Some(&(40 - all)));
}

#[test]
fn a_kill_in_the_middle_sends_nothing_twice_and_forgets_nobody() {
    const READERS: u32 = 1_000;
    let smtp = Smtp::start();
    let database = Database::empty();
    let db = Db::open(&database.url.parse().unwrap()).unwrap();
    subscribers(&db, READERS);
    due_issue(&db);
    let start = || {
        let mut command = payband(&database.url, database.folder.path());
        command
            .env("SMTP_URL", smtp.url())
            .env("PAYBAND_MAIL_PER_SECOND", "1000")
            .env("PAYBAND_LISTEN", "127.0.0.1:0")
            .env("PAYBAND_NO_DEMO", "true");
        serve(&mut command).0
    };
    for stop_at in [100, 350, 600] {
        let running = start();
        eventually(|| smtp.received().len() >= stop_at);
        // Dropping it kills it.
        drop(running);
    }
    let _running = start();
    eventually(|| {
        let state: String = db
            .read_newest_blocking(|conn| {
                issues::table
                    .select(issues::state)
                    .first(conn)
                    .map_err(DbError::from)
            })
            .unwrap();
        state == "sent"
    });
    let mut got: BTreeMap<String, usize> = BTreeMap::new();
    for mail in smtp.received() {
        *got.entry(mail.to).or_default() += 1;
    }
    let twice: Vec<_> = got.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let unclear: Vec<String> = db
        .read_newest_blocking(|conn| {
            letters::table
                .inner_join(subscribers::table)
                .filter(letters::state.eq("unclear"))
                .select(subscribers::email)
                .load(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    assert!(unclear.len() <= 3, "{unclear:?}");
    for number in 1..=READERS {
        let email = format!("s{number}@example.org");
        assert!(
            got.contains_key(&email) || unclear.contains(&email),
            "{email} got nothing"
        );
    }
}

#[actix_web::test]
async fn an_issue_that_has_left_is_found_by_search_engines_and_feed_readers() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    due_issue(&site.db);
    let address = "/newsletter/issues/hello";
    let listed = async || site.get("/sitemap-1.xml").await.body.contains(address);
    let in_feed = async || site.get("/feed.xml").await.body.contains(address);
    assert!(!listed().await && !in_feed().await);
    subscribers(&site.db, 1);
    site.deliver().await;
    assert_eq!(state(&site), "sent");
    site.parts.cache.versions().unwrap().refresh().unwrap();
    assert!(listed().await && in_feed().await);
    let page = site.get(address).await.assert_ok();
    page.assert_does_not_show("noindex")
        .assert_shows(
            "<link rel=\"canonical\" href=\"https://jobs.example/newsletter/issues/hello\">",
        )
        .assert_shows("\"headline\":\"Hello\"");
    site.get("/articles").await.assert_shows(address);
    // It is about no role.
    let of_role = site.get("/feeds/roles/back-end-web.xml").await.assert_ok();
    of_role.assert_does_not_show(address);
}

#[actix_web::test]
async fn what_is_typed_into_an_issue_is_kept() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let kept = editor
        .post(
            "/admin/issues/new/working-copy",
            &[("title", "Half a thought"), ("revision", "0")],
        )
        .await
        .assert_ok();
    let copy = kept.json()["copy"].as_i64().unwrap().to_string();
    let again = [
        ("title", "A whole thought"),
        ("body", "Text"),
        ("revision", "0"),
        ("working_copy", copy.as_str()),
    ];
    let kept = editor.post("/admin/issues/new/working-copy", &again).await;
    assert_eq!(kept.json()["copy"].as_i64().unwrap().to_string(), copy);
    let used = format!("/admin/issues/new?copy={copy}");
    editor.get("/admin/issues").await.assert_shows(&format!(
        "<a href=\"{used}\" dir=\"auto\">A whole thought</a>"
    ));
    // It is an issue's, and no article's.
    editor
        .get("/admin/articles")
        .await
        .assert_does_not_show("A whole thought");
    editor
        .get(&used)
        .await
        .assert_shows("Text</textarea>")
        .assert_shows("Not saved yet");

    // What is wrong with it loses nothing, and what is saved needs no copy.
    let wrong = [("title", ""), ("body", "Text"), ("revision", "0")];
    let page = editor.post("/admin/issues", &wrong).await;
    page.assert_status(422).assert_shows("Text</textarea>");
    let saved = editor
        .post("/admin/issues", &again)
        .await
        .assert_status(303);
    let address = saved.header("location").unwrap().to_owned();
    let list = editor.get("/admin/issues").await;
    list.assert_does_not_show(&used);

    // Two write at the same time: the second hears of it and keeps what was typed.
    let other = site.sign_in(EditorRole::Editor);
    let theirs = [("title", "Theirs"), ("body", "b"), ("revision", "1")];
    other.post(&address, &theirs).await.assert_status(303);
    let mine = [("title", "Mine"), ("body", "my words"), ("revision", "1")];
    let keeping = format!("{address}/working-copy");
    let kept = editor.post(&keeping, &mine).await.assert_ok();
    assert_eq!(
        kept.json()["newer"]["editor"].as_str(),
        Some(other.editor().name.as_str())
    );
    let page = editor.post(&address, &mine).await.assert_status(409);
    page.assert_shows("my words</textarea>")
        .assert_shows("Somebody else saved this issue");
    editor
        .get(&address)
        .await
        .assert_shows("begun before the last save")
        .assert_shows("Theirs");
    editor
        .get(&format!("{address}?copy=used"))
        .await
        .assert_shows("my words</textarea>");

    // A removed issue's text can be taken back.
    editor
        .post(&format!("{address}/removal"), &[])
        .await
        .assert_sees_other("/admin/issues");
    editor.get(&address).await.assert_not_found();
    let notice = editor.get("/admin/issues").await;
    let (_, back) = notice
        .body
        .split_once("action=\"/admin/working-copies/")
        .unwrap();
    let back = format!("/admin/working-copies/{}", back.split('"').next().unwrap());
    let page = editor.post(&back, &[]).await.assert_status(303);
    let back = page.header("location").unwrap().to_owned();
    assert!(back.starts_with("/admin/issues/new?copy="), "{back}");
    editor.get(&back).await.assert_shows("Theirs");
}
