//! The form: `/newsletter`, and where every box on other pages is sent.
//!
//! No captcha keeps programs out, but what costs readers nothing: a field that nobody sees, a signed time at which somebody
//! began to fill in the form, and a limit for each address. Boxes stand on pages that are kept for all and have no time of
//! their own: a script asks for one when somebody begins to type; without it, the form is shown once more.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::private;
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::mail::{MailAddress, NotAnAddress};
use crate::newsletter::interests::Interest;
use crate::newsletter::issues::queries::{self as issues, Line};
use crate::newsletter::signing_up::{self, Wish};
use crate::newsletter::{Postman, attempts};
use crate::web::forms::{FieldErrors, FormError};
use crate::web::{Link, Meta, Site, assets, html, html_with, times, visitors};

/// Nobody fills in the form faster.
const FASTEST: TimeDelta = TimeDelta::milliseconds(1_500);

/// A form that was begun before is begun again.
const SLOWEST: TimeDelta = TimeDelta::days(1);

/// Letters of a page's path that are kept.
const LONGEST_PAGE: usize = 200;

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::newsletter) struct Typed {
    email: String,
    /// What nobody sees.
    website: String,
    stamp: String,
    /// Whether only changes of the role or technology.
    only: String,
    role: String,
    technology: String,
    page: String,
}

#[derive(Template)]
#[template(path = "newsletter/show.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    crumbs: Vec<Link>,
    typed: &'a Typed,
    /// What the role and the technology are called.
    name: String,
    stamp: String,
    /// Whether only the last press of the button is missing.
    is_last_step: bool,
    errors: FieldErrors,
    issues: Vec<Line>,
}

/// `GET /newsletter`, with `?role=` and `?technology=` about those.
pub(super) async fn show(
    typed: web::Query<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed {
        email: String::new(),
        page: "/newsletter".to_owned(),
        ..typed.into_inner()
    };
    form(&site, &db, &postman, typed, FieldErrors::default(), false).await
}

async fn form(
    site: &Site,
    db: &Db,
    postman: &Postman,
    typed: Typed,
    errors: FieldErrors,
    is_last_step: bool,
) -> Result<HttpResponse, AppError> {
    let (role, technology) = (typed.role.clone(), typed.technology.clone());
    let (named, issues) = db
        .read(move |conn| {
            let interest = Interest::by_slugs(conn, &role, &technology)?;
            let named = interest.named(conn)?;
            Ok::<_, DbError>((named, issues::published(conn)?))
        })
        .await?;
    let meta = Meta::new(
        "Newsletter",
        "A mail when there is something new about what developers ask for and get: figures, articles, and changes of the \
         roles and technologies that you choose.",
        "/newsletter",
    )
    .hidden();
    let status = errors.status();
    let show = Show {
        site,
        crumbs: vec![Link::new("Newsletter", "/newsletter")],
        meta: if named.is_some() { meta.hidden() } else { meta },
        name: named.map_or_else(String::new, |named| named.name),
        stamp: postman.keys().stamp(Utc::now().naive_utc()),
        typed: &typed,
        is_last_step,
        errors,
        issues,
    };
    Ok(private(html_with(status, &show)?))
}

/// `POST /newsletter`
pub(super) async fn sign_up(
    request: HttpRequest,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let typed = typed.into_inner();
    if !typed.website.is_empty() {
        return Ok(go_on());
    }
    let address = match typed.email.parse::<MailAddress>() {
        Ok(address) => address,
        Err(error) => {
            let mut errors = FieldErrors::default();
            errors.add("email", sentence(&typed.email, error));
            return form(&site, &db, &postman, typed, errors, false).await;
        }
    };
    let age = postman.keys().age(&typed.stamp, Utc::now().naive_utc());
    if !age.is_some_and(|age| (FASTEST..SLOWEST).contains(&age)) {
        let none = FieldErrors::default();
        return form(&site, &db, &postman, typed, none, true).await;
    }
    match request_it(&request, &site, &db, address, &typed).await {
        Ok(()) => {
            postman.ring();
            Ok(go_on())
        }
        Err(error) => {
            let errors = error.into_errors()?;
            form(&site, &db, &postman, typed, errors, true).await
        }
    }
}

async fn request_it(
    request: &HttpRequest,
    site: &Site,
    db: &Db,
    address: MailAddress,
    typed: &Typed,
) -> Result<(), FormError> {
    let (from, typed) = (visitors::address(request, site), typed.clone());
    db.write(move |conn| {
        let now = Utc::now().naive_utc();
        if let Some(from) = from
            && attempts::is_one_too_many(conn, from, now)?
        {
            return Ok(false);
        }
        let interest = Interest::by_slugs(conn, &typed.role, &typed.technology)?;
        let only = !typed.only.is_empty() && !interest.is_empty();
        let wish = Wish {
            address,
            wants_issues: !only,
            interest: if only { interest } else { Interest::default() },
            page: typed.page.chars().take(LONGEST_PAGE).collect(),
        };
        signing_up::request(conn, &wish, now)?;
        Ok::<_, FormError>(true)
    })
    .await
    .and_then(|is_taken| {
        if is_taken {
            return Ok(());
        }
        let sentence =
            "Many forms came from your network within the last hour. Please try again in an hour.";
        let status = actix_web::http::StatusCode::TOO_MANY_REQUESTS;
        Err(FieldErrors::whole(sentence).with_status(status).into())
    })
}

fn sentence(typed: &str, error: NotAnAddress) -> String {
    match typed.trim() {
        "" => "Write your e-mail address.".to_owned(),
        typed if typed.len() > 254 => {
            "This address is longer than any that mail can be sent to: at most 254 letters."
                .to_owned()
        }
        _ => {
            let sentence = error.to_string();
            format!("This cannot be written to: {sentence}.")
        }
    }
}

/// The same for every address, known or not.
fn go_on() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, "/newsletter/requested"))
        .finish()
}

#[derive(Template)]
#[template(path = "newsletter/requested.html")]
struct Requested<'a> {
    site: &'a Site,
    meta: Meta,
}

/// `GET /newsletter/requested`
pub(super) async fn requested(site: web::Data<Site>) -> Result<HttpResponse, AppError> {
    html(&Requested {
        site: &site,
        meta: Meta::new("Look into your mailbox", "", "/newsletter/requested").hidden(),
    })
}

/// A signed time, for the script of a box.
#[derive(Serialize)]
struct Stamp {
    stamp: String,
}

/// `GET /newsletter/stamp`
pub(super) async fn stamp(postman: web::Data<Postman>) -> HttpResponse {
    let stamp = postman.keys().stamp(Utc::now().naive_utc());
    let mut answer = private(HttpResponse::Ok().json(Stamp { stamp }));
    answer.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("x-robots-tag"),
        actix_web::http::header::HeaderValue::from_static("noindex"),
    );
    answer
}
