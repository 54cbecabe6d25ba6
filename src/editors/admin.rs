//! The accounts' pages, for administrators: `/admin/accounts`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};
use serde::Deserialize;

use super::accounts::{self, Account, State};
use super::changes::{self, Refusal, checked_name};
use super::doors::NO_EMAIL;
use super::link_mails::{self, Mailed};
use super::links::{self, Purpose};
use super::log::{self, Thing};
use super::tokens::Token;
use super::{Admin, Editor, EditorRole, Email};
use crate::admin::{Frame, Section};
use crate::db::{Conn, Db, DbError};
use crate::error::AppError;
use crate::ids::EditorId;
use crate::mail::Mailer;
use crate::web::forms::{FieldErrors, FormError};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, html_with, page, times};

/// The routes, relative to `/admin`.
pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/accounts")
                .route(page().to(list))
                .route(web::post().to(invite)),
        )
        .service(web::resource("/accounts/new").route(page().to(new)))
        .service(
            web::resource("/accounts/{id}")
                .route(page().to(show))
                .route(web::post().to(change)),
        )
        .service(web::resource("/accounts/{id}/link").route(web::post().to(make_link)))
        .service(web::resource("/accounts/{id}/suspension").route(web::post().to(disable)))
        .service(web::resource("/accounts/{id}/reinstatement").route(web::post().to(enable)));
}

#[derive(Template)]
#[template(path = "editors/list.html")]
struct List<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    accounts: Vec<Account>,
    now: NaiveDateTime,
}

/// `GET /admin/accounts`
async fn list(
    Admin(editor): Admin,
    request: HttpRequest,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let accounts = db
        .read_newest(|conn| Ok::<_, DbError>(accounts::all(conn)?))
        .await?;
    html(&List {
        site: &site,
        meta: Meta::new("Accounts", "", "/admin/accounts").hidden(),
        frame: Frame::of(&editor, &request, Section::Accounts),
        accounts,
        now: Utc::now().naive_utc(),
    })
}

#[derive(Template)]
#[template(path = "editors/new.html")]
struct New<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    typed: &'a Typed,
    errors: FieldErrors,
}

/// What the forms hold.
#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

/// `GET /admin/accounts/new`
async fn new(
    Admin(editor): Admin,
    request: HttpRequest,
    site: web::Data<Site>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed {
        role: EditorRole::Editor.as_str().to_owned(),
        ..Typed::default()
    };
    new_form(&editor, &request, &site, &typed, FieldErrors::default())
}

fn new_form(
    editor: &Editor,
    request: &HttpRequest,
    site: &Site,
    typed: &Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let status = errors.status();
    let new = New {
        site,
        meta: Meta::new("Invite somebody", "", "/admin/accounts/new").hidden(),
        frame: Frame::of(editor, request, Section::Accounts),
        typed,
        errors,
    };
    html_with(status, &new)
}

#[derive(Template)]
#[template(path = "editors/link.html")]
struct LinkMade<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    account: Editor,
    is_invitation: bool,
    address: String,
    mailed: Mailed,
}

/// `POST /admin/accounts`
async fn invite(
    Admin(editor): Admin,
    request: HttpRequest,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    mailer: web::Data<Mailer>,
) -> Result<HttpResponse, AppError> {
    match try_invite(&editor, &typed, &db).await {
        Ok((account, token)) => {
            let purpose = Purpose::Invitation;
            let sent = link_mails::send(&mailer, &site, &account, purpose, &token).await?;
            link_page(&editor, &request, &site, account, purpose, &token, sent)
        }
        Err(error) => new_form(&editor, &request, &site, &typed, error.into_errors()?),
    }
}

async fn try_invite(by: &Editor, typed: &Typed, db: &Db) -> Result<(Editor, Token), FormError> {
    let mut errors = FieldErrors::default();
    let name = checked_name(&typed.name).map_err(|problem| errors.add("name", problem));
    let email = typed.email.parse::<Email>();
    let email = email.map_err(|_| errors.add("email", NO_EMAIL));
    let role = role(&typed.role, &mut errors);
    errors.check()?;
    let (Ok(name), Ok(email), Some(role)) = (name, email, role) else {
        return Err(FieldErrors::default().into());
    };
    let token = Token::random().map_err(AppError::from)?;
    let (by, link) = (by.id, token.clone());
    let account = db
        .write(move |conn| {
            let now = Utc::now().naive_utc();
            let id = changes::add(conn, Some(by), (&email, &name, role), None, now)?;
            links::create(conn, Purpose::Invitation, id, &link, now)?;
            Ok::<_, FormError>(accounts::by_id(conn, id)?)
        })
        .await?;
    Ok((account, token))
}

fn role(text: &str, errors: &mut FieldErrors) -> Option<EditorRole> {
    let role = text.parse().ok();
    if role.is_none() {
        errors.add("role", "Choose what the account may do.");
    }
    role
}

/// The page with a link that was just made. It is shown once: only its hash is kept.
fn link_page(
    editor: &Editor,
    request: &HttpRequest,
    site: &Site,
    account: Editor,
    purpose: Purpose,
    token: &Token,
    mailed: Mailed,
) -> Result<HttpResponse, AppError> {
    let is_invitation = purpose == Purpose::Invitation;
    let title = if is_invitation {
        format!("Invitation for {}", account.name)
    } else {
        format!("New password for {}", account.name)
    };
    html(&LinkMade {
        site,
        meta: Meta::new(title, "", format!("/admin/accounts/{}", account.id.0)).hidden(),
        frame: Frame::of(editor, request, Section::Accounts),
        address: format!("{}{}", site.url, purpose.path(token)),
        is_invitation,
        account,
        mailed,
    })
}

#[derive(Template)]
#[template(path = "editors/edit.html")]
struct Edit<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    account: Account,
    typed: Typed,
    errors: FieldErrors,
    now: NaiveDateTime,
}

/// `GET /admin/accounts/{id}`
async fn show(
    Admin(editor): Admin,
    request: HttpRequest,
    id: web::Path<EditorId>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let account = find(&db, *id).await?;
    let typed = Typed {
        name: account.editor.name.clone(),
        email: account.editor.email.clone(),
        role: account.editor.role.as_str().to_owned(),
    };
    edit_form(
        &editor,
        &request,
        &site,
        account,
        typed,
        FieldErrors::default(),
    )
}

fn edit_form(
    editor: &Editor,
    request: &HttpRequest,
    site: &Site,
    account: Account,
    typed: Typed,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let address = format!("/admin/accounts/{}", account.editor.id.0);
    let status = errors.status();
    let edit = Edit {
        site,
        meta: Meta::new(&account.editor.name, "", address).hidden(),
        frame: Frame::of(editor, request, Section::Accounts),
        account,
        typed,
        errors,
        now: Utc::now().naive_utc(),
    };
    html_with(status, &edit)
}

async fn find(db: &Db, id: EditorId) -> Result<Account, AppError> {
    let account = db
        .read_newest(move |conn| {
            let mut accounts = accounts::all(conn)?.into_iter();
            Ok::<_, DbError>(accounts.find(|account| account.editor.id == id))
        })
        .await?;
    account.ok_or_else(|| AppError::not_found(Refusal::Unknown.to_string()))
}

/// `POST /admin/accounts/{id}`
async fn change(
    Admin(editor): Admin,
    request: HttpRequest,
    id: web::Path<EditorId>,
    typed: web::Form<Typed>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = *id;
    match try_change(&editor, id, &typed, &db).await {
        Ok(name) => {
            let notice = Notice::done(format!("The account of {name} is saved."));
            Ok(see_other("/admin/accounts", &notice))
        }
        Err(error) => {
            let errors = error.into_errors()?;
            let account = find(&db, id).await?;
            edit_form(
                &editor,
                &request,
                &site,
                account,
                typed.into_inner(),
                errors,
            )
        }
    }
}

async fn try_change(
    by: &Editor,
    id: EditorId,
    typed: &Typed,
    db: &Db,
) -> Result<String, FormError> {
    let mut errors = FieldErrors::default();
    let name = checked_name(&typed.name).map_err(|problem| errors.add("name", problem));
    let role = role(&typed.role, &mut errors);
    errors.check()?;
    let (Ok(name), Some(role)) = (name, role) else {
        return Err(FieldErrors::default().into());
    };
    let by = by.id;
    db.write(move |conn| {
        changes::change(conn, Some(by), id, &name, role)?;
        Ok(name)
    })
    .await
}

/// `POST /admin/accounts/{id}/link`: an invitation where the account has no password, else a link to set a new one.
async fn make_link(
    Admin(editor): Admin,
    request: HttpRequest,
    id: web::Path<EditorId>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    mailer: web::Data<Mailer>,
) -> Result<HttpResponse, AppError> {
    let Account {
        editor: account,
        state,
        ..
    } = find(&db, *id).await?;
    let (purpose, did) = match state {
        State::Invited => (Purpose::Invitation, "invited"),
        State::Active => (Purpose::Password, "made_a_password_link_for"),
        State::Disabled => {
            return Err(AppError::Conflict(
                "The account is disabled. Enable it first.".to_owned(),
            ));
        }
    };
    let token = Token::random()?;
    let (by, link, made_for) = (editor.id, token.clone(), account.clone());
    db.write(move |conn| {
        links::create(conn, purpose, made_for.id, &link, Utc::now().naive_utc())?;
        let thing = Thing::Account(made_for.id);
        log::note(conn, Some(by), did, thing, &made_for.name)?;
        Ok::<_, AppError>(())
    })
    .await?;
    let sent = link_mails::send(&mailer, &site, &account, purpose, &token).await?;
    link_page(&editor, &request, &site, account, purpose, &token, sent)
}

/// `POST /admin/accounts/{id}/suspension`
async fn disable(
    Admin(editor): Admin,
    id: web::Path<EditorId>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (by, id) = (editor.id, *id);
    let disabled = named(&db, id, move |conn| {
        changes::disable(conn, Some(by), id, Utc::now().naive_utc())
    });
    match disabled.await {
        Ok(name) => {
            let sentence = format!("The account of {name} is disabled, and signed out everywhere.");
            let undo = format!("/admin/accounts/{}/reinstatement", id.0);
            let notice = Notice::done(sentence).with_undo("Enable it again", undo);
            Ok(see_other("/admin/accounts", &notice))
        }
        Err(refusal) => refused(id, refusal),
    }
}

/// `POST /admin/accounts/{id}/reinstatement`
async fn enable(
    Admin(editor): Admin,
    id: web::Path<EditorId>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let (by, id) = (editor.id, *id);
    match named(&db, id, move |conn| changes::enable(conn, Some(by), id)).await {
        Ok(name) => {
            let notice = Notice::done(format!("The account of {name} can be used again."));
            Ok(see_other("/admin/accounts", &notice))
        }
        Err(refusal) => refused(id, refusal),
    }
}

/// Changes an account, and answers its name.
async fn named(
    db: &Db,
    id: EditorId,
    change: impl FnOnce(&mut Conn) -> Result<(), Refusal> + Send + 'static,
) -> Result<String, Refusal> {
    db.write(move |conn| {
        change(conn)?;
        Ok(accounts::by_id(conn, id)?.name)
    })
    .await
}

/// Back to the account, with why it was not changed.
fn refused(id: EditorId, refusal: Refusal) -> Result<HttpResponse, AppError> {
    let errors = FormError::from(refusal).into_errors()?;
    let sentence = errors.of_whole().unwrap_or_default();
    let address = format!("/admin/accounts/{}", id.0);
    Ok(see_other(&address, &Notice::problem(sentence)))
}
