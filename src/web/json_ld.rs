//! Data for programs in the head of a page: JSON inside a `script` element that no browser runs.

use std::fmt;

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
        let json = serde_json::to_string(&self.0).map_err(|_| askama::Error::Fmt)?;
        // In JSON that sign stands in texts alone.
        let mut rest = json.as_str();
        while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
            let (before, after) = rest.split_at(at);
            out.write_str(before)?;
            out.write_str("\\u003c")?;
            rest = after.get(1..).unwrap_or_default();
        }
        Ok(out.write_str(rest)?)
    }
}

impl<T: Serialize> filters::HtmlSafe for JsonLd<T> {}

impl<T: Serialize> fmt::Display for JsonLd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_into(f, NO_VALUES).map_err(|_| fmt::Error)
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
