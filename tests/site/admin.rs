//! The admin's frame.

use actix_web::http::Method;
use payband::editors::EditorRole;

use crate::support::TestSite;

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
