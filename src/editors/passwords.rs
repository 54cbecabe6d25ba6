//! Passwords: what they must be, and how they are kept.
//!
//! A password is kept as Argon2id with the parameters that the OWASP Password Storage Cheat Sheet names first among those of
//! little memory: 19 MiB, two passes, one lane. That takes some tens of milliseconds, so that it is done on a thread of its
//! own ([`hashed`], [`is_right`]).

use std::sync::LazyLock;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::Email;
use crate::db::DbError;
use crate::error::AppError;

/// Fewest characters of a password.
pub const SHORTEST: usize = 10;

/// Most characters of a password: more would only take time.
pub const LONGEST: usize = 1024;

/// Memory in KiB, passes over it, and lanes.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// A hash that no password has, for accounts without one: they take as long as all others.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| {
    let mut password = [0; 32];
    getrandom::fill(&mut password).ok()?;
    hash(&hex::encode(password)).ok()
});

/// What is wrong with a new password of that account, as a sentence.
///
/// # Errors
/// The sentence.
pub fn check(password: &str, email: &str) -> Result<(), &'static str> {
    let length = password.chars().count();
    let is = |other: &str| password.to_lowercase() == other;
    if length == 0 {
        return Err("Write a password.");
    }
    if length < SHORTEST {
        return Err("The password needs at least 10 characters.");
    }
    if length > LONGEST {
        return Err("The password may have at most 1,024 characters.");
    }
    let first = password.chars().next();
    if password.chars().all(|letter| Some(letter) == first) {
        return Err("The password is one character over and over. Write another one.");
    }
    let email = email.parse::<Email>().map(|email| email.0);
    if email.is_ok_and(|email| is(&email)) {
        return Err("The password is the e-mail address. Write another one.");
    }
    Ok(())
}

/// The hash of a password with a new salt, as a PHC string. Takes its time.
///
/// # Errors
/// [`AppError::Failed`] without memory or random bytes.
pub fn hash(password: &str) -> Result<String, AppError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    let hashed = argon2().and_then(|argon2| {
        let hashed = argon2.hash_password_with_salt(password.as_bytes(), &salt);
        hashed.map_err(|error| error.to_string())
    });
    let hashed = hashed.map(|hash| hash.to_string());
    hashed.map_err(|error| AppError::Failed(format!("a password could not be hashed: {error}")))
}

/// Whether a password is the one of that hash. Takes its time, and as long where there is no hash.
#[must_use]
pub fn matches(password: &str, hash: Option<&str>) -> bool {
    let Some(known) = hash.or(NOBODYS.as_deref()) else {
        return false;
    };
    let verified = argon2().is_ok_and(|argon2| {
        let parsed = PasswordHash::new(known);
        parsed.is_ok_and(|known| argon2.verify_password(password.as_bytes(), &known).is_ok())
    });
    verified && hash.is_some()
}

/// [`hash`] on a thread of its own, for request handlers.
///
/// # Errors
/// As [`hash`].
pub async fn hashed(password: String) -> Result<String, AppError> {
    let hashed = web::block(move || hash(&password)).await;
    hashed.unwrap_or(Err(AppError::Database(DbError::Cancelled)))
}

/// [`matches()`] on a thread of its own, for request handlers.
///
/// # Errors
/// When the thread is gone.
pub async fn is_right(password: String, hash: Option<String>) -> Result<bool, AppError> {
    let is_right = web::block(move || matches(&password, hash.as_deref())).await;
    is_right.map_err(|_| AppError::Database(DbError::Cancelled))
}

fn argon2() -> Result<Argon2<'static>, String> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_so_that_only_it_matches() {
        let kept = hash("correct horse battery").unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        assert!(matches("correct horse battery", Some(&kept)));
        assert!(!matches("correct horse batterx", Some(&kept)));
        assert!(!matches("correct horse battery", None));
        assert!(!matches("correct horse battery", Some("rubbish")));
        assert_ne!(kept, hash("correct horse battery").unwrap());
    }

    #[test]
    fn a_password_is_long_and_not_the_address() {
        let of = |password: &str| check(password, "ada@lovelace.org");
        assert!(of("").is_err());
        assert!(of("123456789").is_err());
        assert!(of("1234567890").is_ok());
        assert!(of("\u{1f511}\u{1f3e0}\u{1f511}\u{1f3e0}\u{1f511}\u{1f3e0}\u{1f511}\u{1f3e0}\u{1f511}\u{1f3e0}").is_ok());
        assert!(of("aaaaaaaaaaaaaa").is_err());
        assert!(of("Ada@Lovelace.org").is_err());
        assert!(of(&"ab".repeat(512)).is_ok());
        assert!(of(&"ab".repeat(513)).is_err());
    }
}
