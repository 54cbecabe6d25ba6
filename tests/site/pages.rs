//! The pages around the figures: home, search, method, errors, and what all pages share.

use actix_web::http::{Method, StatusCode};

use crate::support::TestSite;

#[actix_web::test]
async fn the_home_page_shows_roles_technologies_and_articles() {
    TestSite::demo()
        .get("/")
        .await
        .assert_ok()
        .assert_shows_in_order(&[
            "What can I ask for?",
            "action=\"/search\"",
            "Back-End Web",
            "Trending technologies",
            "href=\"/technologies/",
            "Newest articles",
            "href=\"/articles/",
        ]);
}

#[actix_web::test]
async fn an_empty_site_says_what_to_do() {
    let site = TestSite::empty();
    site.get("/")
        .await
        .assert_ok()
        .assert_shows("payband import");
    site.get("/salaries")
        .await
        .assert_ok()
        .assert_shows("payband demo");
    site.get("/articles")
        .await
        .assert_ok()
        .assert_shows("no articles yet");
    site.get("/salaries.json")
        .await
        .assert_ok()
        .assert_shows("[]");
    site.get("/search?q=django")
        .await
        .assert_ok()
        .assert_shows("Nothing found");
    site.get("/sitemap-1.xml")
        .await
        .assert_ok()
        .assert_shows("<loc>https://jobs.example/</loc>");
}

#[actix_web::test]
async fn search_finds_roles_technologies_and_articles() {
    let site = TestSite::demo();
    site.get("/search?q=DJANGO")
        .await
        .assert_ok()
        .assert_shows("noindex")
        .assert_shows("href=\"/technologies/django\"")
        .assert_shows("href=\"/articles/");
    site.get("/search?q=back+end")
        .await
        .assert_shows("href=\"/salaries/back-end-web\"");
    site.get("/search?q=postgrsql")
        .await
        .assert_shows("Did you mean")
        .assert_shows("/technologies/postgresql");
    site.get("/search?q=%3Cscript%3E")
        .await
        .assert_ok()
        .assert_does_not_show("<script>");
    site.get("/search?q=frontend+developer&q=x")
        .await
        .assert_shows("href=\"/salaries/front-end\"");
    site.get("/search?q=Python+jobs")
        .await
        .assert_shows("href=\"/technologies/python\"");
    site.get("/search").await.assert_ok();
    site.get("/search?q=%FF%FE").await.assert_ok();
}

#[actix_web::test]
async fn a_technology_has_a_page_across_roles() {
    let site = TestSite::demo();
    site.get("/technologies/django")
        .await
        .assert_ok()
        .assert_shows("href=\"/salaries/back-end-web/django\"")
        .assert_shows("571")
        .assert_shows("Where Django is used");
}

#[actix_web::test]
async fn the_method_is_explained() {
    TestSite::empty()
        .get("/methodology")
        .await
        .assert_ok()
        .assert_shows("fewer than 5 candidates")
        .assert_shows("Hyndman and Fan");
}

#[actix_web::test]
async fn every_listed_address_is_a_page_with_itself_as_canonical() {
    let site = TestSite::with_rows(
        "role,technologies,salary,offered_on\ndevops,linux,1,2024-01-01\ndevops,linux,1,2024-01-01\n\
         devops,linux,1,2024-01-01\ndevops,linux,1,2024-01-01\ndevops,linux,1,2024-01-01\n",
    );
    let sitemap = site.get("/sitemap-1.xml").await.assert_ok();
    let addresses: Vec<&str> = sitemap
        .body
        .split("<loc>")
        .skip(1)
        .map(|rest| rest.split("</loc>").next().unwrap())
        .collect();
    assert_eq!(addresses.len(), 7, "{addresses:?}");
    for address in addresses {
        let path = address.strip_prefix("https://jobs.example").unwrap();
        site.get(path)
            .await
            .assert_ok()
            .assert_shows(&format!("<link rel=\"canonical\" href=\"{address}\">"));
    }
    site.get("/robots.txt")
        .await
        .assert_ok()
        .assert_shows("Sitemap: https://jobs.example/sitemap.xml");
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let site = TestSite::empty();
    for address in [
        "/",
        "/nowhere",
        "/assets/none.css",
        "/salaries.json",
        "/healthz",
    ] {
        let page = site.get(address).await;
        assert_eq!(
            page.header("x-content-type-options"),
            Some("nosniff"),
            "{address}"
        );
        assert!(
            page.header("content-security-policy").is_some(),
            "{address}"
        );
        assert!(
            page.header("strict-transport-security").is_some(),
            "{address}"
        );
        assert_eq!(page.header("set-cookie"), None, "{address}");
    }
}

#[actix_web::test]
async fn errors_have_a_page() {
    let site = TestSite::empty();
    let page = site.get("/nowhere").await.assert_not_found();
    page.assert_shows("Page not found")
        .assert_shows("noindex")
        .assert_shows("href=\"/salaries\"");
    let page = site.ask(Method::POST, "/salaries").await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    page.assert_shows("cannot be used in that way");
}

#[actix_web::test]
async fn a_failing_database_gets_an_apology_without_the_cause() {
    use diesel::connection::SimpleConnection;
    let site = TestSite::demo();
    site.db
        .write_blocking(|conn| {
            let drop = "DROP TABLE reports";
            conn.batch_execute(drop).map_err(payband::db::DbError::from)
        })
        .unwrap();
    let page = site.get("/salaries/back-end-web").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    page.assert_shows("That did not work")
        .assert_does_not_show("reports\"")
        .assert_does_not_show("no such table");
    let json = site.get("/salaries/back-end-web.json").await;
    assert_eq!(json.json()["status"], 500);
}

#[actix_web::test]
async fn head_answers_like_get_without_a_body_to_read() {
    let site = TestSite::demo();
    for address in [
        "/",
        "/salaries/back-end-web/django",
        "/articles",
        "/robots.txt",
    ] {
        let get = site.get(address).await.assert_ok();
        let head = site.ask(Method::HEAD, address).await;
        assert_eq!(head.status, StatusCode::OK, "{address}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{address}"
        );
    }
}

#[actix_web::test]
async fn assets_are_kept_for_a_year_under_the_address_of_their_content() {
    let site = TestSite::empty();
    let home = site.get("/").await.assert_ok();
    let from = home.body.find("/assets/site-").unwrap();
    let address = home.body[from..].split('"').next().unwrap();
    let css = site.get(address).await.assert_ok();
    assert_eq!(css.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(css.header("cache-control").unwrap().contains("immutable"));
    site.get("/assets/site-000000000000.css")
        .await
        .assert_not_found();
}

#[actix_web::test]
async fn those_who_run_the_site_can_ask_how_it_is() {
    let site = TestSite::empty();
    site.get("/healthz").await.assert_ok();
    site.get("/readyz").await.assert_ok();
}
