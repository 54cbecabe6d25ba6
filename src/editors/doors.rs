//! The pages that a one-time link leads to: `/admin/first/{token}`, `/admin/invitations/{token}`,
//! `/admin/passwords/{token}`. Each sets a password and signs in.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Utc;
use serde::Deserialize;

use super::changes::{self, checked_name};
use super::links::{self, Purpose};
use super::tokens::Token;
use super::{Editor, Email, accounts, passwords, sign_in};
use crate::db::{Conn, Db, DbError};
use crate::error::AppError;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html_with, page};

/// The routes, relative to `/admin`.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/first/{token}")
                .route(page().to(first))
                .route(web::post().to(create_first)),
        )
        .service(
            web::resource("/invitations/{token}")
                .route(page().to(invitation))
                .route(web::post().to(accept)),
        )
        .service(
            web::resource("/passwords/{token}")
                .route(page().to(new_password))
                .route(web::post().to(set_password)),
        );
}

#[derive(Template)]
#[template(path = "editors/door.html")]
struct Door<'a> {
    site: &'a Site,
    meta: Meta,
    purpose: Purpose,
    action: String,
    typed: &'a Typed,
    errors: FieldErrors,
}

/// What the forms hold; not all of them have all fields.
#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// `GET /admin/first/{token}`
async fn first(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let token = parse(&token)?;
    let link = token.clone();
    db.read_newest(move |conn| check_first(conn, &link)).await?;
    let purpose = Purpose::FirstAdministrator;
    door(
        &site,
        purpose,
        &token,
        &Typed::default(),
        FieldErrors::default(),
    )
}

/// `POST /admin/first/{token}`
async fn create_first(
    request: HttpRequest,
    token: web::Path<String>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let token = parse(&token)?;
    match try_first(&request, &db, &token, &typed).await {
        Ok(session) => Ok(welcome(
            &site,
            &session,
            "Welcome. Now invite those who write with you.",
        )),
        Err(error) => {
            let purpose = Purpose::FirstAdministrator;
            door(&site, purpose, &token, &typed, error.into_errors()?)
        }
    }
}

async fn try_first(
    request: &HttpRequest,
    db: &Db,
    token: &Token,
    typed: &Typed,
) -> Result<Token, FormError> {
    let mut errors = FieldErrors::default();
    let name = checked_name(&typed.name).map_err(|problem| errors.add("name", problem));
    let email = typed.email.parse::<Email>();
    let email = email.map_err(|_| errors.add("email", NO_EMAIL));
    if let Err(problem) = passwords::check(&typed.password, &typed.email) {
        errors.add("password", problem);
    }
    errors.check()?;
    let (Ok(name), Ok(email)) = (name, email) else {
        return Err(FieldErrors::default().into());
    };
    let hash = passwords::hashed(typed.password.clone()).await?;
    let session = Token::random().map_err(AppError::from)?;
    let (token, begun, device) = (token.clone(), session.clone(), sign_in::device(request));
    db.write(move |conn| {
        check_first(conn, &token)?;
        let now = Utc::now().naive_utc();
        let id = changes::add_first(conn, (&email, &name), &hash, now)?;
        sign_in::begin(conn, id, &begun, &device)?;
        Ok::<_, FormError>(())
    })
    .await?;
    Ok(session)
}

/// What is said where an e-mail address is needed.
pub(super) const NO_EMAIL: &str = "Write an e-mail address, such as ada@example.org.";

fn check_first(conn: &mut Conn, token: &Token) -> Result<(), AppError> {
    if !links::is_first(conn, token)? || accounts::exist(conn)? {
        return Err(AppError::not_found(
            "This link holds no more: it was used, or payband was started again since. While nobody has an account, the \
             newest link is printed where payband is started.",
        ));
    }
    Ok(())
}

/// `GET /admin/invitations/{token}`
async fn invitation(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    open(Purpose::Invitation, &token, &site, &db).await
}

/// `POST /admin/invitations/{token}`
async fn accept(
    request: HttpRequest,
    token: web::Path<String>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    pass(Purpose::Invitation, &request, &token, &typed, &site, &db).await
}

/// `GET /admin/passwords/{token}`
async fn new_password(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    open(Purpose::Password, &token, &site, &db).await
}

/// `POST /admin/passwords/{token}`
async fn set_password(
    request: HttpRequest,
    token: web::Path<String>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    pass(Purpose::Password, &request, &token, &typed, &site, &db).await
}

async fn open(
    purpose: Purpose,
    token: &str,
    site: &Site,
    db: &Db,
) -> Result<HttpResponse, AppError> {
    let token = parse(token)?;
    let editor = whose(db, purpose, &token).await?;
    let typed = Typed {
        name: editor.name,
        email: editor.email,
        ..Typed::default()
    };
    door(site, purpose, &token, &typed, FieldErrors::default())
}

async fn pass(
    purpose: Purpose,
    request: &HttpRequest,
    token: &str,
    typed: &Typed,
    site: &Site,
    db: &Db,
) -> Result<HttpResponse, AppError> {
    let token = parse(token)?;
    let editor = whose(db, purpose, &token).await?;
    let typed = Typed {
        name: match purpose {
            Purpose::Invitation => typed.name.clone(),
            _ => editor.name,
        },
        email: editor.email,
        password: typed.password.clone(),
    };
    match try_pass(purpose, request, &token, &typed, db).await {
        Ok(session) => {
            let done = match purpose {
                Purpose::Invitation => "Welcome. Your account is ready.",
                _ => "Your password is set. You are signed in here, and nowhere else.",
            };
            Ok(welcome(site, &session, done))
        }
        Err(error) => door(site, purpose, &token, &typed, error.into_errors()?),
    }
}

async fn try_pass(
    purpose: Purpose,
    request: &HttpRequest,
    token: &Token,
    typed: &Typed,
    db: &Db,
) -> Result<Token, FormError> {
    let mut errors = FieldErrors::default();
    let name = checked_name(&typed.name).map_err(|problem| errors.add("name", problem));
    if let Err(problem) = passwords::check(&typed.password, &typed.email) {
        errors.add("password", problem);
    }
    errors.check()?;
    let name = name.unwrap_or_default();
    let hash = passwords::hashed(typed.password.clone()).await?;
    let session = Token::random().map_err(AppError::from)?;
    let (token, begun, device) = (token.clone(), session.clone(), sign_in::device(request));
    db.write(move |conn| {
        // Another one may have used the link meanwhile.
        let now = Utc::now().naive_utc();
        let editor = links::find(conn, purpose, &token, now)?.ok_or_else(no_link)?;
        let by = Some(editor.id);
        changes::change(conn, by, editor.id, &name, editor.role)?;
        changes::set_password(conn, by, editor.id, &hash)?;
        sign_in::begin(conn, editor.id, &begun, &device)?;
        Ok::<_, FormError>(())
    })
    .await?;
    Ok(session)
}

async fn whose(db: &Db, purpose: Purpose, token: &Token) -> Result<Editor, AppError> {
    let (token, now) = (token.clone(), Utc::now().naive_utc());
    let editor = db
        .read_newest(move |conn| Ok::<_, DbError>(links::find(conn, purpose, &token, now)?))
        .await?;
    editor.ok_or_else(no_link)
}

fn no_link() -> AppError {
    AppError::not_found(
        "This link holds no more: it was used, or is older than a week, or a newer one was made. Ask an administrator for \
         another one.",
    )
}

fn parse(token: &str) -> Result<Token, AppError> {
    token.parse().map_err(|_| no_link())
}

fn door(
    site: &Site,
    purpose: Purpose,
    token: &Token,
    typed: &Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let title = match purpose {
        Purpose::FirstAdministrator => "Create the first account",
        Purpose::Invitation => "Accept your invitation",
        Purpose::Password => "Set a new password",
    };
    let status = errors.status();
    let show = Door {
        site,
        meta: Meta::new(title, "", "/admin/sign-in").hidden(),
        purpose,
        action: purpose.path(token),
        typed,
        errors,
    };
    html_with(status, &show)
}

/// Into the admin, with a session.
fn welcome(site: &Site, session: &Token, sentence: &str) -> HttpResponse {
    let mut response = see_other("/admin", &Notice::done(sentence));
    sign_in::carry(&mut response, session, site);
    response
}
