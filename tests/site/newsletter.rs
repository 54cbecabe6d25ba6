//! The newsletter: signing up, confirming, choosing, leaving; and what editors see of it.

use actix_web::http::Method;
use chrono::{NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use payband::db::DbError;
use payband::editors::EditorRole;
use payband::newsletter::tokens::Purpose;
use payband::newsletter::upkeep;
use payband::schema::{interests, letters, sign_up_attempts, sign_ups, subscribers, suppressions};

use crate::support::{BOUNCE_SECRET, Behaviour, Page, Smtp, TestSite, form_of};

/// A stamp of some seconds ago.
fn stamp(site: &TestSite) -> String {
    let then = Utc::now().naive_utc() - TimeDelta::seconds(5);
    site.parts.postman.keys().stamp(then)
}

async fn sign_up(site: &TestSite, email: &str, fields: &[(&str, &str)]) -> Page {
    let stamp = stamp(site);
    let mut all = vec![("email", email), ("stamp", &stamp), ("page", "/newsletter")];
    all.retain(|(name, _)| fields.iter().all(|(own, _)| own != name));
    all.extend_from_slice(fields);
    let page = site.visitor().post("/newsletter", &all).await;
    site.deliver().await;
    page
}

/// The path of an absolute link.
fn path(link: &str) -> &str {
    link.strip_prefix("https://jobs.example").unwrap()
}

/// Signs up and confirms. Answers the path of the preferences.
async fn subscribe(site: &TestSite, smtp: &Smtp, email: &str, fields: &[(&str, &str)]) -> String {
    sign_up(site, email, fields)
        .await
        .assert_sees_other("/newsletter/requested");
    let mail = smtp.received().pop().unwrap();
    assert_eq!(mail.to, email);
    let link = mail.link("/newsletter/confirm/");
    let done = site.visitor().post(path(&link), &[]).await.assert_ok();
    let start = done.body.find("/newsletter/preferences/").unwrap();
    let end = done.body[start..].find('"').unwrap();
    done.body[start..start + end].to_owned()
}

fn states(site: &TestSite) -> Vec<(String, String, bool)> {
    let found = site.db.read_newest_blocking(|conn| {
        subscribers::table
            .order(subscribers::id)
            .select((
                subscribers::email,
                subscribers::state,
                subscribers::wants_issues,
            ))
            .load(conn)
            .map_err(DbError::from)
    });
    found.unwrap()
}

fn letter_states(site: &TestSite) -> Vec<String> {
    let found = site.db.read_newest_blocking(|conn| {
        letters::table
            .order(letters::id)
            .select(letters::state)
            .load(conn)
            .map_err(DbError::from)
    });
    found.unwrap()
}

/// Lets everything be older by so much.
fn age(site: &TestSite, by: TimeDelta) {
    let then = Utc::now().naive_utc() - by;
    site.db
        .write_blocking(|conn| {
            diesel::update(sign_ups::table)
                .set(sign_ups::requested_at.eq(then))
                .execute(conn)?;
            diesel::update(letters::table)
                .set((letters::due_at.eq(then), letters::created_at.eq(then)))
                .execute(conn)?;
            Ok::<_, DbError>(())
        })
        .unwrap();
}

#[actix_web::test]
async fn a_reader_signs_up_confirms_chooses_and_leaves() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let page = site.get("/salaries/back-end-web/django").await.assert_ok();
    assert!(page.header("set-cookie").is_none());
    let page = page.assert_shows("name=\"role\" value=\"back-end-web\"");
    page.assert_shows("name=\"technology\" value=\"django\"");
    site.get("/articles/quick-facts-about-django")
        .await
        .assert_shows("data-sign-up");
    site.get("/").await.assert_shows("data-sign-up");

    let about = [
        ("role", "back-end-web"),
        ("technology", "django"),
        ("only", "yes"),
    ];
    sign_up(&site, "Ada@Example.org", &about)
        .await
        .assert_sees_other("/newsletter/requested");
    site.get("/newsletter/requested")
        .await
        .assert_shows("Look into your mailbox");
    let mail = smtp.only_to("Ada@example.org");
    assert!(
        mail.text().contains("Back-End Web with Django"),
        "{}",
        mail.text()
    );
    assert!(
        mail.header("List-Unsubscribe")
            .unwrap()
            .contains("/newsletter/unsubscribe/")
    );
    assert_eq!(
        mail.header("List-Unsubscribe-Post").unwrap(),
        "List-Unsubscribe=One-Click"
    );
    assert_eq!(
        states(&site),
        [("Ada@Example.org".to_owned(), "pending".to_owned(), false)]
    );

    let confirm = mail.link("/newsletter/confirm/");
    let page = site
        .get(path(&confirm))
        .await
        .assert_ok()
        .assert_shows("Yes, subscribe me");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    page.assert_shows("noindex");
    // Looking changed nothing.
    assert_eq!(states(&site)[0].1, "pending");
    let done = site.visitor().post(path(&confirm), &[]).await.assert_ok();
    done.assert_shows("You are subscribed")
        .assert_shows("only a mail when salaries or offers in Back-End Web");
    assert_eq!(
        states(&site),
        [("Ada@Example.org".to_owned(), "confirmed".to_owned(), false)]
    );
    // A second press says the same.
    site.visitor()
        .post(path(&confirm), &[])
        .await
        .assert_ok()
        .assert_shows("You are subscribed");

    let leave = mail.link("/newsletter/unsubscribe/");
    let preferences = leave.replace("unsubscribe", "preferences");
    site.get(path(&preferences))
        .await
        .assert_ok()
        .assert_shows("When Back-End Web with Django moves");
    let chosen = [
        ("newsletter", "yes"),
        ("role", "devops"),
        ("technology", ""),
    ];
    let saved = site.visitor().post(path(&preferences), &chosen).await;
    saved.assert_sees_other(&format!("{}?saved", path(&preferences)));
    let page = site
        .get(&format!("{}?saved", path(&preferences)))
        .await
        .assert_ok();
    page.assert_shows("Saved.")
        .assert_shows("When DevOps moves")
        .assert_does_not_show("Django moves");
    let nothing = site
        .visitor()
        .post(path(&preferences), &[("role", "")])
        .await
        .assert_refused();
    nothing.assert_shows("Choose at least one");

    site.get(path(&leave))
        .await
        .assert_ok()
        .assert_shows("Leave</button>");
    assert_eq!(states(&site)[0].1, "confirmed");
    site.visitor()
        .post(path(&leave), &[])
        .await
        .assert_ok()
        .assert_shows("has left the newsletter");
    assert_eq!(states(&site)[0].1, "left");
    let back = format!("{}/return", path(&preferences));
    site.visitor().post(&back, &[]).await.assert_status(303);
    assert_eq!(states(&site)[0].1, "confirmed");
}

#[actix_web::test]
async fn a_mail_program_leaves_with_one_click() {
    let smtp = Smtp::start();
    let site = TestSite::empty().with_smtp(&smtp);
    subscribe(&site, &smtp, "ada@example.org", &[]).await;
    let header = smtp
        .only_to("ada@example.org")
        .header("List-Unsubscribe")
        .unwrap();
    let address = path(header.trim_matches(['<', '>'])).to_owned();
    // From another site, without a cookie.
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://mail.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let body = form_of(&[("List-Unsubscribe", "One-Click")]).into_bytes();
    let answer = site
        .send_body(Method::POST, &address, &headers, body.clone())
        .await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("location").is_none() && answer.header("set-cookie").is_none());
    assert_eq!(states(&site)[0].1, "left");
    // Nothing else takes a form of another site.
    let answer = site
        .send_body(Method::POST, "/newsletter", &headers, body.clone())
        .await;
    assert_eq!(answer.status, 403);
    let answer = site.send_body(Method::POST, &address, &headers, body).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn the_answer_is_the_same_for_every_address() {
    let smtp = Smtp::start();
    let site = TestSite::empty().with_smtp(&smtp);
    subscribe(&site, &smtp, "ada@example.org", &[]).await;
    let unknown = sign_up(&site, "bob@example.org", &[]).await;
    let known = sign_up(&site, "ADA@example.ORG", &[]).await;
    assert_eq!((unknown.status, &unknown.body), (known.status, &known.body));
    assert_eq!(unknown.header("location"), known.header("location"));
    // The same address in another spelling is the same subscriber, who hears that they are subscribed.
    assert_eq!(states(&site).len(), 2);
    let again = smtp.received().pop().unwrap();
    assert!(
        again.text().contains("subscribed already"),
        "{}",
        again.text()
    );
    // Within some minutes there is no further mail.
    let before = smtp.received().len();
    sign_up(&site, "bob@example.org", &[])
        .await
        .assert_sees_other("/newsletter/requested");
    assert_eq!(smtp.received().len(), before);
}

#[actix_web::test]
async fn links_that_do_not_work_say_so() {
    let smtp = Smtp::start();
    let site = TestSite::empty().with_smtp(&smtp);
    sign_up(&site, "ada@example.org", &[]).await;
    let link = smtp.only_to("ada@example.org").link("/newsletter/confirm/");
    let altered = match link.strip_suffix('0') {
        Some(start) => format!("{start}1"),
        None => format!("{}0", &link[..link.len() - 1]),
    };
    let visitor = site.visitor();
    for wrong in [
        path(&altered),
        "/newsletter/confirm/rubbish",
        &path(&link)[..60],
    ] {
        site.get(wrong)
            .await
            .assert_not_found()
            .assert_shows("This link is not whole");
        visitor.post(wrong, &[]).await.assert_not_found();
    }
    site.get("/newsletter/unsubscribe/rubbish")
        .await
        .assert_not_found();
    site.get("/newsletter/preferences/rubbish")
        .await
        .assert_not_found();
    site.get("/newsletter/preferences/rubbish/data.json")
        .await
        .assert_not_found();

    age(&site, TimeDelta::days(4));
    let expired = visitor.post(path(&link), &[]).await.assert_status(410);
    expired
        .assert_shows("This link has expired")
        .assert_shows("sign up again");
    assert_eq!(states(&site)[0].1, "pending");
    upkeep::forget_unconfirmed(&site.db, Utc::now().naive_utc()).unwrap();
    assert_eq!(states(&site).len(), 1);
    age(&site, TimeDelta::days(8));
    upkeep::forget_unconfirmed(&site.db, Utc::now().naive_utc()).unwrap();
    assert!(states(&site).is_empty());
    site.get(path(&link))
        .await
        .assert_status(410)
        .assert_shows("This link has expired");

    // Confirmed, left, and then the first link again: nobody comes back by it.
    let preferences = subscribe(&site, &smtp, "bob@example.org", &[]).await;
    let link = smtp.received().pop().unwrap().link("/newsletter/confirm/");
    let leave = preferences.replace("preferences", "unsubscribe");
    visitor.post(&leave, &[]).await.assert_ok();
    visitor
        .post(path(&link), &[])
        .await
        .assert_status(410)
        .assert_shows("This link was used");
    assert_eq!(states(&site)[0].1, "left");
}

#[actix_web::test]
async fn programs_are_kept_out() {
    let smtp = Smtp::start();
    let site = TestSite::empty().with_smtp(&smtp);
    // What nobody sees was filled in: it looks as if all was well.
    let page = sign_up(
        &site,
        "bot@example.org",
        &[("website", "https://spam.example")],
    )
    .await;
    page.assert_sees_other("/newsletter/requested");
    let visitor = site.visitor();
    let too_fast = site.parts.postman.keys().stamp(Utc::now().naive_utc());
    let too_old = site
        .parts
        .postman
        .keys()
        .stamp(Utc::now().naive_utc() - TimeDelta::days(2));
    let other = site.parts.postman.keys().seal(Purpose::Leave, 1, 0);
    for stamp in ["", "rubbish", &too_fast, &too_old, &other] {
        let fields = [("email", "ada@example.org"), ("stamp", stamp)];
        let page = visitor.post("/newsletter", &fields).await.assert_ok();
        // Nothing typed is lost.
        page.assert_shows("One more press")
            .assert_shows("value=\"ada@example.org\"");
    }
    site.deliver().await;
    assert!(smtp.received().is_empty());
    assert!(states(&site).is_empty());
    let stamp = site.get("/newsletter/stamp").await.assert_ok();
    assert!(stamp.json()["stamp"].as_str().unwrap().len() == 64);

    for number in 0..20 {
        sign_up(&site, &format!("a{number}@example.org"), &[])
            .await
            .assert_status(303);
    }
    let page = sign_up(&site, "ada@example.org", &[])
        .await
        .assert_status(429);
    page.assert_shows("try again in an hour")
        .assert_shows("value=\"ada@example.org\"");
    site.db
        .write_blocking(|conn| {
            let before = Utc::now().naive_utc() - TimeDelta::hours(2);
            diesel::update(sign_up_attempts::table)
                .set(sign_up_attempts::since.eq(before))
                .execute(conn)?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    sign_up(&site, "ada@example.org", &[])
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn bad_input_comes_back_with_a_sentence() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let long = format!("{}@example.org", "a".repeat(300));
    for (typed, sentence) in [
        ("", "Write your e-mail address."),
        ("ada", "This cannot be written to"),
        (
            "ada@example.org\r\nBcc: all@example.org",
            "This cannot be written to",
        ),
        ("\"<script>\"@", "This cannot be written to"),
        (long.as_str(), "longer than any that mail can be sent to"),
    ] {
        let page = sign_up(&site, typed, &[]).await.assert_refused();
        page.assert_shows(sentence).assert_does_not_show("<script>");
    }
    // Roles that nobody knows are no reason to refuse anybody.
    let fields = [
        ("role", "no-such-role"),
        ("technology", "../x"),
        ("only", "yes"),
        ("page", &long),
    ];
    sign_up(&site, "ada@b\u{fc}cher.example", &fields)
        .await
        .assert_status(303);
    assert_eq!(
        smtp.received().pop().unwrap().to,
        "ada@xn--bcher-kva.example"
    );
    let broken = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    let answer = site
        .send_body(
            Method::POST,
            "/newsletter",
            &broken,
            b"email=%ff%fe".to_vec(),
        )
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
}

#[actix_web::test]
async fn mail_that_does_not_leave_waits_and_dead_addresses_are_not_written_to() {
    let smtp = Smtp::start();
    smtp.behave(|to| match to {
        "later@example.org" => Behaviour::Say("450 4.2.1 greylisted"),
        "gone@example.org" => Behaviour::Say("550 5.1.1 no such user"),
        "late@example.org" => Behaviour::DieLate,
        "early@example.org" => Behaviour::DieEarly,
        _ => Behaviour::Take,
    });
    let site = TestSite::empty().with_smtp(&smtp);
    for name in ["later", "gone", "late"] {
        sign_up(&site, &format!("{name}@example.org"), &[]).await;
    }
    assert_eq!(letter_states(&site), ["waiting", "refused", "unclear"]);
    assert_eq!(states(&site)[1].1, "bounced");
    sign_up(&site, "early@example.org", &[]).await;
    assert_eq!(letter_states(&site)[3], "waiting");
    let admin = site.sign_in(EditorRole::Editor);
    admin
        .get("/admin/subscribers")
        .await
        .assert_ok()
        .assert_shows("No mail has left since");
    smtp.behave(|_| Behaviour::Take);
    age(&site, TimeDelta::minutes(11));
    site.deliver().await;
    assert_eq!(letter_states(&site), ["sent", "refused", "unclear", "sent"]);
    smtp.only_to("later@example.org");
    smtp.only_to("early@example.org");
    // What may have arrived is not sent twice.
    smtp.only_to("late@example.org");
    admin
        .get("/admin/subscribers")
        .await
        .assert_ok()
        .assert_does_not_show("No mail has left since");
    // A dead address gets nothing more, and the answer is the same.
    age(&site, TimeDelta::minutes(11));
    sign_up(&site, "gone@example.org", &[])
        .await
        .assert_sees_other("/newsletter/requested");
    assert_eq!(letter_states(&site).len(), 4);
    admin
        .get("/admin/suppressions")
        .await
        .assert_shows("gone@example.org")
        .assert_shows("no such user");
}

#[actix_web::test]
async fn a_mail_provider_tells_of_bounces_and_complaints() {
    let smtp = Smtp::start();
    let site = TestSite::empty().with_smtp(&smtp);
    for email in ["ada@example.org", "bob@example.org", "eve@example.org"] {
        subscribe(&site, &smtp, email, &[]).await;
    }
    let told = r#"[{"event":"bounce","email":"ADA@example.org","detail":"550 gone"},
        {"event":"complaint","email":"bob@example.org"},{"event":"delivered","email":"eve@example.org"},
        {"event":"bounce","email":"rubbish"}]"#;
    let json = ("content-type", "application/json");
    for wrong in ["Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", ""] {
        let headers = [json, ("authorization", wrong)];
        let answer = site
            .send_body(Method::POST, "/newsletter/bounces", &headers, told.into())
            .await;
        assert_eq!(answer.status, 403);
    }
    let right = format!("Bearer {BOUNCE_SECRET}");
    let headers = [json, ("authorization", right.as_str())];
    let answer = site
        .send_body(Method::POST, "/newsletter/bounces", &headers, told.into())
        .await;
    assert_eq!(answer.status, 204);
    let states: Vec<String> = states(&site)
        .into_iter()
        .map(|(_, state, _)| state)
        .collect();
    assert_eq!(states, ["bounced", "complained", "confirmed"]);
    let answer = site
        .send_body(Method::POST, "/newsletter/bounces", &headers, "{".into())
        .await;
    assert_eq!(answer.status, 400);
}

#[actix_web::test]
async fn whoever_wants_sees_and_removes_their_data() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let fields = [
        ("role", "devops"),
        ("only", "yes"),
        ("page", "/salaries/devops"),
    ];
    let preferences = subscribe(&site, &smtp, "ada@example.org", &fields).await;
    let data = site
        .get(&format!("{preferences}/data.json"))
        .await
        .assert_ok();
    assert!(
        data.header("content-disposition")
            .unwrap()
            .starts_with("attachment")
    );
    let json = data.json();
    assert_eq!(json["email"], "ada@example.org");
    assert_eq!(json["topics"][0], "DevOps");
    assert_eq!(json["form_version"], 1);
    assert_eq!(json["mails"][0]["state"], "sent");
    let removal = format!("{preferences}/removal");
    site.visitor()
        .post(&removal, &[])
        .await
        .assert_ok()
        .assert_shows("Your data is removed");
    assert!(states(&site).is_empty());
    site.get(&preferences)
        .await
        .assert_not_found()
        .assert_shows("Nothing is kept");
    site.visitor().post(&removal, &[]).await.assert_not_found();
    let left = site.db.read_newest_blocking(|conn| {
        let replies: Vec<Option<String>> = letters::table.select(letters::reply).load(conn)?;
        let kept: Vec<Option<String>> =
            suppressions::table.select(suppressions::email).load(conn)?;
        let interests: i64 = interests::table.count().get_result(conn)?;
        Ok::<_, DbError>((replies, kept, interests))
    });
    assert_eq!(left.unwrap(), (vec![None], vec![None], 0));
    // They may come again by themselves.
    subscribe(&site, &smtp, "ada@example.org", &[]).await;
    assert_eq!(states(&site)[0].1, "confirmed");
}

#[actix_web::test]
async fn editors_find_subscribers_and_let_them_go() {
    let smtp = Smtp::start();
    let site = TestSite::demo().with_smtp(&smtp);
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .get("/admin/subscribers")
        .await
        .assert_ok()
        .assert_shows("Nobody has signed up yet");
    subscribe(
        &site,
        &smtp,
        "ada@example.org",
        &[("role", "devops"), ("only", "yes")],
    )
    .await;
    subscribe(&site, &smtp, "bob_b@example.org", &[]).await;
    sign_up(&site, "eve@example.org", &[]).await;
    let all = editor.get("/admin/subscribers").await.assert_ok();
    all.assert_shows("2 get mails")
        .assert_shows("ada@example.org")
        .assert_shows("Growth by month");
    let found = editor
        .get("/admin/subscribers?q=b_&state=confirmed&role=&technology=")
        .await
        .assert_ok();
    found
        .assert_shows("bob_b@example.org")
        .assert_does_not_show("ada@example.org");
    let found = editor
        .get("/admin/subscribers?role=devops")
        .await
        .assert_ok();
    found
        .assert_shows("ada@example.org")
        .assert_does_not_show("bob_b@example.org");
    editor
        .get("/admin/subscribers?q=%25")
        .await
        .assert_ok()
        .assert_shows("Nobody fits");
    editor.get("/admin/subscribers/99").await.assert_not_found();
    let one = editor.get("/admin/subscribers/1").await.assert_ok();
    one.assert_shows("To hear when DevOps moves")
        .assert_shows("version 1 of the form")
        .assert_shows("Confirmation");
    editor
        .post("/admin/subscribers/1/leaving", &[])
        .await
        .assert_sees_other("/admin/subscribers/1");
    editor
        .post("/admin/subscribers/2/suppression", &[])
        .await
        .assert_sees_other("/admin/subscribers/2");
    editor
        .post("/admin/subscribers/3/removal", &[])
        .await
        .assert_sees_other("/admin/subscribers");
    let states: Vec<String> = states(&site)
        .into_iter()
        .map(|(_, state, _)| state)
        .collect();
    assert_eq!(states, ["left", "left"]);
    // What was just done is said once, above the next page.
    editor.get("/admin").await.assert_ok();
    let log = editor.get("/admin/log").await.assert_ok();
    log.assert_shows("unsubscribed the subscriber")
        .assert_does_not_show("@example.org");
    let list = editor.get("/admin/suppressions").await.assert_ok();
    let list = list
        .assert_shows("bob_b@example.org")
        .assert_shows("kept as a trace only");
    let start = list.body.find("/admin/suppressions/").unwrap();
    let address = list.body[start..].split('"').next().unwrap().to_owned();
    editor
        .post(&address, &[])
        .await
        .assert_sees_other("/admin/suppressions");
    editor
        .post("/admin/suppressions", &[("email", "x")])
        .await
        .assert_refused()
        .assert_shows("This is none");
    editor
        .post("/admin/suppressions", &[("email", "x@example.org")])
        .await
        .assert_status(303);
}

#[actix_web::test]
async fn subscribers_come_from_a_file_and_go_into_one() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .post("/admin/suppressions", &[("email", "never@example.org")])
        .await
        .assert_status(303);
    let csv = "email,topics,consented_at\nada@example.org,devops;back-end-web/django,2024-05-01\nADA@example.org,,\n\
               never@example.org,,\n+plus@example.org,,\nrubbish,,\n";
    let multipart = |agreed: &str| {
        let mut body = String::new();
        if !agreed.is_empty() {
            body.push_str(&format!(
                "--x\r\ncontent-disposition: form-data; name=\"agreed\"\r\n\r\n{agreed}\r\n"
            ));
        }
        body.push_str(&format!(
            "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--x--\r\n"
        ));
        body.into_bytes()
    };
    let form = [("content-type", "multipart/form-data; boundary=x")];
    let address = "/admin/subscribers/import";
    let refused = editor
        .page(Method::POST, address, &form, multipart(""))
        .await
        .assert_refused();
    refused.assert_shows("Only people who agreed");
    let done = editor
        .page(Method::POST, address, &form, multipart("yes"))
        .await
        .assert_ok();
    done.assert_shows(
        "2 added, 1 known already and left as they are, 1 on the suppression list, 1 rejected",
    )
    .assert_shows("Line 6");
    let export = editor.get("/admin/subscribers.csv").await.assert_ok();
    let lines: Vec<&str> = export.body.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[1].starts_with("'+plus@example.org,confirmed,yes,"),
        "{lines:?}"
    );
    assert!(lines[2].contains("ada@example.org,confirmed,yes,devops;back-end-web/django,import,"));
    let agreed: Option<NaiveDateTime> = site
        .db
        .read_newest_blocking(|conn| {
            subscribers::table
                .order(subscribers::id)
                .select(subscribers::consented_at)
                .first(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    assert_eq!(agreed.unwrap().to_string(), "2024-05-01 00:00:00");
    editor
        .get("/admin/subscribers")
        .await
        .assert_shows("SMTP_URL is not set");
}
