//! Secrets that open a door: those in cookies and in one-time links. Only their hash is kept.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// 256 random bits, written as 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAToken;

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// What the one who gets it reads.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }

    /// What is kept of it: its hash, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(self.0))
    }
}

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotAToken)?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_as_itself_and_no_two_are_alike() {
        let token = Token::random().unwrap();
        assert_eq!(token.hex().len(), 64);
        assert_eq!(token.hex().parse(), Ok(token.clone()));
        assert_ne!(token, Token::random().unwrap());
        assert_ne!(token.hex(), token.sha256());
        assert_eq!("12".parse::<Token>(), Err(NotAToken));
        assert_eq!("x".repeat(64).parse::<Token>(), Err(NotAToken));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
