//! A search engine walks through the demo.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use payband::app;
use payband::seo::changes::record;
use payband::versions;
use serde_json::Value;

use crate::support::TestSite;

/// An answer of the site.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// What stands between two marks of a page.
    fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.text().split_once(before)?;
        Some(rest.split_once(after)?.0)
    }

    fn is_hidden(&self) -> bool {
        self.text()
            .contains("<meta name=\"robots\" content=\"noindex\">")
            || self.header("x-robots-tag").contains("noindex")
    }

    /// The addresses of this site that the page links to.
    fn links(&self) -> BTreeSet<String> {
        let tags = self.text().split("<a ").skip(1);
        let tags = tags.filter_map(|rest| rest.split('>').next());
        let addresses = tags.filter_map(|tag| {
            let (_, rest) = tag.split_once("href=\"")?;
            rest.split('"').next()
        });
        let local = addresses.filter(|address| address.starts_with('/'));
        let paths = local.filter_map(|address| address.split('#').next());
        paths.map(unescaped).collect()
    }

    /// What stands in a tag of its head.
    fn tag(&self, name: &str) -> &str {
        let before = format!("<meta property=\"{name}\" content=\"");
        self.between(&before, "\"").unwrap()
    }
}

fn unescaped(address: &str) -> String {
    address.replace("&#39;", "'").replace("&#38;", "&")
}

/// The addresses that a sitemap or its index names.
fn locations(sitemap: &Answer) -> Vec<(String, Option<String>)> {
    let entries = sitemap.text().split("<loc>https://jobs.example").skip(1);
    let entries = entries.map(|entry| {
        let lastmod = entry.split_once("<lastmod>");
        let lastmod = lastmod.map(|(_, rest)| rest.split('<').next().unwrap().to_owned());
        (entry.split('<').next().unwrap().to_owned(), lastmod)
    });
    entries.collect()
}

/// What each type of thing has to say.
const REQUIRED: [(&str, &[&str]); 7] = [
    ("WebSite", &["name", "url", "publisher", "potentialAction"]),
    ("Organization", &["name", "url", "logo"]),
    ("BreadcrumbList", &["itemListElement"]),
    (
        "Article",
        &[
            "headline",
            "description",
            "image",
            "datePublished",
            "dateModified",
            "author",
            "publisher",
            "mainEntityOfPage",
        ],
    ),
    (
        "Dataset",
        &[
            "name",
            "description",
            "license",
            "creator",
            "temporalCoverage",
            "variableMeasured",
            "distribution",
        ],
    ),
    ("Occupation", &["name", "estimatedSalary"]),
    ("FAQPage", &["mainEntity"]),
];

/// Checks every block of JSON-LD of a page that last changed at that time.
fn check_structured(path: &str, page: &Answer, changed_at: &str) {
    let begin = "<script type=\"application/ld+json\">";
    let mut blocks = 0;
    for rest in page.text().split(begin).skip(1) {
        let (block, _) = rest.split_once("</script>").unwrap();
        let block: Value = serde_json::from_str(block).unwrap();
        assert_eq!(block["@context"], "https://schema.org", "{path}");
        for thing in block["@graph"].as_array().unwrap() {
            let kind = thing["@type"].as_str().unwrap();
            let known = REQUIRED.iter().find(|(known, _)| *known == kind);
            let (_, required) = known.unwrap_or_else(|| panic!("{path}: {kind}"));
            for property in *required {
                let said = &thing[property];
                let is_said = match said {
                    Value::Array(all) => !all.is_empty(),
                    Value::String(text) => !text.is_empty(),
                    other => !other.is_null(),
                };
                // Not every source names a licence.
                assert!(
                    is_said || *property == "license",
                    "{path}: {kind} without {property}"
                );
            }
            if let Some(modified) = thing["dateModified"].as_str() {
                assert_eq!(modified, changed_at, "{path}: {kind}");
            }
            blocks += 1;
        }
    }
    assert!(blocks > 0, "{path} says nothing");
}

#[actix_web::test]
async fn every_page_is_found_once_and_a_second_walk_finds_nothing_new() {
    let site = TestSite::demo();
    versions::note_program(&site.db, 1).unwrap();
    assert!(record(&site.db, &site.parts.catalogues, &site.parts.site, &|| true).unwrap());
    let service = init_service(app::build(site.parts.clone())).await;
    let get = async |path: &str, headers: &[(&str, &str)]| {
        let request = TestRequest::with_uri(path);
        let request = headers
            .iter()
            .fold(request, |request, header| request.append_header(*header));
        let response = call_service(&service, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = read_body(response).await.to_vec();
        Answer {
            status,
            headers,
            body,
        }
    };

    let mut listed = BTreeMap::new();
    for (part, _) in locations(&get("/sitemap.xml", &[]).await) {
        for (path, lastmod) in locations(&get(&part, &[]).await) {
            let former = listed.insert(path, lastmod.unwrap());
            assert_eq!(former, None);
        }
    }
    assert!(listed.len() > 500, "{}", listed.len());

    // Follows every link, also those that it is asked not to follow, but where robots.txt keeps it out.
    let robots = get("/robots.txt", &[]).await;
    let closed: Vec<&str> = robots
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("Disallow: "))
        .collect();
    let mut seen: BTreeMap<String, Answer> = BTreeMap::new();
    let mut found = BTreeSet::from(["/".to_owned()]);
    let mut next = VecDeque::from(["/".to_owned()]);
    while let Some(path) = next.pop_front() {
        let answer = get(&path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        if answer.is_page() {
            assert!(answer.is_hidden() != listed.contains_key(&path), "{path}");
            let links = answer.links().into_iter();
            for link in links.filter(|link| !closed.iter().any(|shut| link.starts_with(shut))) {
                if found.insert(link.clone()) {
                    next.push_back(link);
                }
            }
        }
        seen.insert(path, answer);
        assert!(found.len() <= 3 * listed.len(), "the walk has no end");
    }

    let (mut titles, mut descriptions) = (BTreeMap::new(), BTreeMap::new());
    let mut pictures = BTreeSet::new();
    for (path, lastmod) in &listed {
        let page = seen
            .get(path)
            .unwrap_or_else(|| panic!("nothing links to {path}"));
        let canonical = page.between("<link rel=\"canonical\" href=\"", "\"");
        assert_eq!(
            canonical.and_then(|address| address.strip_prefix("https://jobs.example")),
            Some(path.as_str())
        );
        assert_eq!(page.text().matches("<h1").count(), 1, "{path}");
        let title = page.between("<title>", "<").unwrap();
        assert!(unescaped(title).chars().count() <= 65, "{path}: {title}");
        let same = titles.insert(title, path);
        assert_eq!(same, None, "{path}: {title}");
        let description = page.between("<meta name=\"description\" content=\"", "\"");
        let description = description.unwrap();
        let letters = unescaped(description).chars().count();
        assert!((50..=165).contains(&letters), "{path}: {description}");
        let same = descriptions.insert(description, path);
        assert_eq!(same, None, "{path}: {description}");
        let at: chrono::DateTime<chrono::Utc> = lastmod.parse().unwrap();
        let at = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert_eq!(at, page.header("last-modified"), "{path}");
        check_structured(path, page, lastmod);
        assert_eq!(page.tag("og:image:width"), "1200", "{path}");
        assert_eq!(page.tag("og:image:height"), "630", "{path}");
        assert!(!page.tag("og:image:alt").is_empty(), "{path}");
        let picture = page.tag("og:image").strip_prefix("https://jobs.example");
        pictures.insert(unescaped(picture.unwrap()));
    }
    assert!(pictures.len() > 500, "{}", pictures.len());
    // Drawing takes its time without optimisation: those of roles and articles, and every twelfth other one.
    let is_of_two = |path: &String| path.starts_with("/salaries/") && path.matches('/').count() > 2;
    let (of_two, others): (Vec<_>, Vec<_>) = pictures.into_iter().partition(is_of_two);
    for path in others.into_iter().chain(of_two.into_iter().step_by(12)) {
        let picture = get(&path, &[]).await;
        assert_eq!(picture.header("content-type"), "image/png", "{path}");
        assert_eq!(picture.body[..8], *b"\x89PNG\r\n\x1a\n", "{path}");
        assert_eq!(picture.body[16..20], 1200_u32.to_be_bytes(), "{path}");
        assert_eq!(picture.body[20..24], 630_u32.to_be_bytes(), "{path}");
        seen.insert(path, picture);
    }
    for path in ["/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/feed.xml"] {
        seen.insert(path.to_owned(), get(path, &[]).await);
    }

    for (path, answer) in &seen {
        if answer.header("cache-control").contains("no-store") {
            continue;
        }
        for (condition, met) in [
            ("if-none-match", "etag"),
            ("if-modified-since", "last-modified"),
        ] {
            let value = answer.header(met);
            assert!(!value.is_empty(), "{path} without {met}");
            let again = get(path, &[(condition, value)]).await;
            assert_eq!(
                (again.status, again.body.len()),
                (304, 0),
                "{path}: {condition}"
            );
        }
    }
}
