//! Leaving: `/newsletter/unsubscribe/{token}`. The page's button and the mail program's (RFC 8058) send the same POST, from
//! anywhere, and both get a plain page with the status 200.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::private;
use crate::db::{Conn, Db, DbError};
use crate::error::AppError;
use crate::ids::{IssueId, SubscriberId};
use crate::newsletter::subscribers::{self, Subscriber};
use crate::newsletter::tokens::Purpose;
use crate::newsletter::{Postman, State};
use crate::web::{Meta, Site, assets, html};

#[derive(Template)]
#[template(path = "newsletter/leave.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    token: &'a str,
    email: &'a str,
    /// Whether they get mails.
    is_here: bool,
    /// Whether they may come back without another mail.
    may_return: bool,
}

/// `GET /newsletter/unsubscribe/{token}`
pub(super) async fn show(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, _) = opened(&postman, &token)?;
    let who = db.read_newest(move |conn| find(conn, id)).await?;
    answer(&site, &token, &who)
}

/// `POST /newsletter/unsubscribe/{token}`
pub(super) async fn leave(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, issue) = opened(&postman, &token)?;
    let who = db
        .write(move |conn| {
            subscribers::leave(conn, id, issue, Utc::now().naive_utc())?;
            find(conn, id)
        })
        .await?;
    answer(&site, &token, &who)
}

/// Whose link it is, and the issue that it stood in.
pub(super) fn opened(
    postman: &Postman,
    token: &str,
) -> Result<(SubscriberId, Option<IssueId>), AppError> {
    let opened = postman.keys().open(Purpose::Leave, token);
    let (id, issue) = opened.ok_or_else(|| {
        AppError::not_found(
            "This link is not whole: perhaps your mail program broke it into two lines. Copy all of it from the mail into \
             the address bar.",
        )
    })?;
    Ok((SubscriberId(id), Some(IssueId(issue)).filter(|id| id.0 > 0)))
}

/// Whose link it is.
pub(super) fn find(conn: &mut Conn, id: SubscriberId) -> Result<Subscriber, AppError> {
    let found = subscribers::by_id(conn, id).map_err(DbError::from)?;
    found.ok_or_else(|| {
        AppError::not_found("Nothing is kept of this address any more, and it gets no mails.")
    })
}

fn answer(site: &Site, token: &str, who: &Subscriber) -> Result<HttpResponse, AppError> {
    let is_here = matches!(who.state, State::Confirmed | State::Pending);
    let title = if is_here {
        "Leave the newsletter"
    } else {
        "You get no more mails"
    };
    let address = format!("/newsletter/unsubscribe/{token}");
    let page = html(&Show {
        site,
        meta: Meta::new(title, "", address).hidden(),
        token,
        email: &who.email,
        is_here,
        may_return: who.state == State::Left && who.consented_at.is_some(),
    })?;
    Ok(private(page))
}
