//! What networks and messengers show of a link: pictures and the tags that name them, and the links that hand a page on.

use actix_web::http::{Method, StatusCode};
use payband::editors::EditorRole;

use crate::support::{Answer, Page, TestSite};

impl Page {
    /// What a tag of the page's head says; `None` where there is no such tag.
    fn tag(&self, name: &str) -> Option<&str> {
        let found = ["property", "name"].into_iter().find_map(|kind| {
            let (_, rest) = self
                .body
                .split_once(&format!("<meta {kind}=\"{name}\" content=\""))?;
            rest.split_once('"')
        });
        found.map(|(content, _)| content)
    }

    /// The address of its picture on this site.
    fn picture(&self) -> String {
        let address = self.tag("og:image").unwrap();
        let address = address.strip_prefix("https://jobs.example").unwrap();
        address.replace("&#38;", "&")
    }
}

impl TestSite {
    async fn download(&self, address: &str) -> Answer {
        self.send(Method::GET, address, &[]).await
    }
}

/// Width and height of a PNG.
fn size(answer: &Answer) -> (u32, u32) {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(answer.body[..8], *b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(answer.body[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

/// Rows of candidates who ask for these salaries.
fn rows(role: &str, salaries: &[i32]) -> String {
    let rows = salaries
        .iter()
        .map(|salary| format!("{role},,{salary},2024-06-15\n"));
    let rows: Vec<String> = rows.collect();
    format!("role,technologies,salary,offered_on\n{}", rows.concat())
}

#[actix_web::test]
async fn every_page_names_a_picture_of_the_size_that_it_says() {
    let site = TestSite::demo();
    for address in [
        "/",
        "/salaries",
        "/salaries/back-end-web",
        "/salaries/back-end-web/django",
        "/salaries/back-end-web?seniority=senior&country=UA",
        "/articles",
        "/articles/where-django-is-used",
        "/technologies/django",
        "/methodology",
    ] {
        let page = site.get(address).await.assert_ok();
        assert_eq!(page.tag("og:image:width"), Some("1200"), "{address}");
        assert_eq!(page.tag("og:image:height"), Some("630"), "{address}");
        assert!(page.tag("og:image:alt").unwrap().len() > 20, "{address}");
        assert_eq!(page.tag("twitter:card"), Some("summary_large_image"));
        assert_eq!(page.tag("twitter:image"), page.tag("og:image"));
        let url = page.tag("og:url").unwrap().replace("&#38;", "&");
        assert_eq!(url, format!("https://jobs.example{address}"));
        let picture = site.download(&page.picture()).await;
        assert_eq!(size(&picture), (1200, 630), "{address}");
        let for_long = Some("max-age=31536000, immutable");
        assert_eq!(picture.header("cache-control"), for_long, "{address}");
    }
}

#[actix_web::test]
async fn a_picture_says_in_words_what_it_shows() {
    let site = TestSite::demo();
    let page = site.get("/salaries/back-end-web/django").await;
    let words = "Back-End Web Developer with Django. Histogram of 571 offers, Jan\u{2013}Dec 2024: the median salary \
                 expectation is $7,707 a month.";
    assert_eq!(page.tag("og:image:alt"), Some(words));
}

#[actix_web::test]
async fn the_address_of_a_picture_changes_with_the_data_alone() {
    let site = TestSite::with_rows(&rows("devops", &[3000, 4000, 5000, 6000, 7000]));
    let before = site.get("/salaries/devops").await.picture();
    site.import(&rows("front-end", &[1000; 5]));
    assert_eq!(site.get("/salaries/devops").await.picture(), before);
    let old = site.download(&before).await;
    site.import(&rows("devops", &[9000; 5]));
    let after = site.get("/salaries/devops").await.picture();
    assert_ne!(after, before);
    assert_ne!(site.download(&after).await.body, old.body);
    // Where the former one was posted, the new one is shown.
    let (plain, _) = before.split_once('?').unwrap();
    site.get(&before).await.assert_redirects_to(plain);
    assert_eq!(size(&site.download(plain).await), (1200, 630));
    assert_eq!(
        site.download(plain).await.header("cache-control"),
        Some("no-cache")
    );
}

#[actix_web::test]
async fn a_picture_has_one_address_beside_that_with_its_tag() {
    let site = TestSite::demo();
    for (address, to) in [
        (
            "/salaries/back-end-web.png?v=1",
            "/salaries/back-end-web.png",
        ),
        (
            "/salaries/back-end-web.png?w=1",
            "/salaries/back-end-web.png",
        ),
        (
            "/salaries/back-end-web.png?country=UA&seniority=senior&v=1",
            "/salaries/back-end-web.png?seniority=senior&country=UA",
        ),
        (
            "/articles/where-django-is-used.png?v=1",
            "/articles/where-django-is-used.png",
        ),
        (
            "/articles/where-django-is-used.png?w=1",
            "/articles/where-django-is-used.png",
        ),
        ("/share.png?v=1", "/share.png"),
    ] {
        site.get(address).await.assert_redirects_to(to);
        assert_eq!(size(&site.download(to).await), (1200, 630), "{address}");
    }
    site.get("/articles/nothing.png").await.assert_not_found();
    site.get("/salaries/nothing.png").await.assert_not_found();
}

#[actix_web::test]
async fn a_selection_without_figures_has_no_picture() {
    let site = TestSite::with_rows(&rows("devops", &[3000; 4]));
    let page = site.get("/salaries/devops").await.assert_ok();
    assert_eq!(page.tag("og:image"), None);
    site.get("/salaries/devops.png").await.assert_not_found();
}

#[actix_web::test]
async fn names_in_any_script_and_of_any_length_are_drawn() {
    let site = TestSite::empty().with_cache(0);
    for name in [
        "\u{41f}\u{440}\u{43e}\u{433}\u{440}\u{430}\u{43c}\u{456}\u{441}\u{442}",
        "\u{30d0}\u{30c3}\u{30af}\u{30a8}\u{30f3}\u{30c9}",
        "\u{645}\u{637}\u{648}\u{631} <b>&amp;",
        "Everlasting ".repeat(9).as_str(),
        "W".repeat(100).as_str(),
    ] {
        let mut parts = site.parts.clone();
        let named = payband::web::Site {
            name: name.to_owned(),
            ..site.parts.site.get_ref().clone()
        };
        parts.site = actix_web::web::Data::new(named);
        let site = TestSite {
            database: crate::support::Database::empty(),
            db: site.db.clone(),
            parts,
        };
        let picture = site.download("/share.png").await;
        assert_eq!(size(&picture), (1200, 630), "{name}");
    }
}

#[actix_web::test]
async fn a_preview_names_no_picture() {
    let site = TestSite::demo();
    let editor = site.sign_in(EditorRole::Editor);
    let form = editor.get("/admin/articles/1/preview").await;
    assert_eq!(form.tag("og:image"), None);
}

#[actix_web::test]
async fn salary_pages_and_articles_can_be_handed_on() {
    let site = TestSite::demo();
    for address in ["/salaries/back-end-web", "/articles/where-django-is-used"] {
        let escaped = address.replace('/', "%2F");
        site.get(address)
            .await
            .assert_ok()
            .assert_shows(&format!("data-copy=\"https://jobs.example{address}\""))
            .assert_shows(&format!(
                "https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fjobs.example{escaped}\""
            ))
            .assert_shows(&format!("body=https%3A%2F%2Fjobs.example{escaped}\""));
    }
}
