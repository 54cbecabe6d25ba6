//! An issue's page for everybody: `/newsletter/issues/{slug}`.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;

use super::SignUpBox;
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::newsletter::issues::Issue;
use crate::newsletter::issues::queries::{self, Line};
use crate::seo::structured::{
    Article, Author, BreadcrumbList, Graph, Headline, Moment as Time, Organization, Thing, Url,
};
use crate::share;
use crate::slug::Slug;
use crate::versions::{Moment, Topic};
use crate::web::{JsonLd, LONGEST_TITLE, Link, Meta, Site, assets, dated, fitting, times};

/// An issue as a page, for everybody or in the frame beside its form.
#[derive(Template)]
#[template(path = "newsletter/issue.html")]
pub(in crate::newsletter) struct IssuePage<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    title: &'a str,
    summary: &'a str,
    /// When it was sent, UTC; none in the frame.
    sent_at: Option<NaiveDateTime>,
    /// Its text, which went through the sanitiser.
    text: &'a str,
    share: Vec<Link>,
    earlier: Option<&'a Line>,
    later: Option<&'a Line>,
    sign_up: SignUpBox,
}

impl<'a> IssuePage<'a> {
    /// An issue that has not left.
    pub(in crate::newsletter) fn framed(
        site: &'a Site,
        title: &'a str,
        summary: &'a str,
        text: &'a str,
    ) -> Self {
        Self {
            site,
            meta: Meta::new(title, "", "/newsletter").hidden(),
            crumbs: vec![
                Link::new("Newsletter", "/newsletter"),
                Link::new(title, "/newsletter"),
            ],
            title,
            summary,
            sent_at: None,
            text,
            share: Vec::new(),
            earlier: None,
            later: None,
            sign_up: SignUpBox::default(),
        }
    }

    /// What it says to search engines.
    fn structured(&self) -> JsonLd<Graph<'_>> {
        let mut things = vec![Thing::Breadcrumbs(BreadcrumbList::of(
            self.site,
            &self.crumbs,
        ))];
        if let Some(sent_at) = self.sent_at {
            let image = share::image_of(&self.meta, self.site).into_owned();
            things.push(Thing::Article(Article {
                headline: Headline(self.title),
                description: &self.meta.description,
                image: vec![Url::on(self.site, image.address)],
                date_published: Time(sent_at),
                date_modified: Time(self.meta.changed_at.unwrap_or(sent_at).max(sent_at)),
                author: Author::of(self.site, ""),
                publisher: Organization::of(self.site),
                main_entity_of_page: Url::on(self.site, &self.meta.canonical),
                article_section: "Newsletter",
                in_language: "en",
            }));
        }
        JsonLd(Graph::of(things))
    }
}

/// An issue that has left, with those before and after it.
struct Seen {
    issue: Issue,
    text: String,
    earlier: Option<Line>,
    later: Option<Line>,
    moment: Moment,
}

/// `GET /newsletter/issues/{slug}`
pub(super) async fn show(
    slug: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let found = db.read(move |conn| seen(conn, &catalogues, &slug));
    respond(&site, &found.await?)
}

/// An issue's page, made at once.
///
/// # Errors
/// As for visitors.
pub fn made(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
    slug: &str,
) -> Result<HttpResponse, AppError> {
    respond(site, &seen(conn, catalogues, slug)?)
}

fn seen(conn: &mut Conn, catalogues: &Catalogues, slug: &str) -> Result<Seen, AppError> {
    let nothing = || AppError::not_found("There is no such issue of the newsletter.");
    let slug: Slug = slug.parse().map_err(|_| nothing())?;
    let (issue, text) = queries::published_by_slug(conn, &slug)?.ok_or_else(nothing)?;
    let mut lines = queries::published(conn)?.into_iter();
    let later = lines.by_ref().take_while(|line| line.slug != slug).last();
    Ok(Seen {
        issue,
        text,
        later,
        earlier: lines.next(),
        moment: catalogues.of(conn)?.moment([Topic::Articles]),
    })
}

fn respond(site: &Site, seen: &Seen) -> Result<HttpResponse, AppError> {
    let issue = &seen.issue;
    let sent_on = issue.started_at.unwrap_or(issue.updated_at);
    let sent_on = sent_on.format("%-d %B %Y");
    let description = match issue.summary.as_str() {
        "" => format!(
            "The newsletter of {} of {sent_on}: {}.",
            site.name, issue.title
        ),
        summary => summary.to_owned(),
    };
    // Two issues may have the same title; a long one is left without its date, which would not be seen.
    let title = fitting(
        LONGEST_TITLE,
        &[&|| format!("{}, {sent_on}", issue.title), &|| {
            issue.title.clone()
        }],
    );
    let mut page = IssuePage {
        site,
        meta: Meta {
            published_at: issue.started_at,
            ..Meta::new(title, description, issue.path())
        },
        crumbs: vec![
            Link::new("Newsletter", "/newsletter"),
            Link::new(&issue.title, issue.path()),
        ],
        title: &issue.title,
        summary: &issue.summary,
        sent_at: issue.started_at,
        text: &seen.text,
        share: share::links(&format!("{}{}", site.url, issue.path()), &issue.title),
        earlier: seen.earlier.as_ref(),
        later: seen.later.as_ref(),
        sign_up: SignUpBox {
            page: issue.path(),
            ..SignUpBox::default()
        },
    };
    dated::page(&mut page, |page| &mut page.meta, seen.moment.clone())
}
