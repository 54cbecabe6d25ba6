//! What mails to subscribers say: text and HTML from templates, with links that only their reader has.

use askama::Template;

use super::subscribers::Subscriber;
use super::tokens::{Keys, Purpose};
use crate::error::AppError;
use crate::ids::SignUpId;
use crate::web::Site;

/// A mail in words.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// The links at a mail's end.
#[derive(Clone, Debug)]
pub(super) struct Links {
    /// Leaves at once, by a POST.
    pub(super) leave: String,
    pub(super) preferences: String,
}

impl Links {
    /// Those of a subscriber, in an issue or in none (0).
    pub(super) fn of(keys: &Keys, site: &Site, to: &Subscriber, issue: i64) -> Self {
        let token = keys.seal(Purpose::Leave, to.id.0, issue);
        Self {
            leave: format!("{}/newsletter/unsubscribe/{token}", site.url),
            preferences: format!("{}/newsletter/preferences/{token}", site.url),
        }
    }
}

#[derive(Template)]
#[template(path = "mail/confirmation.txt")]
struct ConfirmationText<'a> {
    site: &'a Site,
    wish: &'a str,
    is_subscribed: bool,
    link: &'a str,
    links: &'a Links,
}

#[derive(Template)]
#[template(path = "mail/confirmation.html")]
struct ConfirmationHtml<'a> {
    site: &'a Site,
    subject: &'a str,
    wish: &'a str,
    is_subscribed: bool,
    link: &'a str,
    links: &'a Links,
}

/// Asks whether somebody wants what a sign-up says.
pub(super) fn confirmation(
    keys: &Keys,
    site: &Site,
    sign_up: SignUpId,
    wish: &str,
    is_subscribed: bool,
    links: &Links,
) -> Result<Words, AppError> {
    let token = keys.seal(Purpose::Confirm, sign_up.0, 0);
    let link = &format!("{}/newsletter/confirm/{token}", site.url);
    let subject = format!("Please confirm: mails from {}", site.name);
    let text = ConfirmationText {
        site,
        wish,
        is_subscribed,
        link,
        links,
    };
    let html = ConfirmationHtml {
        site,
        subject: &subject,
        wish,
        is_subscribed,
        link,
        links,
    };
    Ok(Words {
        text: text.render()?,
        html: html.render()?,
        subject,
    })
}

/// What somebody gets, in words: `the newsletter`, `a mail when salaries of Django move`.
pub(super) fn wish_in_words(wants_issues: bool, interest: Option<&str>) -> String {
    match (wants_issues, interest) {
        (_, None) => "the newsletter".to_owned(),
        (true, Some(name)) => {
            format!("the newsletter, and a mail when salaries or offers in {name} move")
        }
        (false, Some(name)) => {
            format!("only a mail when salaries or offers in {name} move, at most once a month")
        }
    }
}
