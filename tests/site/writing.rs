//! Writing articles: what editors save, publish, take back and find again.

use chrono::NaiveDateTime;
use payband::articles::clock;
use payband::articles::publication::Wish;
use payband::articles::slugs::{self, Whereabouts};
use payband::articles::writing::{self, Hand};
use payband::articles::{Content, Manuscript, Publication, State, revisions};
use payband::db::{Conn, DbError};
use payband::ids::ArticleId;

use crate::support::TestSite;

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// Does something to the database as a handler would.
fn write<T>(site: &TestSite, work: impl FnOnce(&mut Conn) -> diesel::QueryResult<T>) -> T {
    let written = site
        .db
        .write_blocking(|conn| work(conn).map_err(DbError::from));
    if let Some(versions) = site.parts.cache.versions() {
        versions.refresh().unwrap();
    }
    written.unwrap()
}

/// The demo's article about Django in short.
fn quick_facts(site: &TestSite) -> Manuscript {
    write(site, |conn| {
        for id in 1..20 {
            if let Some(found) = writing::find(conn, ArticleId(id))?
                && found.content.slug.as_str() == "quick-facts-about-django"
            {
                return Ok(found);
            }
        }
        panic!("the demo has no such article");
    })
}

/// Changes an article, and tells the pages.
fn change(
    site: &TestSite,
    before: &Manuscript,
    change: impl FnOnce(&mut Content),
    wish: Wish,
    given: Option<&str>,
) -> Manuscript {
    let mut content = before.content.clone();
    change(&mut content);
    let publication = before
        .publication
        .after(wish, given.map(at), writing::now())
        .unwrap();
    write(site, |conn| {
        let hand = Hand::own(writing::now());
        let after = writing::change(conn, hand, before, content, publication, None)?.unwrap();
        writing::tell(conn, Some(before), Some(&after))?;
        Ok(after)
    })
}

const QUICK_FACTS: &str = "/articles/quick-facts-about-django";

#[actix_web::test]
async fn a_changed_slug_leaves_a_redirect_in_one_hop_and_can_be_taken_back() {
    let site = TestSite::demo();
    let first = quick_facts(&site);
    let named =
        |slug: &'static str| move |content: &mut Content| content.slug = slug.parse().unwrap();
    let second = change(&site, &first, named("django-in-short"), Wish::Save, None);
    let third = change(&site, &second, named("django-facts"), Wish::Save, None);
    site.get(QUICK_FACTS)
        .await
        .assert_redirects_to("/articles/django-facts");
    site.get("/articles/django-in-short")
        .await
        .assert_redirects_to("/articles/django-facts");
    site.get("/Articles/Quick-Facts-About-Django/")
        .await
        .assert_redirects_to("/articles/django-facts");
    let other = write(&site, |conn| {
        let slug = "django-in-short".parse().unwrap();
        Ok((
            slugs::why_taken(conn, &slug, None)?,
            slugs::why_taken(conn, &slug, Some(first.id))?,
        ))
    });
    assert!(other.0.unwrap().contains("Quick facts about Django"));
    assert_eq!(other.1, None);
    change(
        &site,
        &third,
        named("quick-facts-about-django"),
        Wish::Save,
        None,
    );
    site.get(QUICK_FACTS).await.assert_ok();
    site.get("/articles/django-facts")
        .await
        .assert_redirects_to(QUICK_FACTS);
    assert_eq!(site.verified().differences, Vec::<String>::new());
}

#[actix_web::test]
async fn only_what_is_published_is_seen_and_what_is_taken_back_is_gone() {
    let site = TestSite::demo();
    let article = quick_facts(&site);
    let shown = "Quick facts about Django";
    site.get("/salaries/back-end-web/django")
        .await
        .assert_shows(shown);
    let withdrawn = change(&site, &article, |_| {}, Wish::Withdraw, None);
    let page = site.get(QUICK_FACTS).await;
    assert_eq!(page.status.as_u16(), 410);
    page.assert_shows("taken back");
    for page in [
        "/articles",
        "/salaries/back-end-web/django",
        "/search?q=quick+facts",
        "/sitemap-1.xml",
        "/technologies/django",
    ] {
        site.get(page)
            .await
            .assert_ok()
            .assert_does_not_show(shown)
            .assert_does_not_show(QUICK_FACTS);
    }
    let draft = change(&site, &withdrawn, |_| {}, Wish::Draft, None);
    site.get(QUICK_FACTS).await.assert_not_found();
    let published = change(&site, &draft, |_| {}, Wish::Publish, None);
    site.get(QUICK_FACTS).await.assert_ok().assert_shows(shown);
    let removed = write(&site, |conn| {
        let removed = writing::set_removed(conn, Hand::own(writing::now()), &published, true)?;
        writing::tell(conn, Some(&published), Some(&removed))?;
        Ok(removed)
    });
    assert_eq!(site.get(QUICK_FACTS).await.status.as_u16(), 410);
    write(&site, |conn| {
        let restored = writing::set_removed(conn, Hand::own(writing::now()), &removed, false)?;
        writing::tell(conn, Some(&removed), Some(&restored))
    });
    site.get(QUICK_FACTS).await.assert_ok();
    let states: Vec<State> = write(&site, |conn| revisions::of(conn, article.id))
        .into_iter()
        .map(|line| line.publication.state)
        .collect();
    assert_eq!(
        states,
        [
            State::Published,
            State::Draft,
            State::Withdrawn,
            State::Published
        ]
    );
}

#[actix_web::test]
async fn a_scheduled_article_is_published_once_when_its_time_comes() {
    let site = TestSite::demo();
    let article = quick_facts(&site);
    let draft = change(&site, &article, |_| {}, Wish::Draft, None);
    let time = "2099-01-01T09:00:00";
    change(&site, &draft, |_| {}, Wish::Schedule, Some(time));
    let publish_at = |now: &str| write(&site, |conn| writing::publish_due(conn, at(now)));
    assert!(publish_at("2099-01-01T08:59:59").is_empty());
    site.get(QUICK_FACTS).await.assert_not_found();
    let published = publish_at("2099-01-01T09:00:20");
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].publication.published_at, Some(at(time)));
    assert!(publish_at("2099-01-01T09:00:30").is_empty());
    site.get(QUICK_FACTS)
        .await
        .assert_ok()
        .assert_shows("1 January 2099");
}

#[actix_web::test]
async fn two_changes_of_the_same_revision_do_not_both_succeed() {
    let site = TestSite::demo();
    let article = quick_facts(&site);
    change(
        &site,
        &article,
        |content| content.title = "First".to_owned(),
        Wish::Save,
        None,
    );
    let second = write(&site, |conn| {
        let mut content = article.content.clone();
        content.title = "Second".to_owned();
        let hand = Hand::own(writing::now());
        writing::change(conn, hand, &article, content, article.publication, None)
    });
    assert_eq!(second, None);
    assert_eq!(quick_facts(&site).content.title, "First");
}

#[actix_web::test]
async fn the_bin_is_emptied_after_thirty_days() {
    let site = TestSite::demo();
    let article = quick_facts(&site);
    let hand = Hand::own(at("2026-01-01T00:00:00"));
    write(&site, |conn| {
        writing::set_removed(conn, hand, &article, true)
    });
    let is_there = || write(&site, |conn| writing::find(conn, article.id)).is_some();
    clock::empty(&site.db, at("2026-01-30T00:00:00")).unwrap();
    assert!(is_there());
    clock::empty(&site.db, at("2026-02-01T00:00:00")).unwrap();
    assert!(!is_there());
    let slug = "quick-facts-about-django".parse().unwrap();
    let found = write(&site, |conn| slugs::whereabouts(conn, &slug));
    assert_eq!(found, Whereabouts::Nowhere);
    assert_eq!(site.verified().differences, Vec::<String>::new());
}

#[actix_web::test]
async fn a_draft_is_exported_as_a_draft() {
    let site = TestSite::demo();
    let article = quick_facts(&site);
    change(&site, &article, |_| {}, Wish::Draft, None);
    let folder = site.folder().join("out");
    payband::export::export(&site.db, &folder).unwrap();
    let file =
        std::fs::read_to_string(folder.join("articles/quick-facts-about-django.md")).unwrap();
    assert!(
        file.contains("state = \"draft\"") && !file.contains("published_at"),
        "{file}"
    );
    let file: payband::articles::front_matter::ArticleFile = file.parse().unwrap();
    assert_eq!(
        (file.state, file.published_at),
        (Publication::DRAFT.state, None)
    );
}
