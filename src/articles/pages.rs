//! The articles' pages: `/articles` and `/articles/{slug}`.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::live_figures::{Audience, Lookup, Reading};
use super::queries::{self, Teaser};
use super::sharing::{card, structured};
use super::slugs::{self, Whereabouts};
use super::{Article, FullArticle, Kind};
use crate::catalogue::{Catalogue, Catalogues};
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::images::{self, Image, Picture};
use crate::market;
use crate::newsletter::SignUpBox;
use crate::newsletter::issues::queries::{self as issues, Line};
use crate::salaries::{Level, Report, Subject, levels, most_offered_role};
use crate::seo::structured::Graph;
use crate::share::{self, Card};
use crate::slug::Slug;
use crate::versions::{Moment, Topic};
use crate::web::canonical::moved_permanently;
use crate::web::{
    JsonLd, Link, Meta, Site, assets, dated, html, kept, kept_by_query, nearest, times,
};

/// Articles that the index lists.
const LISTED: i64 = 500;

const TAKEN_BACK: &str = "The article that was at this address has been taken back by its editors.";

/// The articles' routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(kept("/articles", list))
        .service(kept_by_query("/articles/{slug}.png", picture))
        .service(kept("/articles/{slug}", show));
}

#[derive(Template)]
#[template(path = "articles/list.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    articles: Vec<Teaser>,
    /// Issues of the newsletter.
    issues: Vec<Line>,
}

/// `/articles`
async fn list(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let found = db.read(move |conn| listed(conn, &catalogues));
    list_page(&site, found.await?)
}

/// `/articles`, made at once.
///
/// # Errors
/// As for visitors.
pub fn made_list(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
) -> Result<HttpResponse, AppError> {
    list_page(site, listed(conn, catalogues)?)
}

/// The articles, and the issues of the newsletter.
type Texts = (Vec<Teaser>, Vec<Line>);

fn listed(conn: &mut Conn, catalogues: &Catalogues) -> Result<(Texts, Moment), AppError> {
    Ok((
        (queries::newest(conn, LISTED)?, issues::published(conn)?),
        catalogues.of(conn)?.moment([Topic::Articles]),
    ))
}

fn list_page(
    site: &Site,
    ((articles, issues), moment): (Texts, Moment),
) -> Result<HttpResponse, AppError> {
    let mut list = List {
        site,
        meta: Meta::new(
            "Articles on developer roles and technologies",
            "Guides to developer roles and technologies, each beside the salaries that candidates ask for and the offers \
             that they get.",
            "/articles",
        ),
        crumbs: vec![Link::new("Articles", "/articles")],
        articles,
        issues,
    };
    dated::page(&mut list, |list| &mut list.meta, moment)
}

#[derive(Template)]
#[template(path = "articles/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    article: &'a Article,
    /// The picture above it.
    cover: Option<(Picture, &'a str)>,
    reading: &'a Reading,
    /// The salary page that the article belongs to.
    salaries: Option<Link>,
    levels: Vec<Level>,
    window: String,
    sign_up: SignUpBox,
    share: Vec<Link>,
}

impl Show<'_> {
    /// What it says to search engines.
    fn structured(&self) -> JsonLd<Graph<'_>> {
        let cover = self.cover.as_ref().map(|(picture, _)| picture);
        structured(self.site, &self.meta, &self.crumbs, self.reading, cover)
    }
}

/// `/articles/{slug}`
async fn show(
    path: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let found = db.read(move |conn| seen(conn, &catalogues, &path, min_candidates));
    respond(&site, found.await?)
}

/// An article's page, made at once.
///
/// # Errors
/// As for visitors.
pub fn made(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
    slug: &str,
) -> Result<HttpResponse, AppError> {
    respond(site, seen(conn, catalogues, slug, site.min_candidates)?)
}

/// What visitors see at the address of a slug, or the slug that it leads to.
fn seen(
    conn: &mut Conn,
    catalogues: &Catalogues,
    slug: &str,
    min_candidates: u64,
) -> Result<Result<(View, Moment), Slug>, AppError> {
    let article = match find(conn, slug)? {
        Found::Here(article) => article,
        Found::Moved(to) => return Ok(Err(to)),
    };
    let catalogue = catalogues.of(conn)?;
    let audience = Audience::Visitors;
    let view = View::load(conn, &catalogue, *article, min_candidates, audience)?;
    let moment = catalogue.moment(view.topics.as_slice());
    Ok(Ok((view, moment)))
}

fn respond(site: &Site, seen: Result<(View, Moment), Slug>) -> Result<HttpResponse, AppError> {
    match seen {
        Ok((view, moment)) => {
            let mut show = view.show(site, view.meta(site));
            dated::page(&mut show, |show| &mut show.meta, moment)
        }
        Err(slug) => Ok(moved_permanently(&format!("/articles/{slug}"))),
    }
}

/// `/articles/{slug}.png`
async fn picture(
    request: HttpRequest,
    path: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let (query, tag) = share::split_tag(request.query_string());
    let found = db.read(move |conn| seen(conn, &catalogues, &path, min_candidates));
    match found.await? {
        Ok((view, moment)) => {
            let address = picture_of(&view.reading.article().slug);
            if !query.is_empty() {
                return Ok(moved_permanently(&address));
            }
            let drawn = (site, view);
            let image = share::file(drawn, |(site, view)| Some(view.card(site)), &address, tag);
            let image = image.await?;
            Ok(dated::file(image, moment))
        }
        Err(slug) => Ok(moved_permanently(&picture_of(&slug))),
    }
}

fn picture_of(slug: &Slug) -> String {
    format!("/articles/{slug}.png")
}

/// An article with all that its page shows.
pub(super) struct View {
    reading: Reading,
    /// The picture above it.
    cover: Option<Image>,
    /// The figures that it belongs to.
    report: Option<Report>,
    topics: Vec<Topic>,
}

impl View {
    /// The article's view, with figures of the same moment.
    pub(super) fn load(
        conn: &mut Conn,
        catalogue: &Catalogue,
        article: FullArticle,
        min_candidates: u64,
        audience: Audience,
    ) -> Result<Self, AppError> {
        let report = salaries_of(conn, catalogue, &article.article, min_candidates)?;
        let mut topics = topics(&article.article, report.as_ref());
        let mut figures = Lookup::new(catalogue, min_candidates).beside(report.as_ref());
        let reading = figures.reading(conn, Arc::new(article), audience)?;
        topics.extend(figures.topics());
        let cover = match reading.article().cover_image_id {
            Some(id) => images::queries::by_id(conn, id)?,
            None => None,
        };
        Ok(Self {
            reading,
            cover: cover.filter(|image| image.removed_at.is_none()),
            report,
            topics,
        })
    }

    /// What its page tells search engines.
    pub(super) fn meta(&self, site: &Site) -> Meta {
        let article = self.reading.article();
        Meta {
            changed_at: Some(article.updated_at),
            published_at: Some(article.published_at),
            image: Some(self.card(site).image(&picture_of(&article.slug))),
            ..Meta::new(article.search_title(), &article.description, article.path())
        }
    }

    /// The picture beside links to it.
    fn card<'a>(&'a self, site: &'a Site) -> Card<'a> {
        card(site, self.reading.article(), self.report.as_ref())
    }

    /// Its page, as its editors see it.
    pub(super) fn page(&self, site: &Site, meta: Meta) -> Result<HttpResponse, AppError> {
        html(&self.show(site, meta))
    }

    fn show<'a>(&'a self, site: &'a Site, meta: Meta) -> Show<'a> {
        let article = self.reading.article();
        let levels = match &self.report {
            Some(report) if article.kind == Kind::Seniority => levels(&report.by_seniority),
            _ => Vec::new(),
        };
        let window = self.report.as_ref().and_then(|report| report.window);
        let subject = self.report.as_ref().map(|report| &report.subject);
        Show {
            site,
            meta,
            crumbs: vec![
                Link::new("Articles", "/articles"),
                Link::new(&article.title, article.path()),
            ],
            cover: self
                .cover
                .as_ref()
                .map(|image| (image.picture(), image.alt.as_str())),
            reading: &self.reading,
            window: window.map_or_else(String::new, |window| window.to_string()),
            salaries: subject.map(|subject| Link::new(subject.heading(), subject.path())),
            levels,
            sign_up: self.sign_up(article),
            share: share::links(&format!("{}{}", site.url, article.path()), &article.title),
            article,
        }
    }

    /// The box in which readers sign up for what the article is about.
    fn sign_up(&self, article: &Article) -> SignUpBox {
        let subject = self.report.as_ref().map(|report| &report.subject);
        // A technology's own article stands in no role of its own.
        let role = subject.map(|subject| &subject.role);
        let role = role.filter(|_| article.role_id.is_some());
        let technology = subject.and_then(|subject| subject.technology.as_ref());
        SignUpBox {
            role: role.map_or_else(String::new, |role| role.slug.to_string()),
            technology: technology.map_or_else(String::new, |it| it.slug.to_string()),
            name: match (role, technology) {
                (Some(role), Some(technology)) => format!("{} with {}", role.name, technology.name),
                (Some(role), None) => role.name.clone(),
                (None, Some(technology)) => technology.name.clone(),
                (None, None) => String::new(),
            },
            page: article.path(),
        }
    }
}

/// What an article's page shows.
fn topics(article: &Article, report: Option<&Report>) -> Vec<Topic> {
    let mut topics = vec![Topic::Articles];
    topics.extend(report.map(Report::topics).unwrap_or_default());
    if article.role_id.is_none() && article.technology_id.is_some() {
        // Which role has the most offers depends on every role.
        topics.push(Topic::Figures);
    }
    topics
}

/// Where the article of an address is.
enum Found {
    Here(Box<FullArticle>),
    /// At the address of another slug.
    Moved(Slug),
}

fn find(conn: &mut Conn, slug: &str) -> Result<Found, AppError> {
    if let Ok(slug) = slug.parse::<Slug>() {
        if let Some(article) = queries::by_slug(conn, &slug)? {
            return Ok(Found::Here(Box::new(article)));
        }
        match slugs::whereabouts(conn, &slug)? {
            Whereabouts::Moved(to) => return Ok(Found::Moved(to)),
            Whereabouts::Gone => return Err(AppError::Gone(TAKEN_BACK.to_owned())),
            Whereabouts::Nowhere => {}
        }
    }
    let articles = queries::newest(conn, LISTED)?;
    let links = articles
        .into_iter()
        .map(|article| Link::new(article.title, format!("/articles/{}", article.slug)));
    Err(AppError::NotFound {
        what: "There is no such article.".to_owned(),
        near: nearest(slug, links.collect()),
    })
}

/// The figures that an article belongs to: of its role and technology; of a technology alone, in the role with the most
/// offers for it.
fn salaries_of(
    conn: &mut Conn,
    catalogue: &Catalogue,
    article: &Article,
    min_candidates: u64,
) -> Result<Option<Report>, AppError> {
    let technology = article
        .technology_id
        .and_then(|id| catalogue.technology(id).map(Arc::clone));
    let role = match (article.role_id, &technology) {
        (Some(role), _) => market::queries::role(conn, role)?,
        (None, Some(technology)) => most_offered_role(conn, technology.id, min_candidates)?,
        (None, None) => None,
    };
    let Some(role) = role else {
        return Ok(None);
    };
    let subject = Subject { role, technology };
    match Report::load(
        conn,
        catalogue,
        subject,
        &crate::salaries::Filters::default(),
        min_candidates,
    ) {
        Ok(report) => Ok(Some(report)),
        // Nobody in the role has the technology: the article stands without figures.
        Err(AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
