//! Values that write themselves, alike for [`Display`](std::fmt::Display) and for templates. A salary page holds some
//! thousand numbers: through the formatting machinery and the escaping of HTML they would cost more than all the rest of it.

use std::fmt;

use arrayvec::ArrayString;
use askama::{FastWritable, NO_VALUES};

/// Says how types write themselves. What they write must mean nothing in HTML: digits, letters and signs other than `<`,
/// `>`, `&` and quotes.
macro_rules! written {
    ($($type:ty: |$value:ident, $out:ident| $write:expr;)+) => {$(
        impl askama::FastWritable for $type {
            fn write_into(
                &self,
                $out: &mut dyn std::fmt::Write,
                _: &dyn askama::Values,
            ) -> askama::Result<()> {
                let $value = self;
                Ok($write?)
            }
        }

        impl askama::filters::HtmlSafe for $type {}

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::written::write_all(f, &[self])
            }
        }
    )+};
}
pub(crate) use written;

/// Writes one after the other.
pub(crate) fn write_all(out: &mut dyn fmt::Write, parts: &[&dyn FastWritable]) -> fmt::Result {
    parts.iter().try_for_each(|part| {
        let written = part.write_into(out, NO_VALUES);
        written.map_err(|_| fmt::Error)
    })
}

/// Every group of three digits with a comma before it, four bytes each: `,000,001` and so on.
const GROUPS: &str = match str::from_utf8(&group_bytes()) {
    Ok(groups) => groups,
    Err(_) => panic!("digits and commas are ASCII"),
};

const fn group_bytes() -> [u8; 4000] {
    let mut bytes = [b','; 4000];
    let (mut rest, mut number) = (bytes.as_mut_slice(), 0_u16);
    while let [_, hundreds, tens, ones, after @ ..] = rest {
        *hundreds = digit(number / 100);
        *tens = digit(number / 10);
        *ones = digit(number);
        rest = after;
        number += 1;
    }
    bytes
}

const fn digit(number: u16) -> u8 {
    b'0' + (number % 10) as u8
}

/// The last three digits of a number, with a comma before them.
fn group(number: u64) -> &'static str {
    let place = usize::try_from(number % 1000).unwrap_or_default() * 4;
    GROUPS.get(place..place + 4).unwrap_or_default()
}

/// A short text, put together from its start. What is beyond 48 bytes is left out.
pub(crate) struct Short(ArrayString<48>);

impl Short {
    /// A text that begins like this.
    pub(crate) fn from(text: &str) -> Self {
        let mut short = Self(ArrayString::new());
        short.then(text);
        short
    }

    /// Adds a text.
    pub(crate) fn then(&mut self, text: &str) -> &mut Self {
        // What does not fit is left out.
        let _ = self.0.try_push_str(text);
        self
    }

    /// Adds a whole number.
    pub(crate) fn then_number(&mut self, number: u64) -> &mut Self {
        if number >= 1000 {
            return self.then_number(number / 1000).then_digits(number, 3);
        }
        let zeros = usize::from(number < 100) + usize::from(number < 10);
        self.then_digits(number, 3 - zeros)
    }

    /// Adds the last digits of a number, up to three.
    pub(crate) fn then_digits(&mut self, number: u64, digits: usize) -> &mut Self {
        let group = group(number);
        let from = group.len().saturating_sub(digits);
        self.then(group.get(from..).unwrap_or_default())
    }

    /// Adds a whole number with commas between groups of three digits.
    pub(crate) fn then_groups(&mut self, number: i64) -> &mut Self {
        if number < 0 {
            self.then("-");
        }
        let rest = number.unsigned_abs();
        let (thousands, millions) = (rest / 1000, rest / 1_000_000);
        if millions > 0 {
            self.then_groups(millions.cast_signed());
            self.then(group(thousands));
        } else if thousands > 0 {
            self.then_number(thousands);
        } else {
            return self.then_number(rest);
        }
        self.then(group(rest))
    }

    /// Writes it.
    pub(crate) fn write_to(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(&self.0)
    }
}
