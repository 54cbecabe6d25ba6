//! Mails with one-time links: invitations, and links to a new password.

use actix_web::web;
use askama::Template;

use super::Editor;
use super::links::Purpose;
use super::tokens::Token;
use crate::error::AppError;
use crate::mail::{Mail, Mailer};
use crate::web::Site;

#[derive(Template)]
#[template(path = "mail/account.txt")]
struct Text<'a> {
    site: &'a Site,
    account: &'a Editor,
    is_invitation: bool,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "mail/account.html")]
struct Html<'a> {
    site: &'a Site,
    subject: &'a str,
    account: &'a Editor,
    is_invitation: bool,
    link: &'a str,
}

/// What became of a mail with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mailed {
    /// There is no mail server, so that the link has to be handed over.
    Nowhere,
    /// It is on its way.
    Sent,
    /// It did not leave, and why.
    Failed(String),
}

/// Sends a link to whoever it is for, where there is a mail server.
pub(super) async fn send(
    mailer: &Mailer,
    site: &Site,
    account: &Editor,
    purpose: Purpose,
    token: &Token,
) -> Result<Mailed, AppError> {
    if mailer.folder().is_some() {
        return Ok(Mailed::Nowhere);
    }
    let is_invitation = purpose == Purpose::Invitation;
    let subject = if is_invitation {
        format!("You are invited to write for {}", site.name)
    } else {
        format!("A new password at {}", site.name)
    };
    let link = &format!("{}{}", site.url, purpose.path(token));
    let text = Text {
        site,
        account,
        is_invitation,
        link,
    };
    let html = Html {
        site,
        subject: &subject,
        account,
        is_invitation,
        link,
    };
    let (text, html) = (text.render()?, html.render()?);
    let (mailer, email) = (mailer.clone(), account.email.clone());
    // Of the token only a hash may be seen.
    let id = format!("account-{}", token.sha256());
    let sent = web::block(move || {
        let to = email
            .parse()
            .map_err(|_| format!("no mail can be sent to {email}"))?;
        mailer.send_now(&Mail {
            to: &to,
            id,
            subject: &subject,
            text: &text,
            html: &html,
            list: None,
        })
    });
    let sent = sent.await;
    Ok(
        match sent.unwrap_or_else(|_| Err("the site is ending".to_owned())) {
            Ok(()) => Mailed::Sent,
            Err(cause) => Mailed::Failed(cause),
        },
    )
}
