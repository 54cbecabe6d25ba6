//! Those who write the site: their accounts, how they sign in, and what each of them may do.
//!
//! | file | what |
//! | --- | --- |
//! | `accounts` | accounts in the database |
//! | `changes` | what happens to accounts, with the rules: the same for pages and commands |
//! | `passwords` | what a password must be, and Argon2id |
//! | `tokens` | secrets in cookies and links, of which only a hash is kept |
//! | `sessions` | browsers that are signed in |
//! | `links` | links that let somebody in once: the first administrator, an invitation, a new password |
//! | `link_mails` | mails with such links |
//! | `throttle` | slows down wrong passwords |
//! | `guard` | the layer around the admin, which lets nobody in who is not signed in |
//! | `kept_form` | a form that was sent after its session had ended |
//! | `sign_in`, `doors` | the pages for everybody: signing in and out, and those of one-time links |
//! | `admin`, `me` | the accounts' pages for administrators, and everybody's own |
//! | [`commands`] | `payband user …` |
//! | [`log`], `log_page` | who did what, and when |
//! | `working_copies`, `unsaved` | what is typed and not saved |

pub mod accounts;
mod admin;
pub mod changes;
pub mod commands;
mod cookie;
mod devices;
mod doors;
mod guard;
mod kept_form;
mod link_mails;
pub mod links;
pub mod log;
mod log_page;
mod me;
pub mod passwords;
pub mod sessions;
mod sign_in;
pub mod throttle;
pub mod tokens;
pub mod unsaved;
pub mod working_copies;

use std::fmt;
use std::str::FromStr;

use actix_web::web;
use diesel::prelude::*;

use crate::ids::EditorId;
use crate::market::words::vocabulary;
use crate::schema::editors;

pub use guard::{Admin, SignedIn, signed_in_only};

vocabulary! {
    /// What an account may do.
    EditorRole, "a role of an account" {
        /// Everything.
        Admin = "admin", "Administrator";
        /// Everything but accounts and settings.
        Editor = "editor", "Editor";
    }
}

/// Somebody who writes the site.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = editors)]
pub struct Editor {
    /// Key.
    pub id: EditorId,
    /// Readable name.
    pub name: String,
    /// E-mail address, in lower case.
    pub email: String,
    /// What the account may do.
    pub role: EditorRole,
}

impl Editor {
    /// Whether the account may do everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == EditorRole::Admin
    }
}

/// An e-mail address as an account has it: in lower case, so that one person has one account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnEmail;

/// The longest e-mail address that mail can be sent to, in bytes.
const LONGEST_EMAIL: usize = 254;

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let email = text.trim().to_lowercase();
        let is_odd = |letter: char| {
            letter.is_whitespace() || letter.is_control() || "<>()[],;:\\\"".contains(letter)
        };
        let (mailbox, host) = email.rsplit_once('@').ok_or(NotAnEmail)?;
        let has_parts = !mailbox.is_empty() && !mailbox.contains('@') && !host.is_empty();
        let ends_well = !host.starts_with(['.', '-']) && !host.ends_with(['.', '-']);
        if !has_parts || !ends_well || email.len() > LONGEST_EMAIL || email.contains(is_odd) {
            return Err(NotAnEmail);
        }
        Ok(Self(email))
    }
}

impl fmt::Display for NotAnEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an e-mail address is needed, such as ada@example.org")
    }
}

impl std::error::Error for NotAnEmail {}

/// The pages below `/admin` that need nobody to be signed in.
pub fn open_routes(config: &mut web::ServiceConfig) {
    config.configure(sign_in::routes).configure(doors::routes);
}

/// The pages below `/admin` for those who are signed in.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .configure(sign_in::admin_routes)
        .configure(admin::admin_routes)
        .configure(me::admin_routes)
        .configure(log_page::admin_routes)
        .configure(unsaved::admin_routes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_address() {
        let email = |text: &str| text.parse::<Email>().map(|email| email.0);
        assert_eq!(email(" Ada@Example.ORG ").as_deref(), Ok("ada@example.org"));
        assert_eq!(email("ada@localhost").as_deref(), Ok("ada@localhost"));
        assert_eq!(
            email("\u{c9}milie@example.org").as_deref(),
            Ok("\u{e9}milie@example.org")
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "a b@example.org",
            "a@b@c",
            "a@.org",
            "<a@b.c>",
            "a@b.c\n",
        ] {
            // A line feed at the end is trimmed.
            let is_trimmed = text.trim() != text;
            assert_eq!(text.parse::<Email>().is_ok(), is_trimmed, "{text:?}");
        }
        let long = format!("{}@example.org", "a".repeat(250));
        assert!(long.parse::<Email>().is_err());
    }
}
