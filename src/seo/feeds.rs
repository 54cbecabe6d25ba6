//! Atom feeds (RFC 4287): `/feed.xml` of all articles, `/feeds/roles/{role}.xml` and `/feeds/technologies/{technology}.xml` of
//! those about one. Each has the newest articles with their full text, as it is at that moment.

use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use atom_syndication::{
    Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text,
};
use chrono::{DateTime, NaiveDateTime};

use crate::articles::live_figures::{Audience, Lookup};
use crate::articles::{Article, queries};
use crate::catalogue::{Catalogue, Catalogues};
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::market::{Role, Technology};
use crate::versions::{Moment, Topic};
use crate::web::canonical::moved_permanently;
use crate::web::{Site, dated, elsewhere};

/// Articles in a feed.
const ENTRIES: i64 = 30;

/// The address of the feed of all articles.
pub const ALL: &str = "/feed.xml";

/// The address of a role's feed.
#[must_use]
pub fn of_role(role: &Role) -> String {
    format!("/feeds/roles/{}.xml", role.slug)
}

/// The address of a technology's feed.
#[must_use]
pub fn of_technology(technology: &Technology) -> String {
    format!("/feeds/technologies/{}.xml", technology.slug)
}

/// What a feed is about.
enum About {
    Everything,
    Role(Role),
    Technology(Arc<Technology>),
}

impl About {
    fn path(&self) -> String {
        match self {
            Self::Everything => ALL.to_owned(),
            Self::Role(role) => of_role(role),
            Self::Technology(technology) => of_technology(technology),
        }
    }

    /// The path of the page that it belongs to.
    fn page(&self) -> String {
        match self {
            Self::Everything => "/articles".to_owned(),
            Self::Role(role) => format!("/salaries/{}", role.slug),
            Self::Technology(technology) => format!("/technologies/{}", technology.slug),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Everything => None,
            Self::Role(role) => Some(&role.name),
            Self::Technology(technology) => Some(&technology.name),
        }
    }
}

/// An article with its text for readers elsewhere.
struct Item {
    article: Article,
    html: String,
    changed_at: NaiveDateTime,
}

/// `/feed.xml`
pub(super) async fn all(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    answer(&site, &db, catalogues, |_| Some(About::Everything)).await
}

/// `/feeds/roles/{role}.xml`
pub(super) async fn role(
    slug: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let find = move |catalogue: &Catalogue| {
        let role = catalogue.role_by_any_slug(&slug)?.clone();
        Some((role.slug.as_str() == *slug, About::Role(role)))
    };
    answer_at(&site, &db, catalogues, find).await
}

/// `/feeds/technologies/{technology}.xml`
pub(super) async fn technology(
    slug: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let find = move |catalogue: &Catalogue| {
        let technology = Arc::clone(catalogue.technology_by_any_slug(&slug)?);
        let is_here = technology.slug.as_str() == *slug;
        Some((is_here, About::Technology(technology)))
    };
    answer_at(&site, &db, catalogues, find).await
}

async fn answer(
    site: &Site,
    db: &Db,
    catalogues: web::Data<Catalogues>,
    find: impl Fn(&Catalogue) -> Option<About> + Send + 'static,
) -> Result<HttpResponse, AppError> {
    let find = move |catalogue: &Catalogue| Some((true, find(catalogue)?));
    answer_at(site, db, catalogues, find).await
}

/// Answers with the feed of what is found, or with its address where it is not asked for at that.
async fn answer_at(
    site: &Site,
    db: &Db,
    catalogues: web::Data<Catalogues>,
    find: impl Fn(&Catalogue) -> Option<(bool, About)> + Send + 'static,
) -> Result<HttpResponse, AppError> {
    let (min_candidates, url) = (site.min_candidates, site.url.clone());
    let (about, found) = db
        .read(move |conn| {
            let catalogue = catalogues.of(conn)?;
            let Some((is_here, about)) = find(&catalogue) else {
                return Err(AppError::not_found("There is no such feed."));
            };
            let found = if is_here {
                Some(items(conn, &catalogue, &about, min_candidates, &url)?)
            } else {
                None
            };
            Ok((about, found))
        })
        .await?;
    let Some((items, moment)) = found else {
        return Ok(moved_permanently(&about.path()));
    };
    let feed = feed(site, &about, items, &moment);
    let xml = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/atom+xml; charset=utf-8"))
        .body(feed.to_string());
    Ok(dated::file(xml, moment))
}

fn items(
    conn: &mut Conn,
    catalogue: &Catalogue,
    about: &About,
    min_candidates: u64,
    url: &str,
) -> Result<(Vec<Item>, Moment), AppError> {
    let (role, technology) = match about {
        About::Everything => (None, None),
        About::Role(role) => (Some(role.id), None),
        About::Technology(technology) => (None, Some(technology.id)),
    };
    let mut topics = vec![Topic::Articles, Topic::Pages];
    topics.extend(role.map(Topic::Role));
    topics.extend(technology.map(Topic::Technology));
    let mut figures = Lookup::new(catalogue, min_candidates);
    let mut items = Vec::new();
    for slug in queries::newest_slugs(conn, role, technology, ENTRIES)? {
        let Some(article) = queries::by_slug(conn, &slug)? else {
            continue;
        };
        let reading = figures.reading(conn, Arc::new(article), Audience::Visitors)?;
        let article = reading.article().clone();
        let page = format!("{url}{}", article.path());
        items.push(Item {
            html: elsewhere::html(reading.html(), url, &page),
            changed_at: article.updated_at,
            article,
        });
    }
    topics.extend(figures.topics());
    let moment = catalogue.moment(topics);
    for item in &mut items {
        let recorded = moment.recorded(&item.article.path());
        let changed_at = recorded.map(|(_, at)| at).or(moment.newest_change());
        item.changed_at = changed_at.unwrap_or(item.changed_at);
    }
    Ok((items, moment))
}

fn feed(site: &Site, about: &About, items: Vec<Item>, moment: &Moment) -> Feed {
    let address = format!("{}{}", site.url, about.path());
    let newest = items.iter().map(|item| item.changed_at).max();
    let updated = newest.or(moment.newest_change());
    let title = match about.name() {
        Some(name) => format!("{name}: articles of {}", site.name),
        None => format!("Articles of {}", site.name),
    };
    Feed {
        title: Text::plain(title),
        id: format!("{}{}", authority(site), about.path()),
        updated: updated.map_or_else(FixedDateTime::default, utc),
        authors: vec![Person {
            name: site.name.clone(),
            ..Person::default()
        }],
        generator: Some(Generator {
            value: "payband".to_owned(),
            ..Generator::default()
        }),
        links: vec![
            link("self", "application/atom+xml", address),
            link(
                "alternate",
                "text/html",
                format!("{}{}", site.url, about.page()),
            ),
        ],
        entries: items.into_iter().map(|item| entry(site, item)).collect(),
        lang: Some("en".to_owned()),
        ..Feed::default()
    }
}

fn entry(site: &Site, item: Item) -> Entry {
    let Item {
        article,
        html,
        changed_at,
    } = item;
    let address = format!("{}{}", site.url, article.path());
    Entry {
        // Neither a new title nor a new slug makes it another entry.
        id: format!("{}/articles/{}", authority(site), article.id.0),
        title: Text::plain(article.title),
        updated: utc(changed_at),
        published: Some(utc(article.published_at)),
        authors: vec![Person {
            name: article.author,
            ..Person::default()
        }],
        categories: vec![Category {
            term: article.kind.as_str().to_owned(),
            label: Some(article.kind.label().to_owned()),
            ..Category::default()
        }],
        links: vec![link("alternate", "text/html", address)],
        summary: Some(Text::plain(article.summary)),
        content: Some(Content {
            value: Some(html),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// The beginning of identifiers (RFC 4151) of the site by its host, which stay whatever else of its address changes.
fn authority(site: &Site) -> String {
    let host = site.url.split("://").nth(1).unwrap_or_default();
    let host = host.split([':', '/']).next().unwrap_or_default();
    format!("tag:{host},2026:")
}

fn link(rel: &str, mime_type: &str, href: String) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        mime_type: Some(mime_type.to_owned()),
        ..Link::default()
    }
}

fn utc(at: NaiveDateTime) -> FixedDateTime {
    DateTime::from(at.and_utc())
}
