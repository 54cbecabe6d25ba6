//! What a subscriber gets, and what is known of them: `/newsletter/preferences/{token}`.

use actix_web::http::header::{CONTENT_DISPOSITION, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::leave::{find, opened};
use super::private;
use crate::db::{Conn, Db, DbError};
use crate::error::AppError;
use crate::market::queries as market;
use crate::newsletter::interests::{self, Interest, Named};
use crate::newsletter::subscribers::{self, Subscriber};
use crate::newsletter::{Postman, State, roll};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::{Meta, Site, assets, html, html_with, parameter};

#[derive(Template)]
#[template(path = "newsletter/preferences.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    token: &'a str,
    view: View,
    is_saved: bool,
    errors: FieldErrors,
}

/// What the page shows.
struct View {
    who: Subscriber,
    interests: Vec<Named>,
    roles: Vec<(String, String)>,
    technologies: Vec<(String, String)>,
}

impl View {
    fn load(conn: &mut Conn, who: Subscriber) -> Result<Self, AppError> {
        let roles = market::roles(conn)?.into_iter();
        let technologies = market::technologies(conn)?.into_iter();
        let none = |text: &str| std::iter::once((String::new(), text.to_owned()));
        Ok(Self {
            interests: interests::of(conn, who.id)?,
            roles: none("No role")
                .chain(roles.map(|role| (role.slug.to_string(), role.name)))
                .collect(),
            technologies: none("No technology")
                .chain(technologies.map(|it| (it.slug.to_string(), it.name)))
                .collect(),
            who,
        })
    }

    fn is_here(&self) -> bool {
        self.who.state == State::Confirmed
    }

    fn may_return(&self) -> bool {
        self.who.state == State::Left && self.who.consented_at.is_some()
    }
}

/// `GET /newsletter/preferences/{token}`
pub(super) async fn show(
    request: HttpRequest,
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let is_saved = request.query_string() == "saved";
    let none = FieldErrors::default();
    page(&site, &db, &postman, &token, is_saved, none).await
}

async fn page(
    site: &Site,
    db: &Db,
    postman: &Postman,
    token: &str,
    is_saved: bool,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let (id, _) = opened(postman, token)?;
    let view = db
        .read_newest(move |conn| {
            let who = find(conn, id)?;
            View::load(conn, who)
        })
        .await?;
    let address = format!("/newsletter/preferences/{token}");
    let status = errors.status();
    let show = Show {
        site,
        meta: Meta::new("What you get", "", address).hidden(),
        token,
        view,
        is_saved,
        errors,
    };
    Ok(private(html_with(status, &show)?))
}

/// `POST /newsletter/preferences/{token}`
pub(super) async fn save(
    token: web::Path<String>,
    sent: web::Form<Vec<(String, String)>>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, _) = opened(&postman, &token)?;
    let saved = db.write(move |conn| {
        let who = find(conn, id)?;
        change(conn, &who, &sent)
    });
    match saved.await {
        Ok(()) => Ok(to(&format!("/newsletter/preferences/{token}?saved"))),
        Err(error) => {
            let errors = error.into_errors()?;
            page(&site, &db, &postman, &token, false, errors).await
        }
    }
}

fn change(conn: &mut Conn, who: &Subscriber, sent: &[(String, String)]) -> Result<(), FormError> {
    let mut errors = FieldErrors::default();
    let wants_issues = !parameter(sent, "newsletter").is_empty();
    let ticked: Vec<&str> = sent
        .iter()
        .filter(|(name, _)| name == "interest")
        .map(|(_, slugs)| slugs.as_str())
        .collect();
    let had = interests::of(conn, who.id)?;
    let kept = had
        .iter()
        .filter(|named| ticked.contains(&named.slugs.as_str()));
    let kept: Vec<Interest> = kept.map(|named| named.interest).collect();
    let (role, technology) = (parameter(sent, "role"), parameter(sent, "technology"));
    let added = Interest::by_slugs(conn, &role, &technology)?;
    if !wants_issues && kept.is_empty() && added.is_empty() {
        errors.add(
            "newsletter",
            "Choose at least one, or leave the newsletter with the link below.",
        );
    }
    errors.check()?;
    interests::keep(conn, who.id, &kept)?;
    interests::add(conn, who.id, added)?;
    roll::set_wants_issues(conn, who.id, wants_issues)?;
    Ok(())
}

/// `POST /newsletter/preferences/{token}/return`: somebody left by mistake.
pub(super) async fn come_back(
    token: web::Path<String>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, _) = opened(&postman, &token)?;
    db.write(move |conn| Ok::<_, DbError>(subscribers::come_back(conn, id)?))
        .await?;
    Ok(to(&format!("/newsletter/preferences/{token}?saved")))
}

/// `GET /newsletter/preferences/{token}/data.json`
pub(super) async fn data(
    token: web::Path<String>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, _) = opened(&postman, &token)?;
    let data = db
        .read_newest(move |conn| {
            let who = find(conn, id)?;
            Ok::<_, AppError>(subscribers::data(conn, who)?)
        })
        .await?;
    let answer = HttpResponse::Ok()
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"newsletter.json\"",
        ))
        .json(data);
    Ok(private(answer))
}

#[derive(Template)]
#[template(path = "newsletter/removed.html")]
struct Removed<'a> {
    site: &'a Site,
    meta: Meta,
}

/// `POST /newsletter/preferences/{token}/removal`
pub(super) async fn remove(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, _) = opened(&postman, &token)?;
    db.write(move |conn| {
        let who = find(conn, id)?;
        subscribers::forget(conn, &who, Utc::now().naive_utc())?;
        Ok::<_, AppError>(())
    })
    .await?;
    let page = html(&Removed {
        site: &site,
        meta: Meta::new("Your data is removed", "", "/newsletter").hidden(),
    })?;
    Ok(private(page))
}

fn to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .finish()
}
