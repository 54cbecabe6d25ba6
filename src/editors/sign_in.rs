//! `/admin/sign-in`, and signing out.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;
use diesel::QueryResult;
use serde::Deserialize;

use super::accounts::{self, Credentials};
use super::log::{self, Thing};
use super::throttle::{self, Subjects};
use super::tokens::Token;
use super::{Email, SignedIn, cookie, devices, guard, kept_form, passwords, sessions};
use crate::db::{Conn, Db, DbError};
use crate::error::AppError;
use crate::ids::EditorId;
use crate::web::forms::{FieldErrors, FormError, of_bytes};
use crate::web::{Meta, Site, assets, html_with, page, visitors};

/// The routes for everybody, relative to `/admin`.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let sign_in = web::resource("/sign-in")
        .app_data(of_bytes(kept_form::LONGEST))
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
    typed: Typed<'a>,
    errors: FieldErrors,
}

/// What the page holds.
#[derive(Clone, Copy, Default)]
pub(super) struct Typed<'a> {
    /// The e-mail address.
    pub(super) email: &'a str,
    /// Where to go afterwards, below `/admin`.
    pub(super) to: &'a str,
    /// A form that was sent without a session, to be sent there: its body, in hexadecimal digits.
    pub(super) kept: Option<&'a str>,
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
    kept: Option<String>,
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
    let typed = Typed {
        to,
        ..Typed::default()
    };
    form(&site, &typed, FieldErrors::default(), StatusCode::OK)
}

/// `POST /admin/sign-in`
async fn sign_in(
    request: HttpRequest,
    sent: web::Form<SignIn>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let sent = sent.into_inner();
    let typed = Typed {
        email: &sent.email,
        to: safe(&sent.to),
        kept: sent.kept.as_deref(),
    };
    let visitor = visitors::address(&request, &site);
    match enter(&request, &db, typed.email, sent.password, visitor).await {
        Ok(token) => {
            let sent_again = match typed.kept {
                Some(kept) => kept_form::send_again(&site, typed.to, kept)?,
                None => None,
            };
            let mut response = sent_again.unwrap_or_else(|| go(typed.to));
            carry(&mut response, &token, &site);
            Ok(response)
        }
        Err(error) => {
            let errors = error.into_errors()?;
            let status = errors.status();
            form(&site, &typed, errors, status)
        }
    }
}

/// Begins a session for whoever knows the password.
async fn enter(
    request: &HttpRequest,
    db: &Db,
    email: &str,
    password: String,
    visitor: Option<IpAddr>,
) -> Result<Token, FormError> {
    let mut errors = FieldErrors::default();
    if email.trim().is_empty() {
        errors.add("email", "Write your e-mail address.");
    }
    if password.is_empty() {
        errors.add("password", "Write your password.");
    }
    errors.check()?;
    let subjects = Subjects::of(email, visitor);
    wait_for_turn(db, &subjects).await?;
    let editor = who(db, email, password).await?;
    let device = device(request);
    let token = Token::random().map_err(AppError::from)?;
    let begun = token.clone();
    db.write(move |conn| {
        throttle::succeed(conn, &subjects)?;
        begin(conn, editor, &begun, &device)?;
        Ok::<_, DbError>(())
    })
    .await?;
    Ok(token)
}

/// Counts an attempt, unless there were too many.
///
/// # Errors
/// A sentence that says how long to wait.
pub(super) async fn wait_for_turn(db: &Db, subjects: &Subjects) -> Result<(), FormError> {
    let (subjects, now) = (subjects.clone(), Utc::now().naive_utc());
    let wait = db
        .write(move |conn| Ok::<_, DbError>(throttle::attempt(conn, &subjects, now)?))
        .await?;
    let Some(wait) = wait else {
        return Ok(());
    };
    let sentence = format!(
        "There were too many wrong passwords. Wait {}, then try again.",
        throttle::in_words(wait)
    );
    let errors = FieldErrors::whole(sentence);
    Err(errors.with_status(StatusCode::TOO_MANY_REQUESTS).into())
}

/// Begins a session, and notes it in the log.
pub(super) fn begin(
    conn: &mut Conn,
    editor: EditorId,
    token: &Token,
    device: &str,
) -> QueryResult<()> {
    sessions::begin(conn, editor, token, device, Utc::now().naive_utc())?;
    let name = accounts::by_id(conn, editor)?.name;
    log::note(
        conn,
        Some(editor),
        "signed_in",
        Thing::Account(editor),
        &name,
    )
}

/// Whose address and password these are. Unknown and known accounts are answered alike, and after the same time.
async fn who(db: &Db, email: &str, password: String) -> Result<EditorId, FormError> {
    let email = email.parse::<Email>().ok();
    let known = db
        .read_newest(move |conn| {
            let known = email.map(|email| accounts::credentials(conn, &email));
            Ok::<_, DbError>(known.transpose()?.flatten())
        })
        .await?;
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
    Ok(signed_out(&site))
}

/// The sign-in page.
pub(super) fn form(
    site: &Site,
    typed: &Typed<'_>,
    errors: FieldErrors,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let show = Show {
        site,
        meta: Meta::new("Sign in", "", "/admin/sign-in").hidden(),
        typed: *typed,
        errors,
    };
    html_with(status, &show)
}

/// To the sign-in page, without a session.
pub(super) fn signed_out(site: &Site) -> HttpResponse {
    let mut response = go("/admin/sign-in");
    // Only a cookie that cannot be written is refused, and this one can; so can the next.
    let _ = response.add_cookie(&cookie::removed(site));
    response
}

/// Lets an answer carry the token of a session that has begun.
pub(super) fn carry(response: &mut HttpResponse, token: &Token, site: &Site) {
    let _ = response.add_cookie(&cookie::carrying(token, site));
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
pub(super) fn safe(to: &str) -> &str {
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
