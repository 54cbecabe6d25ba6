//! The link in the mail that asks to confirm: `/newsletter/confirm/{token}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Utc;

use super::private;
use crate::db::{Conn, Db};
use crate::error::AppError;
use crate::ids::SignUpId;
use crate::newsletter::signing_up::{self, SignUp, Standing};
use crate::newsletter::tokens::Purpose;
use crate::newsletter::{Postman, mails};
use crate::web::{Meta, Site, assets, html_with};

#[derive(Template)]
#[template(path = "newsletter/confirm.html")]
struct Show<'a> {
    site: &'a Site,
    meta: Meta,
    action: String,
    page: Page,
}

/// What the page says.
enum Page {
    /// One button, and what it does.
    Open(String),
    /// They are subscribed: to what, and where they choose.
    Done {
        wish: String,
        preferences: String,
    },
    Left,
    Expired,
}

/// `GET /newsletter/confirm/{token}`
pub(super) async fn show(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, signer) = (opened(&postman, &token)?, postman.clone());
    let page = db
        .read_newest(move |conn| {
            let standing = signing_up::standing(conn, id, Utc::now().naive_utc())?;
            page(conn, &signer, standing)
        })
        .await?;
    answer(&site, &token, page)
}

/// `POST /newsletter/confirm/{token}`
pub(super) async fn confirm(
    token: web::Path<String>,
    site: web::Data<Site>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    let (id, signer) = (opened(&postman, &token)?, postman.clone());
    let page = db
        .write(move |conn| {
            let standing = signing_up::confirm(conn, id, Utc::now().naive_utc())?;
            page(conn, &signer, standing)
        })
        .await?;
    answer(&site, &token, page)
}

fn opened(postman: &Postman, token: &str) -> Result<SignUpId, AppError> {
    let opened = postman.keys().open(Purpose::Confirm, token);
    let (id, _) = opened.ok_or_else(|| {
        AppError::not_found(
            "This link is not whole: perhaps your mail program broke it into two lines. Copy all of it from the mail into \
             the address bar.",
        )
    })?;
    Ok(SignUpId(id))
}

fn page(conn: &mut Conn, postman: &Postman, standing: Standing) -> Result<Page, AppError> {
    let wish = |conn: &mut Conn, sign_up: &SignUp| {
        let named = sign_up.interest.named(conn)?.map(|named| named.name);
        Ok::<_, AppError>(mails::wish_in_words(sign_up.wants_issues, named.as_deref()))
    };
    Ok(match standing {
        Standing::Open(sign_up) => Page::Open(wish(conn, &sign_up)?),
        Standing::Done(sign_up) => {
            let token = postman.keys().seal(Purpose::Leave, sign_up.subscriber.0, 0);
            Page::Done {
                wish: wish(conn, &sign_up)?,
                preferences: format!("/newsletter/preferences/{token}"),
            }
        }
        Standing::Left => Page::Left,
        Standing::Expired => Page::Expired,
    })
}

fn answer(site: &Site, token: &str, page: Page) -> Result<HttpResponse, AppError> {
    let (title, status) = match &page {
        Page::Open(_) => ("Confirm your subscription", StatusCode::OK),
        Page::Done { .. } => ("You are subscribed", StatusCode::OK),
        Page::Left => ("This link was used", StatusCode::GONE),
        Page::Expired => ("This link has expired", StatusCode::GONE),
    };
    let action = format!("/newsletter/confirm/{token}");
    let show = Show {
        site,
        meta: Meta::new(title, "", &action).hidden(),
        action,
        page,
    };
    Ok(private(html_with(status, &show)?))
}
