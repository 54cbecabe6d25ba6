//! The articles.

use crate::support::TestSite;

#[actix_web::test]
async fn the_index_lists_every_article_the_newest_first() {
    TestSite::demo()
        .get("/articles")
        .await
        .assert_ok()
        .assert_shows_in_order(&[
            "Top 10 technologies around Django",
            "Junior, middle, senior, expert",
            "Quick facts about Django",
            "Django alternatives",
            "Where Django is used",
            "back-end developer does",
        ]);
}

#[actix_web::test]
async fn an_article_has_a_page_with_contents_and_highlighted_code() {
    let site = TestSite::demo();
    let index = site.get("/articles").await;
    let from = index.body.find("/articles/django-alt").unwrap();
    let address = index.body[from..].split('"').next().unwrap();
    let page = site.get(address).await.assert_ok();
    let canonical = format!("<link rel=\"canonical\" href=\"https://jobs.example{address}\">");
    page.assert_shows(&canonical)
        .assert_shows("In this article")
        .assert_shows("<pre class=\"code\" tabindex=\"0\"><code>")
        .assert_shows("<span class=\"k\">")
        .assert_shows("href=\"/salaries/back-end-web/django\"")
        .assert_does_not_show("{{");
}

#[actix_web::test]
async fn the_seniority_article_stands_beside_the_computed_levels() {
    let site = TestSite::demo();
    let page = site
        .get("/articles/junior-middle-senior-expert-django")
        .await;
    page.assert_ok()
        .assert_shows("50,000")
        .assert_shows_in_order(&[
            "Computed from the offers",
            "Junior",
            "Middle",
            "Senior",
            "Expert",
        ]);
}

#[actix_web::test]
async fn the_guide_stands_on_its_role_s_page_and_is_linked_from_the_technologies() {
    let site = TestSite::demo();
    let guide = "/articles/what-a-back-end-developer-does";
    site.get(guide).await.assert_ok();
    site.get("/salaries/back-end-web")
        .await
        .assert_shows("<article id=\"what-a-back-end-developer-does\">");
    site.get("/salaries/back-end-web/python")
        .await
        .assert_does_not_show("<article id=")
        .assert_shows(&format!("href=\"{guide}\""));
}

#[actix_web::test]
async fn an_unknown_article_brings_up_the_near_ones() {
    TestSite::demo()
        .get("/articles/django-alternative")
        .await
        .assert_not_found()
        .assert_shows("Django alternatives");
}
