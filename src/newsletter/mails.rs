//! What mails to subscribers say: text and HTML from templates, with links that only their reader has.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use super::issues::Issue;
use super::moves::Move;
use super::subscribers::Subscriber;
use super::tokens::{Keys, Purpose};
use crate::error::AppError;
use crate::ids::{IssueId, SignUpId};
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
    /// Those of a subscriber, in an issue or in none.
    pub(super) fn of(keys: &Keys, site: &Site, to: &Subscriber, issue: Option<IssueId>) -> Self {
        Self::signed(keys, site, to.id.0, issue.map_or(0, |id| id.0))
    }

    /// Those of a mail that is only looked at: they lead to nobody.
    pub(super) fn of_nobody(keys: &Keys, site: &Site) -> Self {
        Self::signed(keys, site, 0, 0)
    }

    fn signed(keys: &Keys, site: &Site, subscriber: i64, issue: i64) -> Self {
        let token = keys.seal(Purpose::Leave, subscriber, issue);
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

/// HTML that went through the sanitiser.
struct Sanitised<'a>(&'a str);

impl fmt::Display for Sanitised<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl HtmlSafe for Sanitised<'_> {}

#[derive(Template)]
#[template(path = "mail/issue.txt")]
struct IssueText<'a> {
    site: &'a Site,
    subject: &'a str,
    summary: &'a str,
    text: &'a str,
    page: String,
    links: &'a Links,
}

#[derive(Template)]
#[template(path = "mail/issue.html")]
struct IssueHtml<'a> {
    site: &'a Site,
    subject: &'a str,
    summary: &'a str,
    text: Sanitised<'a>,
    page: String,
    links: &'a Links,
}

/// An issue, with its text as it was rendered for mails.
pub(super) fn issue(
    site: &Site,
    issue: &Issue,
    html: &str,
    text: &str,
    links: &Links,
) -> Result<Words, AppError> {
    let page = format!("{}{}", site.url, issue.path());
    let (subject, summary) = (issue.title.as_str(), issue.summary.as_str());
    let as_text = IssueText {
        site,
        subject,
        summary,
        text: text.trim_end(),
        page: page.clone(),
        links,
    };
    let as_html = IssueHtml {
        site,
        subject,
        summary,
        text: Sanitised(html),
        page,
        links,
    };
    Ok(Words {
        text: as_text.render()?,
        html: as_html.render()?,
        subject: issue.title.clone(),
    })
}

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct NoticeText<'a> {
    site: &'a Site,
    subject: &'a str,
    moves: &'a [Move],
    links: &'a Links,
}

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct NoticeHtml<'a> {
    site: &'a Site,
    subject: &'a str,
    moves: &'a [Move],
    links: &'a Links,
}

/// Tells that something moved.
pub(super) fn notice(site: &Site, moves: &[Move], links: &Links) -> Result<Words, AppError> {
    let subject = match moves {
        [one] => format!("{} has moved", one.name),
        _ => format!("{} salaries that you follow have moved", moves.len()),
    };
    let text = NoticeText {
        site,
        subject: &subject,
        moves,
        links,
    };
    let html = NoticeHtml {
        site,
        subject: &subject,
        moves,
        links,
    };
    Ok(Words {
        text: text.render()?,
        html: html.render()?,
        subject,
    })
}
