//! An issue's page for everybody: `/newsletter/issues/{slug}`.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;

use super::SignUpBox;
use crate::db::Db;
use crate::error::AppError;
use crate::newsletter::issues::queries;
use crate::slug::Slug;
use crate::versions::{Shown, Topic};
use crate::web::cache::keep;
use crate::web::{Link, Meta, Site, assets, html};

/// An issue as a page, for everybody or in the frame beside its form.
#[derive(Template)]
#[template(path = "newsletter/issue.html")]
pub(in crate::newsletter) struct IssuePage<'a> {
    pub(in crate::newsletter) site: &'a Site,
    pub(in crate::newsletter) meta: Meta,
    pub(in crate::newsletter) crumbs: Vec<Link>,
    pub(in crate::newsletter) title: &'a str,
    pub(in crate::newsletter) summary: &'a str,
    /// When it was sent, UTC; none in the frame.
    pub(in crate::newsletter) sent_at: Option<NaiveDateTime>,
    /// Its text, which went through the sanitiser.
    pub(in crate::newsletter) text: &'a str,
    pub(in crate::newsletter) sign_up: SignUpBox,
}

/// `GET /newsletter/issues/{slug}`
pub(super) async fn show(
    slug: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let nothing = || AppError::not_found("There is no such issue of the newsletter.");
    let slug: Slug = slug.parse().map_err(|_| nothing())?;
    let (found, shown) = db
        .read(move |conn| {
            let found = queries::published_by_slug(conn, &slug)?;
            Ok::<_, AppError>((found, Shown::of(conn, [Topic::Articles])?))
        })
        .await?;
    let (issue, text) = found.ok_or_else(nothing)?;
    let page = html(&IssuePage {
        site: &site,
        meta: Meta::new(&issue.title, &issue.summary, issue.path()).hidden(),
        crumbs: vec![
            Link::new("Newsletter", "/newsletter"),
            Link::new(&issue.title, issue.path()),
        ],
        title: &issue.title,
        summary: &issue.summary,
        sent_at: issue.started_at,
        text: &text,
        sign_up: SignUpBox {
            page: issue.path(),
            ..SignUpBox::default()
        },
    })?;
    Ok(keep(page, shown))
}
