//! `/admin/subscribers/{id}`: what is known of somebody, and what an editor may do: unsubscribe, suppress, remove.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::admin::{Frame, Section};
use crate::db::{Conn, Db};
use crate::editors::Editor;
use crate::editors::log::{self, Thing};
use crate::error::AppError;
use crate::ids::SubscriberId;
use crate::newsletter::interests::{self, Named};
use crate::newsletter::letters::{Kind, State as LetterState};
use crate::newsletter::subscribers::{self, Subscriber};
use crate::newsletter::{Reason, State};
use crate::schema::{letters, sign_ups};
use crate::web::notices::{Notice, see_other};
use crate::web::{Meta, Site, assets, html, page, times};

/// Mails that are listed.
const LISTED: i64 = 50;

pub(super) fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/subscribers/{id}").route(page().to(show)))
        .service(web::resource("/subscribers/{id}/leaving").route(web::post().to(leave)))
        .service(web::resource("/subscribers/{id}/suppression").route(web::post().to(suppress)))
        .service(web::resource("/subscribers/{id}/removal").route(web::post().to(remove)));
}

#[derive(Template)]
#[template(path = "newsletter/admin/one.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    frame: Frame,
    view: View,
    now: NaiveDateTime,
}

/// What the page shows.
struct View {
    who: Subscriber,
    interests: Vec<Named>,
    sign_ups: Vec<Asked>,
    mails: Vec<Mailed>,
}

/// A request.
#[derive(Queryable)]
struct Asked {
    requested_at: NaiveDateTime,
    confirmed_at: Option<NaiveDateTime>,
    page: String,
    form_version: i32,
}

/// A mail.
#[derive(Queryable)]
struct Mailed {
    kind: Kind,
    state: LetterState,
    created_at: NaiveDateTime,
    reply: Option<String>,
}

fn find(conn: &mut Conn, id: SubscriberId) -> Result<Subscriber, AppError> {
    subscribers::by_id(conn, id)?.ok_or_else(|| {
        AppError::not_found("There is no such subscriber. Perhaps their data was removed.")
    })
}

/// `GET /admin/subscribers/{id}`
async fn show(
    editor: Editor,
    request: HttpRequest,
    id: web::Path<i64>,
    site: web::Data<Site>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let id = SubscriberId(*id);
    let view = db
        .read_newest(move |conn| {
            Ok::<_, AppError>(View {
                who: find(conn, id)?,
                interests: interests::of(conn, id)?,
                sign_ups: sign_ups::table
                    .filter(sign_ups::subscriber_id.eq(id))
                    .order(sign_ups::id.desc())
                    .select((
                        sign_ups::requested_at,
                        sign_ups::confirmed_at,
                        sign_ups::page,
                        sign_ups::form_version,
                    ))
                    .load(conn)?,
                mails: letters::table
                    .filter(letters::subscriber_id.eq(id))
                    .order(letters::id.desc())
                    .limit(LISTED)
                    .select((
                        letters::kind,
                        letters::state,
                        letters::created_at,
                        letters::reply,
                    ))
                    .load(conn)?,
            })
        })
        .await?;
    html(&Show {
        site: &site,
        meta: Meta::new(&view.who.email, "", format!("/admin/subscribers/{}", id.0)).hidden(),
        frame: Frame::of(&editor, &request, Section::Subscribers),
        view,
        now: Utc::now().naive_utc(),
    })
}

/// Does something to a subscriber and notes who did. The log names no address: it is kept for good.
async fn change(
    db: &Db,
    editor: Editor,
    id: i64,
    did: &'static str,
    work: impl FnOnce(&mut Conn, &Subscriber) -> QueryResult<()> + Send + 'static,
) -> Result<String, AppError> {
    let id = SubscriberId(id);
    db.write(move |conn| {
        let who = find(conn, id)?;
        work(conn, &who)?;
        log::note(
            conn,
            Some(editor.id),
            did,
            Thing::Subscriber(id),
            &format!("number {}", id.0),
        )?;
        Ok(who.email)
    })
    .await
}

/// `POST /admin/subscribers/{id}/leaving`
async fn leave(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let email = change(&db, editor, *id, "unsubscribed", |conn, who| {
        subscribers::leave(conn, who.id, None, Utc::now().naive_utc())
    })
    .await?;
    let notice = Notice::done(format!("{email} gets no more mails."));
    Ok(see_other(&format!("/admin/subscribers/{id}"), &notice))
}

/// `POST /admin/subscribers/{id}/suppression`
async fn suppress(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let by = editor.name.clone();
    let email = change(&db, editor, *id, "suppressed", move |conn, who| {
        let now = Utc::now().naive_utc();
        match who.address() {
            Some(address) => subscribers::suppress(conn, &address, Reason::ByHand, &by, now),
            None => subscribers::leave(conn, who.id, None, now),
        }
    })
    .await?;
    let notice = Notice::done(format!(
        "{email} gets no mail any more, and cannot be added again while it is on the suppression list."
    ));
    Ok(see_other(&format!("/admin/subscribers/{id}"), &notice))
}

/// `POST /admin/subscribers/{id}/removal`
async fn remove(
    editor: Editor,
    id: web::Path<i64>,
    db: web::Data<Db>,
) -> Result<HttpResponse, AppError> {
    let email = change(&db, editor, *id, "removed", |conn, who| {
        subscribers::forget(conn, who, Utc::now().naive_utc())
    })
    .await?;
    let notice = Notice::done(format!("Everything about {email} is removed."));
    Ok(see_other("/admin/subscribers", &notice))
}
