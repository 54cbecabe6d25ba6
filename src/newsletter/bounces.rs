//! What a mail provider tells later: an address is dead, or its owner complained. `POST /newsletter/bounces`.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::Utc;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Postman, Reason, subscribers};
use crate::db::{Db, DbError};
use crate::error::AppError;
use crate::mail::MailAddress;

/// Characters of a reason that are kept.
const LONGEST_DETAIL: usize = 300;

/// What happened, one or several at a time.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Told {
    One(Event),
    Several(Vec<Event>),
}

/// What happened to an address.
#[derive(Deserialize)]
pub(super) struct Event {
    /// `bounce` or `complaint`; anything else is passed over, such as a delivery or a bounce that may pass.
    #[serde(rename = "event")]
    what: String,
    email: String,
    #[serde(default)]
    detail: String,
}

/// `POST /newsletter/bounces`
pub(super) async fn tell(
    request: HttpRequest,
    told: web::Json<Told>,
    db: web::Data<Db>,
    postman: web::Data<Postman>,
) -> Result<HttpResponse, AppError> {
    if !is_trusted(&request, postman.bounce_secret()) {
        return Err(AppError::Forbidden(
            "The secret of PAYBAND_BOUNCE_SECRET is needed.".to_owned(),
        ));
    }
    let events = match told.into_inner() {
        Told::One(event) => vec![event],
        Told::Several(events) => events,
    };
    db.write(move |conn| {
        let now = Utc::now().naive_utc();
        for event in &events {
            let reason = match event.what.as_str() {
                "bounce" => Reason::Bounced,
                "complaint" => Reason::Complained,
                _ => continue,
            };
            let Ok(address) = event.email.parse::<MailAddress>() else {
                continue;
            };
            let detail: String = event.detail.chars().take(LONGEST_DETAIL).collect();
            subscribers::suppress(conn, &address, reason, &detail, now)?;
        }
        Ok::<_, DbError>(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether a request carries the secret: `Authorization: Bearer secret`, or as the password of `Basic`.
fn is_trusted(request: &HttpRequest, secret: Option<&str>) -> bool {
    let given = request.headers().get(AUTHORIZATION);
    let given = given.and_then(|given| given.to_str().ok());
    let (Some(given), Some(secret)) = (given, secret) else {
        return false;
    };
    let given = match given.split_once(' ') {
        Some(("Bearer", token)) => token.trim().to_owned(),
        Some(("Basic", pair)) => {
            let pair = BASE64_STANDARD.decode(pair.trim()).unwrap_or_default();
            let pair = String::from_utf8(pair).unwrap_or_default();
            pair.split_once(':')
                .map_or_else(String::new, |(_, password)| password.to_owned())
        }
        _ => return false,
    };
    // Hashes, so that how long the comparison takes tells nothing of the secret.
    Sha256::digest(given) == Sha256::digest(secret)
}
