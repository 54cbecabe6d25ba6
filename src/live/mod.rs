//! Live pages: an open page is told when what it shows changed, by an import or an edit, on whatever instance.
//!
//! A page that can be told carries the address of its stream ([`address`]), and in it a short hash of what it shows
//! ([`Fingerprint`]). [`Hub`] knows who reads which page. When something changes that a page shows, it looks at that page
//! once, however many read it, and sends word to those whose page shows something else. [`pages`] is `/live`, the stream.

mod hub;
pub mod pages;

use std::fmt;
use std::str::FromStr;

use xxhash_rust::xxh3::xxh3_64;

pub use hub::{Hub, Look, Reader, Sight};

use crate::web::query_escaped;

/// A short hash of what a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// That of a page that is there no more.
    pub const OF_NOTHING: Self = Self([0; 8]);

    /// That of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(xxh3_64(text.as_bytes()).to_be_bytes())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, hex::FromHexError> {
        let mut short = [0; 8];
        hex::decode_to_slice(text, &mut short)?;
        Ok(Self(short))
    }
}

/// The address of the stream for a page, by its own address, that shows what has that fingerprint.
#[must_use]
pub fn address(page: &str, seen: Fingerprint) -> String {
    format!("/live?page={}&seen={seen}", query_escaped(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let fingerprint = Fingerprint::of("571 offers");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert_ne!(fingerprint, Fingerprint::of("572 offers"));
        for text in [
            "",
            "0",
            "00112233445566",
            "0011223344556677ff",
            "g011223344556677",
        ] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_s_own_query_is_one_parameter_of_the_stream_s() {
        assert_eq!(
            address(
                "/salaries/devops?country=UA&year=2024",
                Fingerprint::OF_NOTHING
            ),
            "/live?page=%2Fsalaries%2Fdevops%3Fcountry%3DUA%26year%3D2024&seen=0000000000000000"
        );
    }
}
