//! The conversation with a mail server, step by step, so that whatever breaks, it is known whether a message was taken:
//! before the message itself is handed over it certainly was not.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Severity;
use reqwest::Url;

use super::{Message, Outcome};

/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection that was idle for so long is not used again: servers close theirs after some minutes.
const FRESH: Duration = Duration::from_secs(30);

/// How a connection is kept from being read by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrecy {
    /// TLS from the first byte.
    Wrapped,
    /// TLS before anything else is said, or nothing is said.
    Required,
    /// TLS where the server offers it.
    Offered,
    /// No TLS.
    Off,
}

/// Where a mail server is, and how to speak to it: `smtp://user:password@host:587?tls=required`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    host: String,
    port: u16,
    login: Option<(String, String)>,
    secrecy: Secrecy,
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({}:{})", self.host, self.port)
    }
}

impl FromStr for SmtpUrl {
    type Err = String;

    /// # Errors
    /// One sentence that names no secret.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            format!(
                "SMTP_URL {what}; it is written as smtp://user:password@host:587 or smtps://user:password@host"
            )
        };
        let url = Url::parse(text).map_err(|error| wrong(&format!("cannot be read ({error})")))?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("names no host"))?;
        let is_wrapped = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(wrong("begins with neither smtp:// nor smtps://")),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(wrong("has something after the host"));
        }
        let decoded = |part: &str| {
            let decoded = percent_encoding::percent_decode_str(part).decode_utf8();
            decoded
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| wrong("has a name or a password that is not UTF-8"))
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => {
                return Err(wrong("has a user or a password, but not both"));
            }
            (user, Some(password)) => Some((decoded(user)?, decoded(password)?)),
        };
        let mut secrecy = match (is_wrapped, &login) {
            (true, _) => Secrecy::Wrapped,
            // A password is not shown to whoever listens.
            (false, Some(_)) => Secrecy::Required,
            (false, None) => Secrecy::Offered,
        };
        for (name, value) in url.query_pairs() {
            secrecy = match (&*name, &*value, is_wrapped) {
                ("tls", "required", false) => Secrecy::Required,
                ("tls", "offered", false) => Secrecy::Offered,
                ("tls", "off", false) => Secrecy::Off,
                _ => {
                    return Err(wrong(
                        "has another parameter than tls=required, offered or off",
                    ));
                }
            };
        }
        let usual = match (is_wrapped, &login) {
            (true, _) => 465,
            (false, Some(_)) => 587,
            (false, None) => 25,
        };
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(usual),
            login,
            secrecy,
        })
    }
}

/// A connection that is ready for a message.
pub(super) struct Conversation {
    connection: Box<SmtpConnection>,
    used_at: Instant,
}

/// Sends a message, over the connection that is there or a new one.
pub(super) fn send(url: &SmtpUrl, kept: &mut Option<Conversation>, message: &Message) -> Outcome {
    // A server may have closed a kept connection meanwhile; one that was just opened it has not.
    if let Some(former) = kept.take_if(|kept| kept.used_at.elapsed() < FRESH) {
        match speak(former.connection, message) {
            Spoken::Done(outcome, connection) => {
                keep(kept, connection);
                return outcome;
            }
            Spoken::Broken(_) => {}
        }
    }
    *kept = None;
    let connection = match connect(url) {
        Ok(connection) => connection,
        Err(cause) => {
            return Outcome::Down(format!(
                "the mail server {}:{} cannot be used: {cause}",
                url.host, url.port
            ));
        }
    };
    match speak(Box::new(connection), message) {
        Spoken::Done(outcome, connection) => {
            keep(kept, connection);
            outcome
        }
        Spoken::Broken(cause) => {
            Outcome::Down(format!("the mail server broke the connection off: {cause}"))
        }
    }
}

fn keep(kept: &mut Option<Conversation>, connection: Option<Box<SmtpConnection>>) {
    *kept = connection.map(|connection| Conversation {
        connection,
        used_at: Instant::now(),
    });
}

fn connect(url: &SmtpUrl) -> Result<SmtpConnection, Error> {
    let hello = ClientId::default();
    let tls = match url.secrecy {
        Secrecy::Off => None,
        _ => Some(TlsParameters::new(url.host.clone())?),
    };
    let address = (url.host.as_str(), url.port);
    let wrapped = tls.as_ref().filter(|_| url.secrecy == Secrecy::Wrapped);
    let mut connection = SmtpConnection::connect(address, Some(PATIENCE), &hello, wrapped, None)?;
    if let Some(tls) = &tls {
        let starts = match url.secrecy {
            Secrecy::Required => true,
            Secrecy::Offered => connection.can_starttls(),
            Secrecy::Wrapped | Secrecy::Off => false,
        };
        if starts {
            connection.starttls(tls, &hello)?;
        }
    }
    if let Some((user, password)) = &url.login {
        let credentials = Credentials::new(user.clone(), password.clone());
        connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)?;
    }
    Ok(connection)
}

/// What came of an attempt.
enum Spoken {
    /// It is known what became of the message; the connection, where it can be used again.
    Done(Outcome, Option<Box<SmtpConnection>>),
    /// The connection broke before the message was handed over.
    Broken(String),
}

fn speak(mut connection: Box<SmtpConnection>, message: &Message) -> Spoken {
    let mut parameters = Vec::new();
    let is_plain =
        |address: &lettre::Address| <lettre::Address as AsRef<str>>::as_ref(address).is_ascii();
    if !is_plain(&message.to) || !is_plain(&message.bounces_to) {
        if !connection
            .server_info()
            .supports_feature(Extension::SmtpUtfEight)
        {
            let reply =
                "the mail server takes no addresses with letters beyond ASCII before the at sign";
            let refused = Outcome::Refused {
                reply: reply.to_owned(),
                is_dead: false,
            };
            return Spoken::Done(refused, Some(connection));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if let Err(error) = connection.command(Mail::new(Some(message.bounces_to.clone()), parameters))
    {
        // Whom the server refuses as a sender, it refuses with every message.
        return match answered(&error) {
            Some(_) => {
                connection.abort();
                let cause = format!("the mail server refuses the sender: {error}");
                Spoken::Done(Outcome::Down(cause), None)
            }
            None => Spoken::Broken(error.to_string()),
        };
    }
    if let Err(error) = connection.command(Rcpt::new(message.to.clone(), Vec::new())) {
        return refused(connection, &error, true);
    }
    if let Err(error) = connection.command(Data) {
        return refused(connection, &error, false);
    }
    match connection.message(message.bytes()) {
        Ok(response) => {
            let said = response.first_line().unwrap_or_default();
            Spoken::Done(Outcome::Sent(shortened(said)), Some(connection))
        }
        Err(error) if answered(&error).is_some() => refused(connection, &error, false),
        Err(error) => {
            let cause = format!("the connection broke before the server\u{2019}s answer: {error}");
            Spoken::Done(Outcome::Unclear(shortened(&cause)), None)
        }
    }
}

/// What a refusal means.
fn refused(mut connection: Box<SmtpConnection>, error: &Error, of_address: bool) -> Spoken {
    let reply = shortened(&error.to_string());
    let Some((severity, code)) = answered(error) else {
        return Spoken::Broken(reply);
    };
    if code == 421 {
        // It says goodbye, to everybody.
        return Spoken::Broken(reply);
    }
    let outcome = match severity {
        Severity::PermanentNegativeCompletion => Outcome::Refused {
            is_dead: of_address && is_dead(code, &reply),
            reply,
        },
        _ => Outcome::Later(reply),
    };
    let goes_on = connection.command(Rset).is_ok();
    Spoken::Done(outcome, Some(connection).filter(|_| goes_on))
}

/// Whether a refusal of an address means that nobody is there. A code of the form 5.7.1 is of policy, and 5.2.2 of a full box.
fn is_dead(code: u16, reply: &str) -> bool {
    let words = reply.split(|letter: char| letter.is_whitespace() || letter == ':');
    let mut enhanced = words.filter(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3
            && parts.first() == Some(&"5")
            && parts
                .iter()
                .all(|part| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit()))
    });
    match enhanced.next_back() {
        Some(enhanced) => enhanced.starts_with("5.1.") || enhanced == "5.2.1",
        None => matches!(code, 550 | 551 | 553),
    }
}

/// The severity and the number of a server's answer; none where the error is of the connection.
fn answered(error: &Error) -> Option<(Severity, u16)> {
    let code = error.status()?;
    Some((code.severity, u16::from(code)))
}

/// As much of an answer as is worth keeping.
fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_an_address() {
        let url = |text: &str| text.parse::<SmtpUrl>();
        let plain = url("smtp://relay.example").unwrap();
        assert_eq!((plain.port, plain.secrecy), (25, Secrecy::Offered));
        let usual = url("smtp://ada%40jobs:p%23w@relay.example").unwrap();
        assert_eq!((usual.port, usual.secrecy), (587, Secrecy::Required));
        assert_eq!(usual.login, Some(("ada@jobs".to_owned(), "p#w".to_owned())));
        let wrapped = url("smtps://a:b@relay.example:1465/").unwrap();
        assert_eq!((wrapped.port, wrapped.secrecy), (1465, Secrecy::Wrapped));
        let off = url("smtp://a:b@127.0.0.1:8325?tls=off").unwrap();
        assert_eq!((off.port, off.secrecy), (8325, Secrecy::Off));
        assert!(!format!("{off:?}").contains('b'));
        for wrong in [
            "",
            "relay.example",
            "http://relay.example",
            "smtp://a@b",
            "smtp://a/b",
            "smtps://a?tls=off",
            "smtp://a?x=y",
        ] {
            assert!(url(wrong).unwrap_err().starts_with("SMTP_URL"), "{wrong}");
        }
        assert!(!url("smtp://a:secret@b/c").unwrap_err().contains("secret"));
    }

    #[test]
    fn dead_addresses_are_told_from_policy() {
        assert!(is_dead(550, "permanent error (550): 5.1.1 no such user"));
        assert!(is_dead(550, "permanent error (550): no such user"));
        assert!(is_dead(550, "permanent error (550): 5.2.1 disabled"));
        assert!(!is_dead(552, "permanent error (552): 5.2.2 mailbox full"));
        assert!(!is_dead(
            550,
            "permanent error (550): 5.7.1 listed, see 1.2.3.4"
        ));
        assert!(!is_dead(554, "permanent error (554): no"));
    }
}
