//! Mail: messages, and the ways that they leave by: an SMTP server, or files in a folder while none is set.
//!
//! | file | what |
//! | --- | --- |
//! | `address` | e-mail addresses, as people type them and as servers take them |
//! | `message` | what a mail says, written as a message with text, HTML and headers |
//! | `smtp` | the conversation with a server, which always knows whether a message was taken |
//! | `folder` | `.eml` files |
//!
//! It knows no feature: who writes what to whom is theirs.

mod address;
mod folder;
mod message;
mod smtp;

use std::path::{Path, PathBuf};

use lettre::Address;
use lettre::message::Mailbox;

pub use address::{MailAddress, NotAnAddress};
pub use message::{ListHeaders, Mail, Message};
pub use smtp::SmtpUrl;

/// The settings of mail.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `SMTP_URL`: the server; none writes files.
    pub smtp: Option<SmtpUrl>,
    /// `PAYBAND_MAIL_FROM`: who mails are from.
    pub from: Option<Mailbox>,
    /// `PAYBAND_BOUNCE_ADDRESS`: where servers report mails that could not be delivered.
    pub bounces_to: Option<Address>,
    /// `PAYBAND_MAIL_PER_SECOND`: most mails in a second.
    pub per_second: u32,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken. What the server said.
    Sent(String),
    /// It was refused for good.
    Refused {
        /// What the server said.
        reply: String,
        /// Whether nobody can be reached at the address, whatever the message says.
        is_dead: bool,
    },
    /// It was not taken, and may be later. What the server said.
    Later(String),
    /// Nothing can be sent at the moment, to nobody. Why.
    Down(String),
    /// It was handed over, and then the connection broke: nobody knows whether it was taken. How it broke.
    Unclear(String),
}

/// The way that mails leave by.
#[derive(Clone, Debug)]
enum Way {
    Smtp(SmtpUrl),
    Folder(PathBuf),
}

/// Writes and sends mails of a site. Clones share nothing: each [`Mailer::open`] is a connection of its own.
#[derive(Clone, Debug)]
pub struct Mailer {
    way: Way,
    from: Mailbox,
    bounces_to: Address,
    host: String,
    per_second: u32,
}

impl Mailer {
    /// The mailer of a site with that name and address. Without a server, mails become files in the folder `mail` below the
    /// data folder.
    ///
    /// # Errors
    /// One sentence, where the site's address cannot stand in mails and none is set.
    pub fn new(
        config: &MailConfig,
        site_name: &str,
        site_url: &str,
        data_folder: &Path,
    ) -> Result<Self, String> {
        let host = host(site_url);
        let from = if let Some(from) = &config.from {
            from.clone()
        } else {
            let address = format!("newsletter@{host}").parse().map_err(|_| {
                format!("PAYBAND_MAIL_FROM is not set, and newsletter@{host} is no e-mail address")
            })?;
            Mailbox::new(Some(site_name.to_owned()), address)
        };
        let from = match from.name {
            Some(_) => from,
            None => Mailbox::new(Some(site_name.to_owned()), from.email),
        };
        Ok(Self {
            way: match &config.smtp {
                Some(url) => Way::Smtp(url.clone()),
                None => Way::Folder(data_folder.join("mail")),
            },
            bounces_to: config
                .bounces_to
                .clone()
                .unwrap_or_else(|| from.email.clone()),
            from,
            host,
            per_second: config.per_second.max(1),
        })
    }

    /// The folder that mails are written into, where no server is set.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.way {
            Way::Folder(folder) => Some(folder),
            Way::Smtp(_) => None,
        }
    }

    /// The host that the site's lists and messages are named after.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Most mails in a second.
    #[must_use]
    pub const fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Writes a mail as a message.
    ///
    /// # Errors
    /// One sentence, where it cannot be written.
    pub fn message(&self, mail: &Mail<'_>) -> Result<Message, String> {
        Message::write(mail, &self.from, &self.bounces_to, &self.host)
    }

    /// A sender, which keeps its connection from one message to the next.
    #[must_use]
    pub fn open(&self) -> Sender {
        Sender {
            way: self.way.clone(),
            conversation: None,
        }
    }

    /// Sends one mail at once. Blocks, for a minute at the longest.
    ///
    /// # Errors
    /// One sentence, where it was not taken.
    pub fn send_now(&self, mail: &Mail<'_>) -> Result<(), String> {
        match self.open().send(&self.message(mail)?) {
            Outcome::Sent(_) => Ok(()),
            Outcome::Refused { reply, .. } | Outcome::Later(reply) => {
                Err(format!("the mail server refused it: {reply}"))
            }
            Outcome::Down(cause) | Outcome::Unclear(cause) => Err(cause),
        }
    }
}

/// Sends messages one after the other.
pub struct Sender {
    way: Way,
    conversation: Option<smtp::Conversation>,
}

impl Sender {
    /// Sends a message. Blocks.
    pub fn send(&mut self, message: &Message) -> Outcome {
        match &self.way {
            Way::Folder(folder) => folder::write(folder, message),
            Way::Smtp(url) => smtp::send(url, &mut self.conversation, message),
        }
    }
}

/// The host of a site, as mails name it: an address of numbers is no name.
fn host(site_url: &str) -> String {
    let (_, rest) = site_url.split_once("://").unwrap_or(("", site_url));
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
    let is_number = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    if is_number || host.is_empty() {
        return "localhost".to_owned();
    }
    address::ascii_host(host).unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_by_its_host() {
        assert_eq!(host("https://jobs.example"), "jobs.example");
        assert_eq!(host("http://Jobs.Example:8080"), "jobs.example");
        assert_eq!(host("http://127.0.0.1:8080"), "localhost");
        assert_eq!(host("http://[::1]:8080"), "localhost");
        assert_eq!(host("https://b\u{fc}cher.example"), "xn--bcher-kva.example");
    }
}
