//! What the site signs: links in mails, and the time at which a form was asked for. Nothing of it is kept but the key.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::db::Conn;
use crate::schema::secrets;

/// The name of the key in the database.
const NAME: &str = "links";

/// Bytes of a signature.
const SIGNATURE: usize = 16;

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A link that confirms a sign-up, by its key.
    Confirm,
    /// A link to leave and to choose, by the subscriber's key and that of the issue that it stands in, or 0.
    Leave,
    /// The time at which a form was asked for.
    Stamp,
}

impl Purpose {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Confirm => b"confirm",
            Self::Leave => b"leave",
            Self::Stamp => b"stamp",
        }
    }
}

/// The site's key.
#[derive(Clone)]
pub struct Keys([u8; 64]);

impl Keys {
    /// The key that all instances share.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load(conn: &mut Conn) -> QueryResult<Self> {
        let value: String = secrets::table
            .find(NAME)
            .select(secrets::value)
            .first(conn)?;
        let mut key = [0; 64];
        for (place, byte) in key.iter_mut().zip(value.bytes()) {
            *place = byte;
        }
        Ok(Self(key))
    }

    /// Signs two numbers: 64 lower-case hexadecimal digits, which fit into an address.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, number: i64, other: i64) -> String {
        let mut sealed = said(number, other).to_vec();
        let tag = self.mac(purpose, number, other).finalize().into_bytes();
        sealed.extend(tag.iter().take(SIGNATURE));
        hex::encode(sealed)
    }

    /// The numbers that were signed; `None` where anything is altered.
    #[must_use]
    pub fn open(&self, purpose: Purpose, sealed: &str) -> Option<(i64, i64)> {
        let mut bytes = [0; 16 + SIGNATURE];
        hex::decode_to_slice(sealed, &mut bytes).ok()?;
        let (number, rest) = bytes.split_first_chunk::<8>()?;
        let (other, tag) = rest.split_first_chunk::<8>()?;
        let (number, other) = (i64::from_be_bytes(*number), i64::from_be_bytes(*other));
        let mac = self.mac(purpose, number, other);
        mac.verify_truncated_left(tag).ok()?;
        Some((number, other))
    }

    /// Signs a time.
    #[must_use]
    pub fn stamp(&self, now: NaiveDateTime) -> String {
        self.seal(Purpose::Stamp, now.and_utc().timestamp_millis(), 0)
    }

    /// How long ago a time was signed; `None` where it was not.
    #[must_use]
    pub fn age(&self, stamp: &str, now: NaiveDateTime) -> Option<TimeDelta> {
        let (then, _) = self.open(Purpose::Stamp, stamp)?;
        TimeDelta::try_milliseconds(now.and_utc().timestamp_millis().checked_sub(then)?)
    }

    fn mac(&self, purpose: Purpose, number: i64, other: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        mac.update(purpose.word());
        mac.update(&said(number, other));
        mac
    }
}

fn said(number: i64, other: i64) -> [u8; 16] {
    let mut bytes = [0; 16];
    let all = number.to_be_bytes().into_iter().chain(other.to_be_bytes());
    for (place, byte) in bytes.iter_mut().zip(all) {
        *place = byte;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_altered_opens_nothing() {
        let keys = Keys([7; 64]);
        let sealed = keys.seal(Purpose::Leave, 12, 3);
        assert_eq!(sealed.len(), 64);
        assert_eq!(keys.open(Purpose::Leave, &sealed), Some((12, 3)));
        assert_eq!(keys.open(Purpose::Confirm, &sealed), None);
        assert_eq!(Keys([8; 64]).open(Purpose::Leave, &sealed), None);
        for place in 0..64 {
            let mut altered = sealed.clone().into_bytes();
            altered[place] = if altered[place] == b'0' { b'1' } else { b'0' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(keys.open(Purpose::Leave, &altered), None, "{place}");
        }
        for wrong in ["", "12", &sealed[1..], &format!("{sealed}00")] {
            assert_eq!(keys.open(Purpose::Leave, wrong), None);
        }
    }

    #[test]
    fn a_stamp_knows_its_age() {
        let keys = Keys([7; 64]);
        let now: NaiveDateTime = "2026-11-29T12:00:00".parse().unwrap();
        let stamp = keys.stamp(now);
        let later = now + TimeDelta::seconds(90);
        assert_eq!(keys.age(&stamp, later), Some(TimeDelta::seconds(90)));
        assert_eq!(keys.age("rubbish", later), None);
    }
}
