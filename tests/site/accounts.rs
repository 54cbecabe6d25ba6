//! Accounts: signing in, sessions, and what becomes of strangers.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use actix_web::http::Method;
use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use payband::db::DbError;
use payband::editors::{EditorRole, accounts, commands, passwords};
use payband::schema::{editors, one_time_links, sessions, sign_in_failures};

use crate::support::{PASSWORD, Page, Running, TestSite, assert_fails, fetch, form_of, payband};

/// An account with a password.
fn account(site: &TestSite, email: &str, role: EditorRole) {
    let hash = passwords::hash(PASSWORD).unwrap();
    let email = email.parse().unwrap();
    let now = Utc::now().naive_utc();
    let created = site.db.write_blocking(|conn| {
        accounts::create(conn, &email, "Ada", role, Some(&hash), now).map_err(DbError::from)
    });
    created.unwrap();
}

#[actix_web::test]
async fn whoever_knows_the_password_gets_to_where_they_wanted() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Editor);
    let ada = site.visitor();
    ada.get("/admin/log?page=2")
        .await
        .assert_sees_other("/admin/sign-in?to=%2Fadmin%2Flog%3Fpage%3D2");
    ada.get("/admin/sign-in?to=%2Fadmin%2Flog%3Fpage%3D2")
        .await
        .assert_ok()
        .assert_shows("value=\"/admin/log?page=2\"");
    let answer = ada
        .post(
            "/admin/sign-in",
            &[
                ("email", " Ada@Lovelace.org "),
                ("password", PASSWORD),
                ("to", "/admin/log?page=2"),
            ],
        )
        .await
        .assert_sees_other("/admin/log?page=2");
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-payband="), "{cookie}");
    for attribute in [
        "HttpOnly",
        "SameSite=Lax",
        "Secure",
        "Path=/",
        "Max-Age=2592000",
    ] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    ada.get("/admin").await.assert_ok().assert_shows("Ada");
    // Who is signed in needs no form.
    ada.get("/admin/sign-in?to=/admin/log")
        .await
        .assert_sees_other("/admin/log");
    let token = ada.cookie("__Host-payband").unwrap();
    let kept: Vec<String> = site
        .db
        .read_blocking(|conn| {
            let kept = sessions::table.select(sessions::token_sha256).load(conn);
            kept.map_err(DbError::from)
        })
        .unwrap();
    assert_eq!(kept.len(), 1);
    assert_ne!(kept[0], token);
}

#[actix_web::test]
async fn wrong_passwords_and_unknown_accounts_are_answered_alike() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Editor);
    let mut answers = Vec::new();
    for (email, password) in [
        ("ada@lovelace.org", "wrong horse battery"),
        ("bob@lovelace.org", PASSWORD),
        ("no address", PASSWORD),
    ] {
        let visitor = site.visitor();
        let page = visitor
            .post(
                "/admin/sign-in",
                &[("email", email), ("password", password)],
            )
            .await
            .assert_refused()
            .assert_shows("The e-mail address or the password is not right.")
            .assert_shows("aria-invalid=\"true\" aria-describedby=\"password-problem\"")
            .assert_does_not_show(password);
        assert_eq!(page.header("set-cookie"), None);
        answers.push(page.body.replace(email, "…"));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    site.visitor()
        .post("/admin/sign-in", &[])
        .await
        .assert_refused()
        .assert_shows("Write your e-mail address.")
        .assert_shows("href=\"#password\"");
}

#[actix_web::test]
async fn a_disabled_account_is_out_at_once_and_cannot_come_back() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Editor);
    let ada = site.visitor();
    let form = [("email", "ada@lovelace.org"), ("password", PASSWORD)];
    ada.post("/admin/sign-in", &form)
        .await
        .assert_sees_other("/admin");
    site.db
        .write_blocking(|conn| {
            diesel::update(editors::table)
                .set(editors::disabled_at.eq(Utc::now().naive_utc()))
                .execute(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    ada.get("/admin")
        .await
        .assert_sees_other("/admin/sign-in?to=%2Fadmin");
    ada.post("/admin/sign-in", &form).await.assert_refused();
}

#[actix_web::test]
async fn signing_out_ends_the_session() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .get("/admin")
        .await
        .assert_ok()
        .assert_shows("Sign out");
    let token = editor.cookie("__Host-payband").unwrap();
    editor
        .post("/admin/sign-out", &[])
        .await
        .assert_sees_other("/admin/sign-in");
    assert_eq!(editor.cookie("__Host-payband"), None);
    let cookie = format!("__Host-payband={token}");
    let again = site
        .send(Method::GET, "/admin", &[("cookie", &cookie)])
        .await;
    assert_eq!(again.status, 303);
}

#[actix_web::test]
async fn sessions_end_when_they_are_not_used_and_after_a_month() {
    for (seen_days_ago, days_left, status) in [(6, 1, 200), (8, 1, 303), (0, -1, 303)] {
        let site = TestSite::empty();
        let editor = site.sign_in(EditorRole::Editor);
        let now = Utc::now().naive_utc();
        site.db
            .write_blocking(|conn| {
                diesel::update(sessions::table)
                    .set((
                        sessions::last_seen_at.eq(now - TimeDelta::days(seen_days_ago)),
                        sessions::expires_at.eq(now + TimeDelta::days(days_left)),
                    ))
                    .execute(conn)
                    .map_err(DbError::from)
            })
            .unwrap();
        editor.get("/admin").await.assert_status(status);
    }
}

#[actix_web::test]
async fn a_form_of_another_site_is_refused() {
    let site = TestSite::empty();
    let editor = site.sign_in(EditorRole::Editor);
    for header in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        editor
            .page(Method::POST, "/admin/sign-out", &[header], Vec::new())
            .await
            .assert_status(403)
            .assert_shows("sent from another site");
    }
    let cookie = format!(
        "__Host-payband={}",
        editor.cookie("__Host-payband").unwrap()
    );
    let headers = [
        ("cookie", cookie.as_str()),
        ("origin", "https://evil.example"),
    ];
    let refused = site.send(Method::POST, "/admin/sign-out", &headers).await;
    assert_eq!(refused.status, 403);
    editor.get("/admin").await.assert_ok();
}

/// The address in a page's field with a link.
fn link_on(page: &Page) -> String {
    let (_, rest) = page
        .body
        .split_once("value=\"https://jobs.example/admin/")
        .unwrap();
    format!("/admin/{}", rest.split('"').next().unwrap())
}

#[actix_web::test]
async fn the_first_administrator_is_created_by_the_newest_link_once() {
    let site = TestSite::empty();
    let old = commands::first_administrator(&site.db).unwrap().unwrap();
    let link = commands::first_administrator(&site.db).unwrap().unwrap();
    let visitor = site.visitor();
    visitor
        .get(&old)
        .await
        .assert_not_found()
        .assert_shows("holds no more");
    visitor
        .get(&link)
        .await
        .assert_ok()
        .assert_shows("Create the first account");
    visitor
        .post(
            &link,
            &[("name", " "), ("email", "ada"), ("password", "short")],
        )
        .await
        .assert_refused()
        .assert_shows("Write a name.")
        .assert_shows("Write an e-mail address")
        .assert_shows("at least 10 characters")
        .assert_shows("value=\"ada\"")
        .assert_does_not_show("short");
    let form = [
        ("name", "Ada Lovelace"),
        ("email", "Ada@Lovelace.org"),
        ("password", PASSWORD),
    ];
    visitor.post(&link, &form).await.assert_sees_other("/admin");
    visitor
        .get("/admin")
        .await
        .assert_ok()
        .assert_shows("Ada Lovelace")
        .assert_shows("Now invite those who write with you.");
    visitor
        .get("/admin/log")
        .await
        .assert_ok()
        .assert_shows("<td>Ada Lovelace</td><td>created the account");
    // A notice is shown once.
    visitor
        .get("/admin")
        .await
        .assert_does_not_show("Now invite");
    site.visitor().post(&link, &form).await.assert_not_found();
    assert_eq!(commands::first_administrator(&site.db).unwrap(), None);
}

#[actix_web::test]
async fn somebody_invited_chooses_a_password_and_is_in() {
    let site = TestSite::empty();
    let admin = site.sign_in(EditorRole::Admin);
    admin.get("/admin/accounts/new").await.assert_ok();
    admin
        .post(
            "/admin/accounts",
            &[("name", ""), ("email", "bob"), ("role", "boss")],
        )
        .await
        .assert_refused()
        .assert_shows("href=\"#email\"")
        .assert_shows("Choose what the account may do.");
    let invitation = [
        ("name", "Bob"),
        ("email", "Bob@jobs.example"),
        ("role", "editor"),
    ];
    let page = admin.post("/admin/accounts", &invitation).await.assert_ok();
    let link = link_on(&page);
    admin
        .post("/admin/accounts", &invitation)
        .await
        .assert_refused()
        .assert_shows("has an account already");
    admin
        .get("/admin/accounts")
        .await
        .assert_ok()
        .assert_shows("Invited");

    let bob = site.visitor();
    let sign_in = [("email", "bob@jobs.example"), ("password", PASSWORD)];
    bob.post("/admin/sign-in", &sign_in).await.assert_refused();
    bob.get(&link)
        .await
        .assert_ok()
        .assert_shows("bob@jobs.example");
    bob.post(&link, &[("name", "Bob"), ("password", "bob@jobs.example")])
        .await
        .assert_refused()
        .assert_shows("The password is the e-mail address.");
    bob.post(&link, &[("name", "Robert"), ("password", PASSWORD)])
        .await
        .assert_sees_other("/admin");
    bob.get("/admin").await.assert_ok().assert_shows("Robert");
    bob.get(&link).await.assert_not_found();
    let again = site.visitor();
    again
        .post("/admin/sign-in", &sign_in)
        .await
        .assert_sees_other("/admin");
    bob.get("/admin/accounts")
        .await
        .assert_status(403)
        .assert_shows("Only administrators");
    bob.post("/admin/accounts", &invitation)
        .await
        .assert_status(403);
}

#[actix_web::test]
async fn a_link_for_a_new_password_ends_all_sessions_and_holds_once_and_for_a_week() {
    let site = TestSite::empty();
    let admin = site.sign_in(EditorRole::Admin);
    account(&site, "bob@jobs.example", EditorRole::Editor);
    let bob = site.visitor();
    let sign_in = [("email", "bob@jobs.example"), ("password", PASSWORD)];
    bob.post("/admin/sign-in", &sign_in)
        .await
        .assert_sees_other("/admin");
    let id = site
        .db
        .read_blocking(|conn| {
            let found = accounts::by_email(conn, &"bob@jobs.example".parse().unwrap());
            found.map_err(DbError::from)
        })
        .unwrap()
        .unwrap()
        .id
        .0;
    let make = format!("/admin/accounts/{id}/link");
    let first = link_on(&admin.post(&make, &[]).await.assert_ok());
    let link = link_on(&admin.post(&make, &[]).await.assert_ok());
    assert!(link.starts_with("/admin/passwords/"), "{link}");
    site.visitor().get(&first).await.assert_not_found();
    bob.get("/admin").await.assert_ok();
    let elsewhere = site.visitor();
    elsewhere
        .post(&link, &[("password", "another horse battery")])
        .await
        .assert_sees_other("/admin");
    elsewhere.get("/admin").await.assert_ok();
    bob.get("/admin").await.assert_status(303);
    site.visitor().get(&link).await.assert_not_found();
    bob.post("/admin/sign-in", &sign_in).await.assert_refused();

    let old = link_on(&admin.post(&make, &[]).await.assert_ok());
    site.db
        .write_blocking(|conn| {
            diesel::update(one_time_links::table)
                .set(one_time_links::expires_at.eq(Utc::now().naive_utc()))
                .execute(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    site.visitor().get(&old).await.assert_not_found();
}

#[actix_web::test]
async fn the_last_administrator_stays_one() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Admin);
    let ada = site.visitor();
    let form = [("email", "ada@lovelace.org"), ("password", PASSWORD)];
    ada.post("/admin/sign-in", &form)
        .await
        .assert_sees_other("/admin");
    ada.post("/admin/accounts/1", &[("name", "Ada"), ("role", "editor")])
        .await
        .assert_refused()
        .assert_shows("This is the last administrator.");
    ada.post("/admin/accounts/1/suspension", &[])
        .await
        .assert_sees_other("/admin/accounts/1");
    ada.get("/admin/accounts/1")
        .await
        .assert_ok()
        .assert_shows("This is the last administrator.");
    account(&site, "bob@lovelace.org", EditorRole::Admin);
    ada.post("/admin/accounts/2", &[("name", "Bob"), ("role", "editor")])
        .await
        .assert_sees_other("/admin/accounts");
    ada.post("/admin/accounts/2/suspension", &[])
        .await
        .assert_sees_other("/admin/accounts");
    ada.get("/admin/accounts")
        .await
        .assert_shows("signed out everywhere")
        .assert_shows("action=\"/admin/accounts/2/reinstatement\"")
        .assert_shows("Disabled");
    ada.post("/admin/accounts/2/link", &[])
        .await
        .assert_status(409);
    ada.post("/admin/accounts/2/reinstatement", &[])
        .await
        .assert_sees_other("/admin/accounts");
    ada.get("/admin/accounts/99").await.assert_not_found();
    ada.get("/admin/accounts/x").await.assert_not_found();
    ada.post("/admin/accounts/99/suspension", &[])
        .await
        .assert_not_found();
}

#[actix_web::test]
async fn everybody_changes_their_own_name_and_password() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Editor);
    let form = [("email", "ada@lovelace.org"), ("password", PASSWORD)];
    let (here, there) = (site.visitor(), site.visitor());
    for browser in [&here, &there] {
        browser
            .post("/admin/sign-in", &form)
            .await
            .assert_sees_other("/admin");
    }
    here.post("/admin/me/name", &[("name", "Countess")])
        .await
        .assert_sees_other("/admin/me");
    here.get("/admin/me")
        .await
        .assert_ok()
        .assert_shows("Countess")
        .assert_shows("this one");
    here.post("/admin/me/name", &[("name", "")])
        .await
        .assert_refused()
        .assert_shows("Write a name.");
    here.post(
        "/admin/me/password",
        &[
            ("current_password", "wrong"),
            ("new_password", "another horse battery"),
        ],
    )
    .await
    .assert_refused()
    .assert_shows("This is not your current password.");
    here.post(
        "/admin/me/password",
        &[("current_password", PASSWORD), ("new_password", "short")],
    )
    .await
    .assert_refused()
    .assert_shows("href=\"#new_password\"");
    here.post(
        "/admin/me/password",
        &[
            ("current_password", PASSWORD),
            ("new_password", "another horse battery"),
        ],
    )
    .await
    .assert_sees_other("/admin/me");
    here.get("/admin/me").await.assert_ok();
    there.get("/admin/me").await.assert_status(303);
}

#[actix_web::test]
async fn sessions_are_ended_one_by_one_and_everywhere() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Editor);
    let form = [("email", "ada@lovelace.org"), ("password", PASSWORD)];
    let (first, second, third) = (site.visitor(), site.visitor(), site.visitor());
    for browser in [&first, &second, &third] {
        browser
            .post("/admin/sign-in", &form)
            .await
            .assert_sees_other("/admin");
    }
    third
        .post("/admin/me/sessions/1/removal", &[])
        .await
        .assert_sees_other("/admin/me");
    first.get("/admin").await.assert_status(303);
    second.get("/admin").await.assert_ok();
    // Another's session is none of theirs.
    let other = site.sign_in(EditorRole::Admin);
    other
        .post("/admin/me/sessions/2/removal", &[])
        .await
        .assert_status(303);
    second.get("/admin").await.assert_ok();
    third
        .post("/admin/me/sessions/removal", &[])
        .await
        .assert_sees_other("/admin/sign-in");
    second.get("/admin").await.assert_status(303);
    third.get("/admin").await.assert_status(303);
}

/// Lets everybody who failed have failed more often, so that their wait does not end during the test.
fn fail_ten_times_more(site: &TestSite) {
    let failed = site.db.write_blocking(|conn| {
        diesel::update(sign_in_failures::table)
            .set(sign_in_failures::failures.eq(sign_in_failures::failures + 10))
            .execute(conn)
            .map_err(DbError::from)
    });
    assert!(failed.unwrap() > 0);
}

#[actix_web::test]
async fn wrong_passwords_are_slowed_down_for_known_and_unknown_accounts_alike() {
    for email in ["ada@lovelace.org", "nobody@lovelace.org"] {
        let site = TestSite::empty();
        account(&site, "ada@lovelace.org", EditorRole::Editor);
        account(&site, "bob@lovelace.org", EditorRole::Editor);
        let with = |email, password| [("email", email), ("password", password)];
        let visitor = site.visitor();
        for _ in 0..5 {
            let wrong = with(email, "wrong horse battery");
            visitor
                .post("/admin/sign-in", &wrong)
                .await
                .assert_refused();
        }
        fail_ten_times_more(&site);
        visitor
            .post("/admin/sign-in", &with(email, PASSWORD))
            .await
            .assert_status(429)
            .assert_shows("There were too many wrong passwords. Wait 60 seconds, then try again.")
            .assert_shows(&format!("value=\"{email}\""));
        // Other accounts go on.
        let other = with("bob@lovelace.org", PASSWORD);
        visitor
            .post("/admin/sign-in", &other)
            .await
            .assert_sees_other("/admin");
    }
}

#[actix_web::test]
async fn an_address_that_tries_many_accounts_is_slowed_down_also_behind_a_proxy() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Editor);
    let visitor = site.visitor();
    let attempt = async |from: &str, email: &str, password: &str| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-forwarded-for", from),
        ];
        let body = form_of(&[("email", email), ("password", password)]).into_bytes();
        let page = visitor.page(Method::POST, "/admin/sign-in", &headers, body);
        page.await.status.as_u16()
    };
    for guess in 0..20 {
        let email = format!("guess-{guess}@lovelace.org");
        assert_eq!(
            attempt("203.0.113.9", &email, "wrong horse battery").await,
            422
        );
    }
    fail_ten_times_more(&site);
    assert_eq!(
        attempt("203.0.113.9", "ada@lovelace.org", PASSWORD).await,
        429
    );
    assert_eq!(
        attempt("198.51.100.1", "ada@lovelace.org", PASSWORD).await,
        303
    );
}

#[actix_web::test]
async fn what_was_typed_outlives_its_session() {
    let site = TestSite::empty();
    account(&site, "ada@lovelace.org", EditorRole::Editor);
    let ada = site.visitor();
    let text = "# A title\r\n\r\n\u{201c}quotes\u{201d} & <b>signs</b> 100 %";
    let page = ada
        .post("/admin/articles/7", &[("title", "Django"), ("body", text)])
        .await
        .assert_status(401)
        .assert_shows("What you typed is kept")
        .assert_shows("value=\"/admin/articles/7\"");
    let (_, kept) = page.body.split_once("name=\"kept\" value=\"").unwrap();
    let kept = kept.split('"').next().unwrap();
    let form = |password| {
        [
            ("email", "ada@lovelace.org"),
            ("password", password),
            ("to", "/admin/articles/7"),
            ("kept", kept),
        ]
    };
    ada.post("/admin/sign-in", &form("wrong horse battery"))
        .await
        .assert_refused()
        .assert_shows(kept);
    ada.post("/admin/sign-in", &form(PASSWORD))
        .await
        .assert_ok()
        .assert_shows("Your text is kept")
        .assert_shows("action=\"/admin/articles/7\"")
        .assert_shows("name=\"title\" value=\"Django\"")
        .assert_shows(
            "# A title\r\n\r\n\u{201c}quotes\u{201d} &#38; &#60;b&#62;signs&#60;/b&#62; 100 %",
        );
    ada.get("/admin").await.assert_ok();
    // A form that leads elsewhere is not sent there.
    let elsewhere = [
        ("email", "ada@lovelace.org"),
        ("password", PASSWORD),
        ("to", "https://evil.example/"),
        ("kept", kept),
    ];
    ada.post("/admin/sign-in", &elsewhere)
        .await
        .assert_ok()
        .assert_shows("action=\"/admin\"");
}

#[actix_web::test]
async fn a_file_without_a_session_is_explained_and_a_form_too_large_refused() {
    let site = TestSite::empty();
    let visitor = site.visitor();
    let multipart = [("content-type", "multipart/form-data; boundary=x")];
    visitor
        .page(
            Method::POST,
            "/admin/images",
            &multipart,
            vec![b'x'; 300_000],
        )
        .await
        .assert_status(401)
        .assert_shows("Sign in in another tab");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let large = vec![b'x'; (8 << 20) + 1];
    visitor
        .page(Method::POST, "/admin/articles/7", &form, large.clone())
        .await
        .assert_status(413)
        .assert_shows("too large to be kept");
    let editor = site.sign_in(EditorRole::Editor);
    editor
        .page(Method::POST, "/admin/me/name", &form, large)
        .await
        .assert_status(413)
        .assert_shows("more than 8 megabytes");
    editor
        .page(
            Method::POST,
            "/admin/me/name",
            &form,
            b"name=%ff%00".to_vec(),
        )
        .await
        .assert_refused();
    editor
        .page(
            Method::POST,
            "/admin/me/name",
            &[("content-type", "text/plain")],
            b"name=x".to_vec(),
        )
        .await
        .assert_status(400);
}

/// The program with something on its standard input.
fn with_input(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that fails early does not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[actix_web::test]
async fn accounts_come_and_go_from_the_command_line() {
    let site = TestSite::empty();
    let user = |arguments: &[&str], input: &str| {
        let mut command = payband(&site.database.url, site.folder());
        with_input(command.arg("user").args(arguments), input)
    };
    let list = || {
        let listed = user(&["list"], "");
        assert!(listed.status.success());
        String::from_utf8(listed.stdout).unwrap()
    };
    assert_eq!(list(), "");
    let added = user(
        &["add", "Ada@Lovelace.org", "--role", "admin"],
        "correct horse battery\n",
    );
    assert!(added.status.success(), "{added:?}");
    assert!(
        list().contains("ada@lovelace.org  admin   active    never signed in   ada"),
        "{}",
        list()
    );
    assert_fails(
        &user(&["add", "ada@lovelace.org", "--role", "editor"], ""),
        1,
        "has an account already",
    );
    assert_fails(
        &user(&["add", "ada", "--role", "editor"], ""),
        2,
        "an e-mail address is needed",
    );
    assert_fails(
        &user(&["add", "bob@x.org", "--role", "boss"], ""),
        2,
        "--role",
    );
    assert_fails(
        &user(&["add", "bob@x.org", "--role", "editor"], "short\n"),
        1,
        "at least 10 characters",
    );
    assert_fails(
        &user(&["passwd", "bob@x.org"], "correct horse battery\n"),
        1,
        "no account of bob@x.org",
    );
    assert_fails(
        &user(&["disable", "ada@lovelace.org"], ""),
        1,
        "last administrator",
    );
    assert_eq!(user(&["add", "bob@x.org"], "").status.code(), Some(2));

    let ada = site.visitor();
    let form = |password| [("email", "ada@lovelace.org"), ("password", password)];
    ada.post("/admin/sign-in", &form(PASSWORD))
        .await
        .assert_sees_other("/admin");
    let changed = user(&["passwd", "ada@lovelace.org"], "another horse battery\r\n");
    assert!(changed.status.success(), "{changed:?}");
    ada.get("/admin").await.assert_status(303);
    ada.post("/admin/sign-in", &form(PASSWORD))
        .await
        .assert_refused();
    ada.post("/admin/sign-in", &form("another horse battery"))
        .await
        .assert_sees_other("/admin");
    let added = user(
        &["add", "bob@x.org", "--role", "admin", "--name", "Bob"],
        "correct horse battery",
    );
    assert!(added.status.success(), "{added:?}");
    assert!(user(&["disable", "ada@lovelace.org"], "").status.success());
    ada.get("/admin").await.assert_status(303);
    assert!(list().contains("disabled"), "{}", list());
}

#[test]
fn the_first_administrators_link_is_printed_at_the_start_while_there_is_nobody() {
    let site = TestSite::empty();
    let start = || {
        let mut command = payband(&site.database.url, site.folder());
        command.args(["serve", "--no-demo", "--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = Running(command.spawn().unwrap());
        let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        (running, first, lines)
    };
    let (running, first, mut lines) = start();
    let address = first.strip_prefix("payband is at ").unwrap();
    let second = lines.next().unwrap().unwrap();
    let link = second
        .strip_prefix("The first administrator is created at ")
        .unwrap();
    let path = link.strip_prefix(address).unwrap();
    assert!(path.starts_with("/admin/first/"), "{path}");
    let page = fetch(address.strip_prefix("http://").unwrap(), path);
    assert!(page.contains("Create the first account"), "{page}");
    drop(running);
    account(&site, "ada@lovelace.org", EditorRole::Admin);
    let (running, _, mut lines) = start();
    running.terminate();
    assert!(lines.next().is_none());
}
