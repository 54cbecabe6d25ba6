//! The layer around the admin: nobody gets past it who is not signed in.

use std::future::{Ready, ready};
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, LOCATION};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use chrono::Utc;

use super::sessions::{self, Session};
use super::{Editor, cookie, kept_form};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::web::{Site, notices, query_escaped};

/// Whoever is signed out already has nothing to keep there.
const SIGN_OUT: &str = "/admin/sign-out";

/// The session of a request that the guard let in.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Session);

/// An editor who may do everything; others get 403.
#[derive(Clone, Debug)]
pub struct Admin(pub Editor);

/// The layer. Strangers are sent to the sign-in page, and programs get 401.
///
/// # Errors
/// Those of the layers below.
pub async fn signed_in_only(
    site: web::Data<Site>,
    db: web::Data<Db>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let session = match session(request.request(), &site, &db).await {
        Ok(Some(session)) => session,
        Ok(None) => return Ok(send_away(request, &site).await),
        Err(error) => return Ok(request.error_response(error)),
    };
    note_use(&session, &db);
    request.extensions_mut().insert(SignedIn(session));
    let mut response = next.call(request).await?.map_into_boxed_body();
    notices::clear_shown(&mut response);
    Ok(response)
}

/// The session that a request belongs to, where there is one that holds.
pub(super) async fn session(
    request: &HttpRequest,
    site: &Site,
    db: &Db,
) -> Result<Option<Session>, AppError> {
    let Some(token) = cookie::token(request, site) else {
        return Ok(None);
    };
    let now = Utc::now().naive_utc();
    let found = db.read_newest(move |conn| Ok::<_, DbError>(sessions::find(conn, &token, now)?));
    Ok(found.await?)
}

/// Whether a thread notes that a session is used.
static IS_NOTING: AtomicBool = AtomicBool::new(false);

/// Notes now and then that a session is used. Nobody waits for it: it has a thread of its own, one at a time, so that a
/// database that is busy for minutes keeps nothing else waiting. What is not noted is left for a later request.
fn note_use(session: &Session, db: &Db) {
    let now = Utc::now().naive_utc();
    if !session.is_noting_due(now) || IS_NOTING.swap(true, Ordering::AcqRel) {
        return;
    }
    let (id, db) = (session.id, db.clone());
    std::thread::spawn(move || {
        let noted = db.write_blocking(|conn| Ok::<_, DbError>(sessions::note_use(conn, id, now)?));
        if let Err(error) = noted {
            log::debug!("that a session is used is noted later: {error}");
        }
        IS_NOTING.store(false, Ordering::Release);
    });
}

async fn send_away(mut request: ServiceRequest, site: &Site) -> ServiceResponse<BoxBody> {
    if wants_json(request.request()) {
        return request.error_response(AppError::SignedOut);
    }
    let answer = if *request.method() == Method::POST && request.path() != SIGN_OUT {
        kept_form::answer(&mut request, site).await
    } else {
        Ok(to_sign_in(request.request()))
    };
    match answer {
        Ok(answer) => request.into_response(answer),
        Err(error) => request.error_response(error),
    }
}

fn to_sign_in(request: &HttpRequest) -> HttpResponse {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let to = request.uri().path_and_query().filter(|_| reads);
    let sign_in = match to {
        Some(to) => format!("/admin/sign-in?to={}", query_escaped(to.as_str())),
        None => "/admin/sign-in".to_owned(),
    };
    HttpResponse::SeeOther()
        .insert_header((LOCATION, sign_in))
        .finish()
}

/// Whether a script asks, which has no use for a page.
fn wants_json(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.starts_with("application/json"))
}

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = request.extensions().get::<Self>().cloned();
        ready(signed_in.ok_or(AppError::SignedOut))
    }
}

impl FromRequest for Editor {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload).into_inner();
        ready(signed_in.map(|SignedIn(session)| session.editor))
    }
}

impl FromRequest for Admin {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let editor = Editor::from_request(request, payload).into_inner();
        let forbidden = || {
            let sentence = "Only administrators can do this. Ask one of them.";
            AppError::Forbidden(sentence.to_owned())
        };
        ready(editor.and_then(|editor| {
            let admin = Some(editor).filter(Editor::is_admin);
            admin.map(Self).ok_or_else(forbidden)
        }))
    }
}
