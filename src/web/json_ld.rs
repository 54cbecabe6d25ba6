//! Data for programs in the head of a page: JSON inside a `script` element that no browser runs.

use std::fmt;
use std::io;

use askama::{FastWritable, NO_VALUES, Values, filters};
use serde::Serialize;

/// A value that templates write as JSON into `<script type="application/ld+json">`. Whatever stands in its texts, the element
/// ends where the template ends it.
#[derive(Clone, Copy, Debug)]
pub struct JsonLd<T>(
    /// The value.
    pub T,
);

impl<T: Serialize> FastWritable for JsonLd<T> {
    fn write_into(&self, out: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        serde_json::to_writer(Escaping(out), &self.0).map_err(|_| askama::Error::Fmt)
    }
}

impl<T: Serialize> filters::HtmlSafe for JsonLd<T> {}

impl<T: Serialize> fmt::Display for JsonLd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_into(f, NO_VALUES).map_err(|_| fmt::Error)
    }
}

/// Writes JSON, in which `<` stands in texts alone, with that sign escaped.
struct Escaping<'a>(&'a mut dyn fmt::Write);

impl io::Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut parts = text.split('<');
        let written = parts.next().map_or(Ok(()), |part| self.0.write_str(part));
        let rest = parts.try_for_each(|part| {
            self.0.write_str("\\u003c")?;
            self.0.write_str(part)
        });
        written.and(rest).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_element() {
        let text = "</script><!-- <script> & \"\u{e9}\"";
        let written = JsonLd([text]).to_string();
        assert!(!written.contains('<'), "{written}");
        let read: Vec<String> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, [text]);
    }
}
