//! Accounts: signing in, sessions, and what becomes of strangers.

use actix_web::http::Method;
use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use payband::db::DbError;
use payband::editors::{EditorRole, accounts, passwords};
use payband::schema::{editors, sessions};

use crate::support::{PASSWORD, TestSite};

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
