//! The home page: search, roles with their medians, trending technologies, newest articles.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::articles::queries::{Teaser, newest};
use crate::catalogue::Catalogues;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::newsletter::SignUpBox;
use crate::salaries::{Summary, Trend, summaries, trending};
use crate::seo::structured::Graph;
use crate::versions::{Moment, Topic};
use crate::web::{JsonLd, Meta, Site, assets, dated, kept};

/// Technologies and articles that the page shows.
const TECHNOLOGIES: i64 = 12;
const ARTICLES: i64 = 6;

/// The home page's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(kept("/", show));
}

#[derive(Template)]
#[template(path = "home/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    roles: Vec<Summary>,
    technologies: Vec<Trend>,
    articles: Vec<Teaser>,
    sign_up: SignUpBox,
}

/// `/`
async fn show(
    site: web::Data<Site>,
    db: web::Data<Db>,
    catalogues: web::Data<Catalogues>,
) -> Result<HttpResponse, AppError> {
    let min_candidates = site.min_candidates;
    let view = db.read(move |conn| View::load(conn, &catalogues, min_candidates));
    view.await?.page(&site)
}

/// The home page, made at once.
///
/// # Errors
/// As for visitors.
pub fn made(
    conn: &mut Conn,
    catalogues: &Catalogues,
    site: &Site,
) -> Result<HttpResponse, AppError> {
    View::load(conn, catalogues, site.min_candidates)?.page(site)
}

/// What the page shows.
struct View {
    roles: Vec<Summary>,
    technologies: Vec<Trend>,
    articles: Vec<Teaser>,
    moment: Moment,
}

impl View {
    fn load(
        conn: &mut Conn,
        catalogues: &Catalogues,
        min_candidates: u64,
    ) -> Result<Self, AppError> {
        let mut roles = summaries(conn, None, min_candidates)?;
        roles.sort_by_key(|role| {
            std::cmp::Reverse(role.figures.as_ref().map_or(0, |figures| figures.offers))
        });
        Ok(Self {
            roles,
            technologies: trending(conn, TECHNOLOGIES, min_candidates)?,
            articles: newest(conn, ARTICLES)?,
            moment: catalogues
                .of(conn)?
                .moment([Topic::Figures, Topic::Articles]),
        })
    }

    fn page(self, site: &Site) -> Result<HttpResponse, AppError> {
        let mut show = Show {
            site,
            meta: Meta::new(
                "What developers ask for, role by role",
                "Live salary figures for developers, computed from real offers: medians, charts and trends by role, \
                 technology and country, beside articles that explain the work.",
                "/",
            ),
            roles: self.roles,
            technologies: self.technologies,
            articles: self.articles,
            sign_up: SignUpBox {
                page: "/".to_owned(),
                ..SignUpBox::default()
            },
        };
        dated::page(&mut show, |show| &mut show.meta, self.moment)
    }
}
