//! Live figures in the prose of articles.

use actix_web::http::Method;
use payband::articles::front_matter::ArticleFile;
use payband::articles::queries::create;
use payband::articles::{Kind, State};
use payband::db::DbError;
use payband::market::queries::{role_by_slug, technology_by_slug};
use payband::versions::{self, Topic};
use serde_json::Value;

use payband::editors::EditorRole;

use crate::support::{Page, TestSite};

const HEADER: &str =
    "candidate,role,technologies,seniority,country,salary,offered_on,status,offer\n";

/// Candidates of a role who know Django, numbered from `first`, each with an offer at that salary.
pub(crate) fn rows(role: &str, first: usize, salaries: &[u32]) -> String {
    let mut csv = HEADER.to_owned();
    for (number, salary) in (first..).zip(salaries) {
        csv.push_str(&format!(
            "c{number},{role},django,senior,UA,{salary},2024-{:02}-10,open,o{number}\n",
            number % 12 + 1
        ));
    }
    csv
}

/// A site with seven offers for `back-end-web`, six for `devops` and two for `front-end`.
pub(crate) fn site() -> TestSite {
    let site = TestSite::with_rows(&rows(
        "back-end-web",
        1,
        &[4000, 5000, 6000, 7707, 8000, 9000, 10_000],
    ));
    site.import(&rows("devops", 101, &[3000, 3100, 3200, 3300, 3400, 3500]));
    site.import(&rows("front-end", 201, &[5000, 6000]));
    site
}

/// Publishes an article, attached to a role where one is named.
pub(crate) fn publish(site: &TestSite, slug: &str, role: Option<&str>, body: &str) {
    let file = ArticleFile {
        title: format!("About {slug}"),
        seo_title: String::new(),
        state: State::Published,
        slug: slug.parse().unwrap(),
        kind: Kind::Guide,
        role: role.map(|role| role.parse().unwrap()),
        technology: None,
        position: 1,
        author: "A".to_owned(),
        summary: "S".to_owned(),
        description: "D".to_owned(),
        published_at: Some("2025-01-08T09:00:00".parse().unwrap()),
        body: body.to_owned(),
    };
    site.db
        .write_blocking(|conn| {
            let role = file.role.as_ref().map(|slug| role_by_slug(conn, slug));
            let role = role.transpose()?.flatten().map(|role| role.id);
            create(conn, file, role, None)?;
            let mut topics = vec![Topic::Articles];
            topics.extend(role.map(Topic::Role));
            versions::bump(conn, &topics)?;
            Ok::<_, DbError>(())
        })
        .unwrap();
    site.parts.cache.versions().unwrap().refresh().unwrap();
}

/// What a page shows in its `number`th `<data>` element, and its value for programs.
fn data(page: &Page, number: usize) -> (String, String) {
    let element = page.body.split("<data value=\"").nth(number + 1).unwrap();
    let (value, rest) = element.split_once('"').unwrap();
    let text = rest.split_once('>').unwrap().1.split_once('<').unwrap().0;
    (value.to_owned(), text.to_owned())
}

#[actix_web::test]
async fn a_text_shows_the_same_figures_as_the_data() {
    let site = site();
    publish(
        &site,
        "pay",
        None,
        "Half ask {{ median back-end-web/django }} or more.\n\n\
         | a | b |\n| - | - |\n| {{ average back-end-web/django }} | {{ p10 back-end-web/django }} |\n\n\
         - {{p25 back-end-web/django}}, {{ P75 back-end-web/django }}, {{ p90\nback-end-web/django senior }}\n\n\
         [**{{ offers back-end-web }}** offers](/salaries/back-end-web), {{ candidates back-end-web }} candidates, \
         {{ proposals back-end-web }} each; {{ range back-end-web country=UA }} in {{ window back-end-web year=2024 }}.\n",
    );
    let json = site.get("/salaries/back-end-web/django.json").await.json();
    let page = site.get("/articles/pay").await.assert_ok();
    let names = [
        "median",
        "average",
        "p10",
        "p25",
        "p75",
        "p90",
        "offers",
        "candidates",
        "proposals",
    ];
    for (number, name) in names.into_iter().enumerate() {
        assert_eq!(data(&page, number).0, json[name].to_string(), "{name}");
    }
    assert_eq!(data(&page, 0), ("7707".to_owned(), "$7,707".to_owned()));
    let range = format!("{}/{}", json["p25"], json["p75"]);
    assert_eq!(data(&page, 9).0, range);
    assert_eq!(data(&page, 9).1, "$5,000\u{2013}$9,000");
    assert_eq!(data(&page, 10).1, "Jan\u{2013}Dec 2024");
    page.assert_shows("title=\"Median: Back-End Web Developer with Django, Sep 2023\u{2013}Aug 2024, gross pay\"")
        .assert_shows("<p class=\"note figures-note\">Figures of Sep 2023\u{2013}Aug 2024, gross pay: <a href=\"/salaries/back-end-web/django\">")
        .assert_does_not_show("{{")
        .assert_does_not_show("\u{1e}");
}

#[actix_web::test]
async fn figures_follow_an_import_on_the_next_request() {
    let site = site().with_cache(24 << 20);
    publish(&site, "devops-pay", None, "{{ median devops }}");
    publish(
        &site,
        "beside",
        Some("back-end-web"),
        "{{ median devops }} and {{ median back-end-web }}",
    );
    for address in [
        "/articles/devops-pay",
        "/articles/beside",
        "/salaries/back-end-web",
    ] {
        let before = site.get(address).await.assert_ok();
        assert_eq!(data(&before, 0).0, "3250", "{address}");
        site.get(address).await.assert_ok();
    }
    assert!(site.parts.cache.stats().hits > 0);
    site.import(&rows("devops", 110, &[9000, 9100, 9200, 9300, 9400, 9500]));
    for address in [
        "/articles/devops-pay",
        "/articles/beside",
        "/salaries/back-end-web",
    ] {
        let after = site.get(address).await.assert_ok();
        assert_eq!(data(&after, 0).0, "6250", "{address}");
    }
    // What an article on the page says of the page's own selection is what the page says.
    let page = site.get("/salaries/back-end-web").await;
    assert_eq!(data(&page, 1).1, "$7,707");
}

#[actix_web::test]
async fn what_is_not_published_is_said_neutrally_until_it_is() {
    let site = site().with_cache(24 << 20);
    publish(
        &site,
        "few",
        None,
        "The median is {{ median front-end }}, elsewhere {{ median data-science }}.\n\n{{ chart front-end }}\n\n\
         Also {{ medain devops }}, {{ median devops/rust }}, {{ median devops year=1999 }} and {{ chart devops }}.\n",
    );
    let page = site.get("/articles/few").await.assert_ok();
    assert_eq!(page.body.matches("not enough offers to publish").count(), 7);
    let page = page
        .assert_shows("The median is <span class=\"unpublished\">(not enough offers to publish)</span>, elsewhere")
        .assert_shows("<p class=\"note\">There are not enough offers to publish figures here.</p>")
        .assert_does_not_show("{{")
        .assert_does_not_show("$5,");
    assert!(!page.body.contains("<data"), "{}", page.body);
    site.import(&rows("front-end", 210, &[7000, 7000, 7000]));
    site.import(&rows("data-science", 301, &[6100, 6100, 6100, 6100, 6100]));
    let page = site.get("/articles/few").await.assert_ok();
    assert_eq!(data(&page, 0).1, "$7,000");
    assert_eq!(data(&page, 1).1, "$6,100");
    page.assert_shows("<figure class=\"chart\" data-chart>")
        .assert_shows("/assets/chart");
}

#[actix_web::test]
async fn code_and_descriptions_of_images_are_left_alone() {
    let site = site();
    publish(
        &site,
        "code",
        None,
        "Write `{{ median devops }}`.\n\n```text\n{{ chart devops }}\n```\n\n    {{ range devops }}\n\n\
         ![a {{ median devops }}](/picture.png)\n",
    );
    let page = site.get("/articles/code").await.assert_ok();
    assert_eq!(page.body.matches("{{").count(), 4);
    page.assert_shows("<code>{{ median devops }}</code>")
        .assert_shows("alt=\"a {{ median devops }}\"")
        .assert_does_not_show("3,250");
}

#[actix_web::test]
async fn charts_and_tables_stand_among_the_text_with_identifiers_of_their_own() {
    let site = site();
    let body = "## Pay of {{ median devops }} now\n\n{{ chart devops }}\n\n{{ chart devops senior }}\n\n\
                {{ seniority-table devops }}\n\n{{ month-line devops }}\n\n## Next\n";
    publish(&site, "first", Some("back-end-web"), body);
    publish(&site, "second", Some("back-end-web"), body);
    for (address, charts) in [("/articles/first", 2), ("/salaries/back-end-web", 5)] {
        let page = site.get(address).await.assert_ok();
        assert_eq!(page.body.matches("data-chart").count(), charts, "{address}");
        let mut ids: Vec<&str> = page
            .body
            .split(" id=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{address}");
    }
    site.get("/articles/first")
        .await
        .assert_shows("<h2 id=\"pay-of-now\">Pay of <data value=\"3250\"")
        .assert_shows("<a href=\"#pay-of-now\">Pay of $3,250 now</a>")
        .assert_shows("<table class=\"figures levels\">");
}

#[actix_web::test]
async fn nobody_can_write_a_place_for_a_figure_that_is_none() {
    let site = site();
    publish(
        &site,
        "forged",
        None,
        "<div title=\"\n\n{{ median devops }} <script>alert(1)</script>\n\n\">x</div>\n\n\
         \u{1e}-median devops\u{1e} &#x1e;-offers devops&#30; <data value=\"0\"></data>\n\n{{ median devops }}\n",
    );
    let page = site.get("/articles/forged").await.assert_ok();
    // The last one is the only figure that stands in the text.
    assert_eq!(page.body.matches("$3,250").count(), 1, "{}", page.body);
    page.assert_does_not_show("<script>alert")
        .assert_does_not_show("\u{1e}");
}

#[actix_web::test]
async fn texts_are_kept_as_they_are_rendered() {
    let site = site();
    publish(
        &site,
        "kept",
        None,
        "## A {{ median devops }}\n\n{{ chart devops }} b {{ }}\n\n{{ chart devops }}",
    );
    let verified = site.verified();
    assert_eq!(verified.differences, Vec::<String>::new());
    site.get("/articles/kept")
        .await
        .assert_ok()
        .assert_shows("$3,250");
}

#[actix_web::test]
async fn pages_without_figures_in_their_articles_name_no_more_topics() {
    let site = site();
    publish(&site, "plain", Some("devops"), "Nothing { } to { see }.");
    let technology = site.db.read_blocking(|conn| {
        Ok::<_, DbError>(technology_by_slug(conn, &"django".parse().unwrap())?)
    });
    assert!(technology.unwrap().is_some());
    let json: Value = site.get("/salaries/devops.json").await.json();
    assert_eq!(json["median"], 3250);
    site.get("/salaries/devops")
        .await
        .assert_ok()
        .assert_shows("Nothing { } to { see }.");
}

#[actix_web::test]
async fn the_picker_finds_selections_with_what_they_say_now() {
    let site = site();
    let editor = site.sign_in(EditorRole::Editor);
    let json = editor
        .get("/admin/live-figures?q=Django")
        .await
        .assert_ok()
        .json();
    let selections = json["selections"].as_array().unwrap();
    let named: Vec<&str> = selections
        .iter()
        .map(|it| it["selection"].as_str().unwrap())
        .collect();
    // Those of too few candidates are not offered.
    assert_eq!(named, ["back-end-web/django", "devops/django"]);
    let median = &selections[0]["figures"][0];
    assert_eq!(median["text"], "$7,707");
    assert_eq!(median["placeholder"], "{{ median back-end-web/django }}");
    for (query, count) in [
        ("", 2),
        ("dev", 2),
        ("devops", 1),
        ("back+django", 1),
        ("devops/django+senior", 1),
        ("front-end", 0),
        ("%00%22%3Cb%3E", 0),
    ] {
        let json = editor
            .get(&format!("/admin/live-figures?q={query}"))
            .await
            .json();
        assert_eq!(
            json["selections"].as_array().unwrap().len(),
            count,
            "{query}: {json}"
        );
    }
    let html = [("accept", "text/html,*/*;q=0.8")];
    let page = |address: &'static str| editor.page(Method::GET, address, &html, Vec::new());
    page("/admin/live-figures?q=devops")
        .await
        .assert_ok()
        .assert_shows("<code>{{ median devops }}</code>")
        .assert_shows("$3,250")
        .assert_shows("How to write them");
    page("/admin/live-figures?q=front-end")
        .await
        .assert_ok()
        .assert_shows("fewer than 5 candidates");
}
