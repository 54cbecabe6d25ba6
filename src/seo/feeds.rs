//! Atom feeds (RFC 4287): `/feed.xml` of everything, `/feeds/roles/{role}.xml` and `/feeds/technologies/{technology}.xml` of
//! what is about one. Each has the newest articles and issues of the newsletter with their full text, as it is at that moment,
//! and the page of salaries that they belong to, which is a new entry to readers whenever its figures change.

use std::cmp::Reverse;
use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use askama::Template;
use atom_syndication::{
    Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text,
};
use chrono::{DateTime, NaiveDateTime};

use crate::articles::live_figures::{Audience, Lookup};
use crate::articles::queries;
use crate::catalogue::{Catalogue, Catalogues};
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::market::{Role, Technology};
use crate::newsletter::interests::Interest;
use crate::newsletter::issues::queries as issues;
use crate::salaries::report::{Summary, summaries};
use crate::versions::{Moment, Topic};
use crate::web::canonical::moved_permanently;
use crate::web::{Site, dated, elsewhere};

/// Articles and issues in a feed.
const ENTRIES: usize = 30;

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

/// Something to read, with its text for readers elsewhere.
struct Item {
    /// What stays when its title and its address change.
    key: String,
    path: String,
    title: String,
    author: String,
    /// Which sort: as a word, and as readers see it.
    category: (&'static str, &'static str),
    summary: String,
    html: String,
    /// When it was published, UTC; none where it always stands there.
    published_at: Option<NaiveDateTime>,
    changed_at: NaiveDateTime,
}

#[derive(Template)]
#[template(path = "partials/roles.html")]
struct Roles<'a> {
    roles: &'a [Summary],
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
    let about_what = Interest { role, technology };
    let mut topics = vec![Topic::Articles, Topic::Pages, Topic::Figures];
    topics.extend(role.map(Topic::Role));
    topics.extend(technology.map(Topic::Technology));
    let mut figures = Lookup::new(catalogue, min_candidates);
    let mut items = articles(conn, &mut figures, about_what)?;
    topics.extend(figures.topics());
    items.extend(newsletter(conn, about_what)?);
    items.sort_by_key(|item| Reverse(item.published_at));
    items.truncate(ENTRIES);
    let moment = catalogue.moment(topics);
    items.extend(salaries(conn, about, min_candidates)?);
    for item in &mut items {
        let recorded = moment.recorded(&item.path);
        let changed_at = recorded.map(|(_, at)| at).or(moment.newest_change());
        item.changed_at = changed_at.unwrap_or(item.changed_at);
        item.html = elsewhere::html(&item.html, url, &format!("{url}{}", item.path));
    }
    Ok((items, moment))
}

fn articles(
    conn: &mut Conn,
    figures: &mut Lookup<'_>,
    about: Interest,
) -> Result<Vec<Item>, AppError> {
    let mut items = Vec::new();
    for slug in queries::newest_slugs(conn, about.role, about.technology, ENTRIES)? {
        let Some(article) = queries::by_slug(conn, &slug)? else {
            continue;
        };
        let reading = figures.reading(conn, Arc::new(article), Audience::Visitors)?;
        let article = reading.article();
        items.push(Item {
            key: format!("articles/{}", article.id.0),
            path: article.path(),
            title: article.title.clone(),
            author: article.author.clone(),
            category: (article.kind.as_str(), article.kind.label()),
            summary: article.summary.clone(),
            html: reading.html().to_owned(),
            published_at: Some(article.published_at),
            changed_at: article.updated_at,
        });
    }
    Ok(items)
}

fn newsletter(conn: &mut Conn, about: Interest) -> Result<Vec<Item>, AppError> {
    let issues = issues::published_about(conn, about, ENTRIES)?.into_iter();
    let items = issues.map(|(issue, html)| Item {
        key: format!("newsletter/issues/{}", issue.id.0),
        path: issue.path(),
        title: issue.title,
        author: String::new(),
        category: ("newsletter", "Newsletter"),
        summary: issue.summary,
        html,
        published_at: issue.started_at,
        changed_at: issue.started_at.unwrap_or(issue.updated_at),
    });
    Ok(items.collect())
}

/// The salaries that a feed is about, where there are any to show.
fn salaries(conn: &mut Conn, about: &About, min_candidates: u64) -> Result<Option<Item>, AppError> {
    let (path, title, technology) = match about {
        About::Everything => ("/salaries".to_owned(), "Salaries by role".to_owned(), None),
        About::Role(role) => (
            format!("/salaries/{}", role.slug),
            format!("{}: salaries", role.job_title),
            None,
        ),
        About::Technology(technology) => (
            format!("/technologies/{}", technology.slug),
            format!("{}: salaries by role", technology.name),
            Some(technology.id),
        ),
    };
    let mut roles = summaries(conn, technology, min_candidates)?;
    if let About::Role(role) = about {
        roles.retain(|summary| summary.role.id == role.id);
    }
    if roles.iter().all(|summary| summary.figures.is_none()) {
        return Ok(None);
    }
    Ok(Some(Item {
        key: path.trim_start_matches('/').to_owned(),
        path,
        title,
        author: String::new(),
        category: ("salaries", "Salaries"),
        summary: "What candidates ask for, and how many offers they get: medians of the latest twelve months, USD a month."
            .to_owned(),
        html: Roles { roles: &roles }.render()?,
        published_at: None,
        changed_at: NaiveDateTime::default(),
    }))
}

fn feed(site: &Site, about: &About, items: Vec<Item>, moment: &Moment) -> Feed {
    let address = format!("{}{}", site.url, about.path());
    let newest = items.iter().map(|item| item.changed_at).max();
    let updated = newest.or(moment.newest_change());
    let title = match about.name() {
        Some(name) => format!("{name}: articles and salaries of {}", site.name),
        None => format!("Articles and salaries of {}", site.name),
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
    let address = format!("{}{}", site.url, item.path);
    let (term, label) = item.category;
    let author = if item.author.is_empty() {
        site.name.clone()
    } else {
        item.author
    };
    let summary = Some(item.summary).filter(|summary| !summary.is_empty());
    Entry {
        id: format!("{}/{}", authority(site), item.key),
        title: Text::plain(item.title),
        updated: utc(item.changed_at),
        published: item.published_at.map(utc),
        authors: vec![Person {
            name: author,
            ..Person::default()
        }],
        categories: vec![Category {
            term: term.to_owned(),
            label: Some(label.to_owned()),
            ..Category::default()
        }],
        links: vec![link("alternate", "text/html", address)],
        summary: summary.map(Text::plain),
        content: Some(Content {
            value: Some(item.html),
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
