//! E-mail addresses, as people type them and as servers take them.

use std::fmt;
use std::str::FromStr;

use lettre::Address;

/// The longest address that mail can be sent to, in bytes.
const LONGEST: usize = 254;

/// The longest part before the at sign, in bytes.
const LONGEST_MAILBOX: usize = 64;

/// An address that mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress {
    shown: String,
    key: String,
    sent_to: Address,
}

/// The text is no address that mail can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnAddress;

impl MailAddress {
    /// The address as it was typed, without spaces around it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The same for every spelling of one address: in lower case, its host as name servers know it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address as servers take it: its host in ASCII.
    pub(super) fn sent_to(&self) -> &Address {
        &self.sent_to
    }
}

impl FromStr for MailAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let shown = text.trim();
        if shown.chars().any(char::is_control) {
            return Err(NotAnAddress);
        }
        let (mailbox, host) = shown.rsplit_once('@').ok_or(NotAnAddress)?;
        let host = ascii_host(host).ok_or(NotAnAddress)?;
        let has_top = host
            .rsplit_once('.')
            .is_some_and(|(_, top)| top.len() > 1 && !top.bytes().all(|it| it.is_ascii_digit()));
        if !has_top || mailbox.len() > LONGEST_MAILBOX || mailbox.len() + 1 + host.len() > LONGEST {
            return Err(NotAnAddress);
        }
        let sent_to = Address::new(mailbox, &host).map_err(|_| NotAnAddress)?;
        Ok(Self {
            key: format!("{}@{host}", mailbox.to_lowercase()),
            shown: shown.to_owned(),
            sent_to,
        })
    }
}

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an e-mail address is needed, such as ada@example.org")
    }
}

impl std::error::Error for NotAnAddress {}

/// A host's name as name servers know it: in lower case, in ASCII.
pub(super) fn ascii_host(host: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(host).ok()?;
    (!ascii.is_empty() && !ascii.ends_with('.')).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        let address: MailAddress = text.parse().ok()?;
        Some(address.key().to_owned())
    }

    #[test]
    fn unusual_addresses_are_taken() {
        for (text, as_key) in [
            (" Ada.Lovelace@Example.ORG ", "ada.lovelace@example.org"),
            ("ada+jobs@example.org", "ada+jobs@example.org"),
            ("o'brien@example.org", "o'brien@example.org"),
            (
                "!#$%&*/=?^_`{|}~-@example.org",
                "!#$%&*/=?^_`{|}~-@example.org",
            ),
            (
                "\"ada lovelace\"@example.org",
                "\"ada lovelace\"@example.org",
            ),
            ("\"a@b\"@example.org", "\"a@b\"@example.org"),
            ("ada@B\u{fc}cher.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
            ("\u{c9}milie@example.org", "\u{e9}milie@example.org"),
            ("ada@a.b.c.example.org", "ada@a.b.c.example.org"),
        ] {
            assert_eq!(key(text).as_deref(), Some(as_key), "{text}");
        }
    }

    #[test]
    fn what_no_mail_reaches_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
            "ada@example..org",
            "ada@-example.org",
            "ada@example.org.",
            "a b@example.org",
            ".ada@example.org",
            "ada@exa mple.org",
            "ada@example.org\r\nBcc: all@example.org",
            "ada\u{0}@example.org",
            "Ada <ada@example.org>",
            "ada@example.org, bob@example.org",
            "\"a\r\nb\"@example.org",
            long.as_str(),
        ] {
            assert_eq!(key(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_longest_address_has_254_bytes() {
        let of = |length: usize| {
            let host = format!("{}.{}.{}", "b".repeat(63), "c".repeat(63), "d".repeat(57));
            let rest = length - host.len() - 5;
            format!("{}@{host}.org", "a".repeat(rest))
        };
        assert_eq!(of(254).len(), 254);
        assert!(key(&of(254)).is_some());
        assert!(key(&of(255)).is_none());
    }
}
