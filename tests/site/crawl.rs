//! A search engine walks through the demo.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use payband::app;
use payband::seo::changes::record;
use payband::versions;

use crate::support::TestSite;

/// A page that the walk has seen.
struct Seen {
    title: String,
    description: String,
    canonical: Option<String>,
    is_hidden: bool,
    headings: usize,
    /// Paths that it links to, but for those that crawlers are asked not to follow.
    links: BTreeSet<String>,
    tag: String,
    last_modified: String,
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn links(html: &str) -> BTreeSet<String> {
    let tags = html.split("<a ").skip(1);
    let tags = tags.filter_map(|rest| rest.split('>').next());
    let followed = tags.filter(|tag| !tag.contains("nofollow"));
    let addresses = followed.filter_map(|tag| between(tag, "href=\"", "\""));
    let local = addresses.filter(|address| address.starts_with('/'));
    let paths = local.filter_map(|address| address.split('#').next());
    paths
        .map(|path| path.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

#[actix_web::test]
async fn every_page_is_found_once_and_a_second_walk_finds_nothing_new() {
    let site = TestSite::demo();
    versions::note_program(&site.db, 1).unwrap();
    assert!(record(&site.db, &site.parts.catalogues, &site.parts.site, &|| true).unwrap());
    let service = init_service(app::build(site.parts.clone())).await;
    let get = async |path: &str, headers: &[(&str, &str)]| {
        let request = headers
            .iter()
            .fold(TestRequest::with_uri(path), |request, header| {
                request.append_header(*header)
            });
        let response = call_service(&service, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        let header = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let seen = Seen {
            title: between(&body, "<title>", "<")
                .unwrap_or_default()
                .to_owned(),
            description: between(&body, "<meta name=\"description\" content=\"", "\"")
                .unwrap_or_default()
                .to_owned(),
            canonical: between(
                &body,
                "<link rel=\"canonical\" href=\"https://jobs.example",
                "\"",
            )
            .map(ToOwned::to_owned),
            is_hidden: body.contains("<meta name=\"robots\" content=\"noindex\">")
                || header("x-robots-tag").contains("noindex"),
            headings: body.matches("<h1").count(),
            links: links(&body),
            tag: header("etag"),
            last_modified: header("last-modified"),
        };
        (status, header("content-type"), body, seen)
    };
    let mut listed = BTreeMap::new();
    let (_, _, index, _) = get("/sitemap.xml", &[]).await;
    for part in index.split("<loc>https://jobs.example").skip(1) {
        let (_, _, part, _) = get(part.split('<').next().unwrap(), &[]).await;
        for entry in part.split("<loc>https://jobs.example").skip(1) {
            let lastmod = between(entry, "<lastmod>", "<").unwrap();
            listed.insert(
                entry.split('<').next().unwrap().to_owned(),
                lastmod.to_owned(),
            );
        }
    }
    assert!(listed.len() > 500, "{}", listed.len());
    let mut pages = BTreeMap::new();
    let (mut titles, mut descriptions) = (BTreeMap::new(), BTreeMap::new());
    for (path, lastmod) in &listed {
        let (status, _, _, seen) = get(path, &[]).await;
        assert_eq!((status, seen.headings), (200, 1), "{path}");
        assert_eq!(seen.canonical.as_ref(), Some(path));
        assert!(!seen.is_hidden, "{path}");
        let at: chrono::DateTime<chrono::Utc> = lastmod.parse().unwrap();
        assert_eq!(
            at.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            seen.last_modified,
            "{path}"
        );
        let same = titles.insert(seen.title.clone(), path);
        assert_eq!(same, None, "{path}: {}", seen.title);
        let same = descriptions.insert(seen.description.clone(), path);
        assert_eq!(same, None, "{path}: {}", seen.description);
        pages.insert(path, seen);
    }
    // Every page is linked from another one, and every link leads straight to something.
    let mut linked = BTreeSet::new();
    for (path, page) in &pages {
        linked.extend(page.links.iter().filter(|link| link != path));
    }
    for path in listed.keys() {
        assert!(linked.contains(path), "nothing links to {path}");
    }
    let others: Vec<&&String> = linked
        .iter()
        .filter(|link| !listed.contains_key(**link))
        .collect();
    assert!(listed.len() + others.len() <= 3 * listed.len());
    for path in others {
        let (status, content_type, _, seen) = get(path, &[]).await;
        assert_eq!(status, 200, "{path}");
        assert!(
            seen.is_hidden || !content_type.starts_with("text/html"),
            "{path}"
        );
    }
    for (path, page) in &pages {
        for condition in [
            ("if-none-match", page.tag.as_str()),
            ("if-modified-since", page.last_modified.as_str()),
        ] {
            let (status, _, body, _) = get(path, &[condition]).await;
            assert_eq!((status, body.as_str()), (304, ""), "{path}: {condition:?}");
        }
    }
}
