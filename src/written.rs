//! Values that write themselves, alike for [`Display`](std::fmt::Display) and for templates. A salary page holds some
//! thousand numbers: through the formatting machinery and the escaping of HTML they would cost more than all the rest of it.

use std::fmt;

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

/// A short text that grows from its end to its start, as digits come. What is beyond 40 bytes is left out.
pub(crate) struct Short {
    bytes: [u8; 40],
    start: usize,
}

impl Short {
    /// No text yet.
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; 40],
            start: 40,
        }
    }

    /// An ASCII text before what is there.
    pub(crate) fn after(mut self, text: &str) -> Self {
        text.bytes().rev().for_each(|byte| self.put(byte));
        self
    }

    /// A whole number before what is there, with zeros to so many digits.
    pub(crate) fn after_digits(mut self, mut number: u64, at_least: usize) -> Self {
        let mut digits = 0;
        while number > 0 || digits < at_least {
            self.put(digit(number));
            number /= 10;
            digits += 1;
        }
        self
    }

    /// A whole number with commas between groups of three digits before what is there.
    pub(crate) fn after_groups(mut self, number: i64) -> Self {
        let mut rest = number.unsigned_abs();
        while rest >= 1000 {
            self = self.after_digits(rest % 1000, 3).after(",");
            rest /= 1000;
        }
        self = self.after_digits(rest, 1);
        self.after(if number < 0 { "-" } else { "" })
    }

    /// Writes it.
    pub(crate) fn write_to(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let bytes = self.bytes.get(self.start..).unwrap_or_default();
        out.write_str(str::from_utf8(bytes).map_err(|_| fmt::Error)?)
    }

    fn put(&mut self, byte: u8) {
        let start = self.start.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(start) {
            *place = byte;
            self.start = start;
        }
    }
}

/// The last digit of a number.
fn digit(number: u64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or(0)
}
