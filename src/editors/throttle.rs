//! Wrong passwords are slowed down: after some of them, whoever tries has to wait, longer each time, for the account and for
//! the address that they come from. It is counted in the database, so that all instances count together, and before the
//! password is looked at, so that many attempts at once are no way around it. Nobody learns from it which accounts there are.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::db::{Conn, on_either};
use crate::schema::sign_in_failures;

/// How long wrong passwords are remembered.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// How wrong passwords of one sort of subject are slowed down.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Failures without a wait.
    free: u32,
    /// The longest wait in seconds. It bounds how long somebody can keep an editor from signing in, too.
    longest: i64,
}

/// One person mistypes a few times; the longest wait still leaves fewer than 1,500 guesses a day.
const ACCOUNT: Rule = Rule {
    free: 5,
    longest: 60,
};

/// Behind one address may be a whole office.
const ADDRESS: Rule = Rule {
    free: 20,
    longest: 900,
};

impl Rule {
    /// How long to wait after so many failures.
    fn wait(self, failures: u32) -> TimeDelta {
        let Some(beyond) = failures.checked_sub(self.free) else {
            return TimeDelta::zero();
        };
        let seconds = 1_i64.checked_shl(beyond).filter(|_| beyond < 32);
        TimeDelta::seconds(seconds.map_or(self.longest, |seconds| seconds.min(self.longest)))
    }
}

/// Whom an attempt to sign in concerns: an account, and an address where it is known. Both as hashes.
#[derive(Clone, Debug)]
pub struct Subjects {
    account: String,
    address: Option<String>,
}

impl Subjects {
    /// Those of an attempt with that e-mail address, as it was typed.
    #[must_use]
    pub fn of(email: &str, address: Option<IpAddr>) -> Self {
        Self {
            account: account(email),
            address: address.map(|address| hashed("address", &network(address).to_string())),
        }
    }

    fn with_rules(&self) -> impl Iterator<Item = (&str, Rule)> {
        let address = self
            .address
            .iter()
            .map(|address| (address.as_str(), ADDRESS));
        // The account always comes first, so that no two attempts wait for each other.
        std::iter::once((self.account.as_str(), ACCOUNT)).chain(address)
    }
}

fn account(email: &str) -> String {
    hashed("account", &email.trim().to_lowercase())
}

fn hashed(kind: &str, text: &str) -> String {
    hex::encode(Sha256::digest(format!("{kind}:{text}")))
}

/// What one visitor has for themselves: an address, or with version 6 the first half of it.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Counts an attempt as if it failed, or answers how long to wait before the next one; then nothing is counted.
///
/// # Errors
/// When the database fails, as every query here.
pub fn attempt(
    conn: &mut Conn,
    subjects: &Subjects,
    now: NaiveDateTime,
) -> QueryResult<Option<TimeDelta>> {
    let old = sign_in_failures::last_at.lt(now - REMEMBERED);
    diesel::delete(sign_in_failures::table.filter(old)).execute(conn)?;
    let mut counts = Vec::new();
    for (subject, rule) in subjects.with_rules() {
        let (failures, last_at) = lock(conn, subject, now)?;
        let failures = u32::try_from(failures).unwrap_or(0);
        let waited = now - last_at;
        if waited >= REMEMBERED {
            counts.push((subject, 1));
            continue;
        }
        let left = rule.wait(failures) - waited;
        if left > TimeDelta::zero() {
            return Ok(Some(left));
        }
        counts.push((subject, failures.saturating_add(1)));
    }
    for (subject, failures) in counts {
        let failures = i32::try_from(failures).unwrap_or(i32::MAX);
        diesel::update(sign_in_failures::table.find(subject))
            .set((
                sign_in_failures::failures.eq(failures),
                sign_in_failures::last_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(None)
}

/// The password was right: the account's failures are forgotten, and the address has one fewer.
///
/// # Errors
/// When the database fails.
pub fn succeed(conn: &mut Conn, subjects: &Subjects) -> QueryResult<()> {
    diesel::delete(sign_in_failures::table.find(&subjects.account)).execute(conn)?;
    if let Some(address) = &subjects.address {
        let several = sign_in_failures::table
            .find(address)
            .filter(sign_in_failures::failures.gt(1));
        let left = diesel::update(several)
            .set(sign_in_failures::failures.eq(sign_in_failures::failures - 1))
            .execute(conn)?;
        if left == 0 {
            diesel::delete(sign_in_failures::table.find(address)).execute(conn)?;
        }
    }
    Ok(())
}

/// Forgets the failures of an account, such as when it gets a new password.
///
/// # Errors
/// When the database fails.
pub fn forget_account(conn: &mut Conn, email: &str) -> QueryResult<()> {
    diesel::delete(sign_in_failures::table.find(account(email))).execute(conn)?;
    Ok(())
}

/// The failures of a subject and when the last one was, locked until the transaction ends. One without failures is noted as
/// one who had some long ago.
fn lock(conn: &mut Conn, subject: &str, now: NaiveDateTime) -> QueryResult<(i32, NaiveDateTime)> {
    let long_ago = now - REMEMBERED - REMEMBERED;
    on_either!(conn, conn => diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::subject.eq(subject),
            sign_in_failures::failures.eq(1),
            sign_in_failures::last_at.eq(long_ago),
        ))
        .on_conflict(sign_in_failures::subject)
        .do_update()
        .set(sign_in_failures::failures.eq(sign_in_failures::failures))
        .returning((sign_in_failures::failures, sign_in_failures::last_at))
        .get_result(conn))
}

/// A wait in words, for whoever has to.
#[must_use]
pub fn in_words(wait: TimeDelta) -> String {
    let seconds = wait.num_seconds() + 1;
    match seconds {
        ..=1 => "a second".to_owned(),
        2..90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let seconds = |failures| ACCOUNT.wait(failures).num_seconds();
        assert_eq!([4, 5, 6, 7, 10].map(seconds), [0, 1, 2, 4, 32]);
        assert_eq!([11, 12, 40, u32::MAX].map(seconds), [60; 4]);
        assert_eq!(ADDRESS.wait(19).num_seconds(), 0);
        assert_eq!(ADDRESS.wait(1000).num_seconds(), 900);
    }

    #[test]
    fn one_visitor_has_half_an_address_of_version_six() {
        let of = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }

    #[test]
    fn an_address_is_one_subject_however_it_is_typed() {
        assert_eq!(account(" Ada@x.org"), account("ada@X.org "));
        assert_ne!(account("ada@x.org"), hashed("address", "ada@x.org"));
    }

    #[test]
    fn waits_are_said_in_words() {
        let words = |milliseconds| in_words(TimeDelta::milliseconds(milliseconds));
        assert_eq!(words(300), "a second");
        assert_eq!(words(1_500), "2 seconds");
        assert_eq!(words(899_000), "15 minutes");
    }
}
