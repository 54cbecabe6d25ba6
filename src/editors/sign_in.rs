//! `/admin/sign-in`, and signing out.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use super::accounts::{self, Credentials};
use super::log::{self, Thing};
use super::tokens::Token;
use super::{Email, SignedIn, cookie, devices, guard, passwords, sessions};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::ids::EditorId;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::{Meta, Site, assets, html_with, page};

/// The routes for everybody, relative to `/admin`.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let sign_in = web::resource("/sign-in")
        .route(page().to(show))
        .route(web::post().to(sign_in));
    config.service(sign_in);
}

/// The routes for those who are signed in, relative to `/admin`.
pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/sign-out").route(web::post().to(sign_out)));
}

#[derive(Template)]
#[template(path = "editors/sign_in.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    email: &'a str,
    to: &'a str,
    errors: FieldErrors,
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
struct Destination {
    #[serde(default)]
    to: String,
}

/// What the form holds.
#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    to: String,
}

/// `GET /admin/sign-in`
async fn show(
    request: HttpRequest,
    destination: web::Query<Destination>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let to = safe(&destination.to);
    if guard::session(&request, &site, &db).await?.is_some() {
        return Ok(go(to));
    }
    form(&site, "", to, FieldErrors::default())
}

/// `POST /admin/sign-in`
async fn sign_in(
    request: HttpRequest,
    typed: web::Form<SignIn>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let SignIn {
        email,
        password,
        to,
    } = typed.into_inner();
    let to = safe(&to);
    match enter(&request, &db, &email, password).await {
        Ok(token) => {
            let mut response = go(to);
            response.add_cookie(&cookie::carrying(&token, &site)).ok();
            Ok(response)
        }
        Err(error) => form(&site, &email, to, error.into_errors()?),
    }
}

/// Begins a session for whoever knows the password.
async fn enter(
    request: &HttpRequest,
    db: &Db,
    email: &str,
    password: String,
) -> Result<Token, FormError> {
    let mut errors = FieldErrors::default();
    if email.trim().is_empty() {
        errors.add("email", "Write your e-mail address.");
    }
    if password.is_empty() {
        errors.add("password", "Write your password.");
    }
    errors.check()?;
    let editor = who(db, email, password).await?;
    let device = device(request);
    let token = Token::random().map_err(AppError::from)?;
    let begun = token.clone();
    db.write(move |conn| {
        sessions::begin(conn, editor, &begun, &device, Utc::now().naive_utc())?;
        let name = accounts::name(conn, editor)?;
        log::note(
            conn,
            Some(editor),
            "signed_in",
            Thing::Account(editor),
            &name,
        )?;
        Ok::<_, DbError>(())
    })
    .await?;
    Ok(token)
}

/// Whose address and password these are. Unknown and known accounts are answered alike, and after the same time.
async fn who(db: &Db, email: &str, password: String) -> Result<EditorId, FormError> {
    let known = match email.parse::<Email>() {
        Ok(email) => {
            db.read_newest(move |conn| Ok::<_, DbError>(accounts::credentials(conn, &email)?))
                .await?
        }
        Err(_) => None,
    };
    let hash = known.as_ref().and_then(|known| known.password_hash.clone());
    let is_right = passwords::is_right(password, hash).await?;
    match known {
        Some(Credentials {
            id,
            disabled_at: None,
            ..
        }) if is_right => Ok(id),
        _ => {
            let mut errors = FieldErrors::default();
            errors.add(
                "password",
                "The e-mail address or the password is not right.",
            );
            Err(errors.into())
        }
    }
}

/// `POST /admin/sign-out`
async fn sign_out(
    SignedIn(session): SignedIn,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    db.write(move |conn| {
        sessions::end(conn, session.editor.id, session.id)?;
        Ok::<_, DbError>(())
    })
    .await?;
    let mut response = go("/admin/sign-in");
    response.add_cookie(&cookie::removed(&site)).ok();
    Ok(response)
}

fn form(site: &Site, email: &str, to: &str, errors: FieldErrors) -> Result<HttpResponse, AppError> {
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        errors.status()
    };
    let show = Show {
        site,
        meta: Meta::new("Sign in", "", "/admin/sign-in").hidden(),
        email,
        to,
        errors,
    };
    html_with(status, &show)
}

/// The browser of a request in words.
pub(super) fn device(request: &HttpRequest) -> String {
    let header = request.headers().get(USER_AGENT);
    let header = header.and_then(|header| header.to_str().ok());
    devices::in_words(header.unwrap_or_default())
}

fn go(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, to))
        .finish()
}

/// The address where it is one of the admin; else the admin's first page. Nobody is sent to another site.
fn safe(to: &str) -> &str {
    let rest = to.strip_prefix("/admin");
    let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let is_plain = to
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_below && is_plain && !to.contains("//") {
        to
    } else {
        "/admin"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for to in ["/admin", "/admin/articles/7?tab=seo", "/admin?x=1"] {
            assert_eq!(safe(to), to);
        }
        for to in [
            "",
            "https://evil.example/admin",
            "//evil.example/admin",
            "/administration",
            "/admin//evil",
            "/admin/\\evil",
            "/admin/\r\nset-cookie: a=b",
            "/salaries",
        ] {
            assert_eq!(safe(to), "/admin", "{to:?}");
        }
    }
}
