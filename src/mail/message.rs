//! What a mail says, written as a message: text and HTML side by side, with headers that nothing typed can break.

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use super::MailAddress;

/// What a mail says.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// To whom.
    pub to: &'a MailAddress,
    /// What the message is called, the same whenever it is written again; letters, digits and hyphens.
    pub id: String,
    /// One line.
    pub subject: &'a str,
    /// For those who read text.
    pub text: &'a str,
    /// The same as a page.
    pub html: &'a str,
    /// How its reader leaves the list, where it is of one.
    pub list: Option<ListHeaders>,
}

/// What mail programs need for a button that leaves a list.
#[derive(Clone, Debug)]
pub struct ListHeaders {
    /// What takes a POST (RFC 8058).
    pub leave: String,
    /// The list's name, below the site's host: `newsletter`.
    pub name: &'static str,
}

/// A message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where servers report that it could not be delivered.
    pub(super) bounces_to: Address,
    /// Where it goes.
    pub(super) to: Address,
    /// The message.
    bytes: Vec<u8>,
}

impl Message {
    pub(super) fn write(
        mail: &Mail<'_>,
        from: &Mailbox,
        bounces_to: &Address,
        host: &str,
    ) -> Result<Self, String> {
        let to = mail.to.sent_to().clone();
        let from = Mailbox::new(from.name.as_deref().map(one_line), from.email.clone());
        let mut builder = lettre::Message::builder()
            .from(from)
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(mail.subject))
            .date_now()
            .message_id(Some(format!("<{}@{host}>", mail.id)))
            .raw_header(fixed("Auto-Submitted", "auto-generated"));
        if let Some(list) = &mail.list {
            builder = builder
                .raw_header(fixed("List-Id", &format!("<{}.{host}>", list.name)))
                .raw_header(fixed("List-Unsubscribe", &format!("<{}>", list.leave)))
                .raw_header(fixed("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let parts = MultiPart::alternative_plain_html(mail.text.to_owned(), mail.html.to_owned());
        let message = builder
            .multipart(parts)
            .map_err(|error| format!("the mail cannot be written: {error}"))?;
        Ok(Self {
            bounces_to: bounces_to.clone(),
            to,
            bytes: message.formatted(),
        })
    }

    /// The message as it is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A header of which every letter is the program's own: ASCII without line breaks.
fn fixed(name: &'static str, value: &str) -> HeaderValue {
    let value: String = value.chars().filter(char::is_ascii_graphic).collect();
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.clone(),
        value,
    )
}

/// A text in one line: a header ends where its line does.
fn one_line(text: &str) -> String {
    let spaced = text.replace(char::is_control, " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(subject: &str, to: &str) -> String {
        let to: MailAddress = to.parse().unwrap();
        let mail = Mail {
            to: &to,
            id: "letter-7".to_owned(),
            subject,
            text: "G\u{fc}nstig\n",
            html: "<p>G\u{fc}nstig</p>",
            list: Some(ListHeaders {
                leave: format!(
                    "https://jobs.example/newsletter/unsubscribe/{}",
                    "a".repeat(64)
                ),
                name: "newsletter",
            }),
        };
        let from = Mailbox::new(
            Some("J\u{f6}bs, \"Inc\"\r\nBcc: x@y.z".to_owned()),
            "news@jobs.example".parse().unwrap(),
        );
        let bounces_to = "bounces@jobs.example".parse().unwrap();
        let message = Message::write(&mail, &from, &bounces_to, "jobs.example").unwrap();
        String::from_utf8(message.bytes).unwrap()
    }

    #[test]
    fn a_message_has_the_headers_of_a_list() {
        let message = written("Gr\u{fc}\u{df}e", "ada@b\u{fc}cher.example");
        assert!(message.is_ascii(), "{message}");
        for header in [
            "To: ada@xn--bcher-kva.example\r\n",
            "Message-ID: <letter-7@jobs.example>\r\n",
            "List-Id: <newsletter.jobs.example>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Subject: =?utf-8?b?",
            "Content-Type: multipart/alternative;",
            "MIME-Version: 1.0\r\n",
            "\r\nDate: ",
        ] {
            assert!(message.contains(header), "{header}: {message}");
        }
        let address = format!(
            "List-Unsubscribe: <https://jobs.example/newsletter/unsubscribe/{}>\r\n",
            "a".repeat(64)
        );
        assert!(message.contains(&address), "{message}");
    }

    #[test]
    fn nothing_typed_becomes_a_header() {
        let message = written("Hi\r\nBcc: all@example.org\nX: y", "ada@example.org");
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        assert!(
            !head
                .lines()
                .any(|line| line.starts_with("Bcc") || line.starts_with("X:"))
        );
        assert!(
            head.contains("Subject: Hi Bcc: all@example.org X: y"),
            "{head}"
        );
    }
}
