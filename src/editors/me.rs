//! Everybody's own account: `/admin/me`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};
use serde::Deserialize;

use super::changes::{self, checked_name};
use super::sessions::{self, OwnSession, Session};
use super::throttle::{self, Subjects};
use super::{SignedIn, accounts, passwords, sign_in};
use crate::admin::{Frame, Section};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::ids::SessionId;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page, times, visitors};

/// The routes, relative to `/admin`.
pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/me").route(page().to(show)))
        .service(web::resource("/me/name").route(web::post().to(rename)))
        .service(web::resource("/me/password").route(web::post().to(change_password)))
        .service(web::resource("/me/sessions/removal").route(web::post().to(end_all)))
        .service(web::resource("/me/sessions/{id}/removal").route(web::post().to(end)));
}

#[derive(Template)]
#[template(path = "editors/me.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    typed_name: &'a str,
    sessions: Vec<OwnSession>,
    /// The session of this browser.
    here: SessionId,
    errors: FieldErrors,
    now: NaiveDateTime,
}

/// `GET /admin/me`
async fn show(
    SignedIn(session): SignedIn,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let name = session.editor.name.clone();
    account(
        &session,
        &request,
        &site,
        &db,
        &name,
        FieldErrors::default(),
    )
    .await
}

async fn account(
    session: &Session,
    request: &HttpRequest,
    site: &Site,
    db: &Db,
    name: &str,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (session.editor.id, Utc::now().naive_utc());
    let sessions = db
        .read_newest(move |conn| Ok::<_, DbError>(sessions::of(conn, id, now)?))
        .await?;
    let status = errors.status();
    let show = Show {
        site,
        meta: Meta::new("My account", "", "/admin/me").hidden(),
        frame: Frame::of(&session.editor, request, Section::Me),
        typed_name: name,
        sessions,
        here: session.id,
        errors,
        now,
    };
    html_with(status, &show)
}

#[derive(Deserialize)]
struct Name {
    #[serde(default)]
    name: String,
}

/// `POST /admin/me/name`
async fn rename(
    SignedIn(session): SignedIn,
    request: HttpRequest,
    typed: web::Form<Name>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    match try_rename(&session, &typed.name, &db).await {
        Ok(()) => Ok(see_other("/admin/me", &Notice::done("Your name is saved."))),
        Err(error) => {
            let errors = error.into_errors()?;
            account(&session, &request, &site, &db, &typed.name, errors).await
        }
    }
}

async fn try_rename(session: &Session, name: &str, db: &Db) -> Result<(), FormError> {
    let name = checked_name(name).map_err(|problem| {
        let mut errors = FieldErrors::default();
        errors.add("name", problem);
        errors
    })?;
    let (id, role) = (session.editor.id, session.editor.role);
    db.write(move |conn| {
        changes::change(conn, Some(id), id, &name, role)?;
        Ok(())
    })
    .await
}

#[derive(Deserialize)]
struct Passwords {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

/// `POST /admin/me/password`
async fn change_password(
    SignedIn(session): SignedIn,
    request: HttpRequest,
    typed: web::Form<Passwords>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    match try_password(&session, &request, typed.into_inner(), &site, &db).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let (name, errors) = (session.editor.name.clone(), error.into_errors()?);
            account(&session, &request, &site, &db, &name, errors).await
        }
    }
}

async fn try_password(
    session: &Session,
    request: &HttpRequest,
    typed: Passwords,
    site: &Site,
    db: &Db,
) -> Result<HttpResponse, FormError> {
    let (id, email) = (session.editor.id, session.editor.email.clone());
    let mut errors = FieldErrors::default();
    if typed.current_password.is_empty() {
        errors.add("current_password", "Write your current password.");
    }
    if let Err(problem) = passwords::check(&typed.new_password, &email) {
        errors.add("new_password", problem);
    }
    errors.check()?;
    let subjects = Subjects::of(&email, visitors::address(request, site));
    sign_in::wait_for_turn(db, &subjects).await?;
    let hash = db
        .read_newest(move |conn| Ok::<_, DbError>(accounts::password_hash(conn, id)?))
        .await?;
    if !passwords::is_right(typed.current_password, hash).await? {
        let mut errors = FieldErrors::default();
        errors.add("current_password", "This is not your current password.");
        return Err(errors.into());
    }
    let hash = passwords::hashed(typed.new_password).await?;
    // Whoever else knows a token of this account has no use for it any more; this browser gets a new one.
    let token = super::tokens::Token::random().map_err(AppError::from)?;
    let (begun, device) = (token.clone(), sign_in::device(request));
    db.write(move |conn| {
        throttle::succeed(conn, &subjects)?;
        changes::set_password(conn, Some(id), id, &hash)?;
        sessions::begin(conn, id, &begun, &device, Utc::now().naive_utc())?;
        Ok::<_, FormError>(())
    })
    .await?;
    let notice = Notice::done("Your password is changed. You are signed out everywhere else.");
    let mut response = see_other("/admin/me", &notice);
    sign_in::carry(&mut response, &token, site);
    Ok(response)
}

/// `POST /admin/me/sessions/{id}/removal`
async fn end(
    SignedIn(session): SignedIn,
    id: web::Path<SessionId>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (editor, ended) = (session.editor.id, *id);
    db.write(move |conn| Ok::<_, DbError>(sessions::end(conn, editor, ended)?))
        .await?;
    if ended == session.id {
        return Ok(sign_in::signed_out(&site));
    }
    let notice = Notice::done("That browser is signed out.");
    Ok(see_other("/admin/me", &notice))
}

/// `POST /admin/me/sessions/removal`
async fn end_all(
    SignedIn(session): SignedIn,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let editor = session.editor.id;
    db.write(move |conn| Ok::<_, DbError>(sessions::end_all(conn, editor)?))
        .await?;
    Ok(sign_in::signed_out(&site))
}
