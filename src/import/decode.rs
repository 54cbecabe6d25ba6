//! The text of a file: its bytes decoded to UTF-8 as they stream by, and checked on the way.
//!
//! A wrong encoding, a NUL and a broken quote end the reading with the line and column where they stand, instead of
//! turning quietly into wrong fields.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::{Decoder, DecoderResult, Encoding};
use memchr::{memchr2, memchr2_iter};

const CHUNK: usize = 64 * 1024;

/// Bytes of a record at most, for all of it has to be in memory.
const LONGEST_RECORD: usize = 16 << 20;

/// The lines on which the records begin that were decoded and not taken yet. Empty lines are no records.
#[derive(Clone, Default)]
pub(super) struct RecordLines(Rc<RefCell<VecDeque<u64>>>);

impl RecordLines {
    /// The line, from 1, of the next record.
    pub(super) fn next(&self) -> u64 {
        self.0.borrow_mut().pop_front().unwrap_or(1)
    }
}

/// Reads bytes of an encoding and gives UTF-8, without a byte-order mark. A byte-order mark of Unicode wins over the
/// encoding.
pub(super) struct Text<R> {
    input: R,
    encoding: &'static Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    /// The part of `raw` that is not decoded yet.
    undecoded: std::ops::Range<usize>,
    input_ended: bool,
    decoded: Vec<u8>,
    /// The part of `decoded` that is not given out yet.
    ungiven: std::ops::Range<usize>,
    ended: bool,
    watch: Watch,
    /// Bytes since a record last began.
    unbroken: usize,
}

/// Why the text ends before its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextError {
    line: u64,
    column: u64,
    what: String,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.what
        )
    }
}

impl std::error::Error for TextError {}

impl<R: Read> Text<R> {
    pub(super) fn new(input: R, encoding: &'static Encoding, delimiter: u8) -> Self {
        Self {
            input,
            encoding,
            decoder: encoding.new_decoder(),
            raw: vec![0; CHUNK],
            undecoded: 0..0,
            input_ended: false,
            decoded: vec![0; 2 * CHUNK],
            ungiven: 0..0,
            ended: false,
            watch: Watch::new(delimiter),
            unbroken: 0,
        }
    }

    /// The lines of the records, as they are decoded.
    pub(super) fn record_lines(&self) -> RecordLines {
        self.watch.records.clone()
    }

    /// Decodes on until there is something to give out, or the text has ended.
    fn fill(&mut self) -> io::Result<()> {
        while self.ungiven.is_empty() && !self.ended {
            if self.undecoded.is_empty() && !self.input_ended {
                let read = self.input.read(&mut self.raw)?;
                self.undecoded = 0..read;
                self.input_ended = read == 0;
            }
            let raw = self.raw.get(self.undecoded.clone()).unwrap_or_default();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                raw,
                &mut self.decoded,
                self.input_ended,
            );
            self.undecoded.start += read;
            self.ungiven = 0..written;
            let begun = self.watch.begun;
            self.watch
                .see(self.decoded.get(..written).unwrap_or_default())?;
            self.unbroken = if self.watch.begun > begun {
                0
            } else {
                self.unbroken + written
            };
            if self.unbroken > LONGEST_RECORD {
                return Err(self.watch.error(format!(
                    "a row of more than {} megabytes, as where a quote is missing or the file is no table",
                    LONGEST_RECORD >> 20
                )));
            }
            match result {
                DecoderResult::InputEmpty if self.input_ended => {
                    self.ended = true;
                    self.watch.end()?;
                }
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    return Err(self.watch.error(format!(
                        "these bytes are not {}; name the file's encoding in a profile under [file]",
                        self.encoding.name()
                    )));
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let given = self.ungiven.len().min(out.len());
        let from = self.ungiven.start;
        if let (Some(out), Some(text)) =
            (out.get_mut(..given), self.decoded.get(from..from + given))
        {
            out.copy_from_slice(text);
        }
        self.ungiven.start += given;
        Ok(given)
    }
}

/// Whether it is no continuation byte, which belongs to the character before it.
const fn begins_character(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

fn characters(text: &[u8]) -> u64 {
    text.iter().filter(|byte| begins_character(**byte)).count() as u64
}

/// Follows the lines, columns and quotes of a CSV text.
struct Watch {
    delimiter: u8,
    line: u64,
    column: u64,
    quoting: Quoting,
    /// Where the quote stands that opened last.
    opened: (u64, u64),
    /// Whether the next character begins a record, unless it ends a line.
    between_records: bool,
    records: RecordLines,
    /// Records that have begun.
    begun: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    FieldStart,
    Plain,
    Quoted,
    AfterQuote,
}

impl Watch {
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            line: 1,
            column: 0,
            quoting: Quoting::FieldStart,
            opened: (1, 1),
            between_records: true,
            records: RecordLines::default(),
            begun: 0,
        }
    }

    fn see(&mut self, text: &[u8]) -> io::Result<()> {
        let is_outside = matches!(self.quoting, Quoting::FieldStart | Quoting::Plain);
        if is_outside && memchr2(b'"', 0, text).is_none() {
            self.see_lines(text);
            return Ok(());
        }
        self.see_each(text)
    }

    /// Sees a text in which only the ends of lines matter.
    fn see_lines(&mut self, text: &[u8]) {
        let mut line_start = 0;
        for end in memchr2_iter(b'\n', b'\r', text) {
            let part = text.get(line_start..end).unwrap_or_default();
            self.see_part_of_line(part);
            self.quoting = Quoting::FieldStart;
            self.between_records = true;
            if text.get(end) == Some(&b'\n') {
                self.line += 1;
                self.column = 0;
            } else {
                self.column += characters(part) + 1;
            }
            line_start = end + 1;
        }
        let rest = text.get(line_start..).unwrap_or_default();
        self.see_part_of_line(rest);
        self.column += characters(rest);
    }

    fn begins_record(&mut self) {
        self.records.0.borrow_mut().push_back(self.line);
        self.begun += 1;
    }

    /// Sees what one line holds, but for its columns.
    fn see_part_of_line(&mut self, part: &[u8]) {
        let Some(&last) = part.last() else {
            return;
        };
        if self.between_records {
            self.begins_record();
            self.between_records = false;
        }
        self.quoting = if last == self.delimiter {
            Quoting::FieldStart
        } else {
            Quoting::Plain
        };
    }

    fn see_each(&mut self, text: &[u8]) -> io::Result<()> {
        for &byte in text {
            self.column += u64::from(begins_character(byte));
            let ends_line = matches!(byte, b'\n' | b'\r');
            if self.between_records && !ends_line {
                self.begins_record();
            }
            self.between_records = ends_line && self.quoting != Quoting::Quoted;
            self.quoting = match (self.quoting, byte) {
                (_, 0) => {
                    return Err(
                        self.error_here("a NUL, so this is no text file; save the table as CSV")
                    );
                }
                (Quoting::Quoted, b'"') => Quoting::AfterQuote,
                (Quoting::FieldStart, b'"') => {
                    self.opened = (self.line, self.column);
                    Quoting::Quoted
                }
                (Quoting::Quoted, _) | (Quoting::AfterQuote, b'"') => Quoting::Quoted,
                (_, b'\n' | b'\r') => Quoting::FieldStart,
                (_, byte) if byte == self.delimiter => Quoting::FieldStart,
                (Quoting::AfterQuote, _) => {
                    return Err(self.error_here(
                        "text after a closing quote; write a quote inside a quoted field twice",
                    ));
                }
                (Quoting::FieldStart | Quoting::Plain, _) => Quoting::Plain,
            };
            if byte == b'\n' {
                self.line += 1;
                self.column = 0;
            }
        }
        Ok(())
    }

    fn end(&self) -> io::Result<()> {
        if self.quoting == Quoting::Quoted {
            let (line, column) = self.opened;
            return Err(io::Error::other(TextError {
                line,
                column,
                what: "the quote that opens here is never closed".to_owned(),
            }));
        }
        Ok(())
    }

    /// An error about the character that was seen last.
    fn error_here(&self, what: &str) -> io::Error {
        io::Error::other(TextError {
            line: self.line,
            column: self.column,
            what: what.to_owned(),
        })
    }

    /// An error about the character that comes next.
    fn error(&self, what: String) -> io::Error {
        io::Error::other(TextError {
            line: self.line,
            column: self.column + 1,
            what,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], encoding: &'static Encoding) -> Result<String, String> {
        let mut text = String::new();
        Text::new(bytes, encoding, b',')
            .read_to_string(&mut text)
            .map(|_| text)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn encodings_are_decoded_and_byte_order_marks_removed() {
        assert_eq!(read(b"\xEF\xBB\xBFa,b", encoding_rs::UTF_8).unwrap(), "a,b");
        assert_eq!(
            read(b"\xCF\xF0\xE8", encoding_rs::WINDOWS_1251).unwrap(),
            "При"
        );
        assert_eq!(
            read(b"\xFF\xFEa\0,\0", encoding_rs::UTF_16LE).unwrap(),
            "a,"
        );
        let long = "слово,".repeat(60_000);
        assert_eq!(read(long.as_bytes(), encoding_rs::UTF_8).unwrap(), long);
    }

    #[test]
    fn a_wrong_encoding_says_where() {
        let error = read(b"a,b\nx,\xCF\xF0", encoding_rs::UTF_8).unwrap_err();
        assert!(
            error.starts_with("line 2, column 3: these bytes are not UTF-8"),
            "{error}"
        );
        let error = read(b"\xFFa", encoding_rs::UTF_8).unwrap_err();
        assert!(error.starts_with("line 1, column 1: "), "{error}");
    }

    #[test]
    fn a_file_that_is_no_text_is_refused() {
        let error = read(b"PK\x03\x04\0\0", encoding_rs::UTF_8).unwrap_err();
        assert!(error.contains("no text file"), "{error}");
    }

    #[test]
    fn a_row_without_end_is_refused_before_it_fills_the_memory() {
        let endless = "x".repeat(LONGEST_RECORD + 3 * CHUNK);
        let error = read(format!("a\n\"{endless}").as_bytes(), encoding_rs::UTF_8).unwrap_err();
        assert!(
            error.starts_with("line 2, ") && error.contains("16 megabytes"),
            "{error}"
        );
    }

    #[test]
    fn records_know_their_lines() {
        let bytes = b"a,b\r\n1,\"x\r\ny\"\r\n\r\n\n2,z\n\n3,4";
        let mut text = Text::new(&bytes[..], encoding_rs::UTF_8, b',');
        let lines = text.record_lines();
        text.read_to_string(&mut String::new()).unwrap();
        assert_eq!([(); 4].map(|()| lines.next()), [1, 2, 6, 8]);
    }

    #[test]
    fn a_byte_order_mark_wins_over_the_encoding() {
        assert_eq!(read(b"\xFF\xFEa\0,\0", encoding_rs::UTF_8).unwrap(), "a,");
        assert_eq!(
            read(b"\xEF\xBB\xBFa,", encoding_rs::WINDOWS_1251).unwrap(),
            "a,"
        );
    }

    #[test]
    fn quotes_must_be_whole() {
        assert!(
            read(
                b"a,\"b \"\"c\"\"\nd\",e\r\n\"f\"\n5\" disk,x",
                encoding_rs::UTF_8
            )
            .is_ok()
        );
        let error = read(b"a,b\n1,\"open\n2,3\n", encoding_rs::UTF_8).unwrap_err();
        assert_eq!(
            error,
            "line 2, column 3: the quote that opens here is never closed"
        );
        let error = read("ж,\"b\" c\n".as_bytes(), encoding_rs::UTF_8).unwrap_err();
        assert!(
            error.starts_with("line 1, column 6: text after a closing quote"),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn lines_seen_at_once_are_lines_seen_each(texts in proptest::collection::vec("[aж,\\r\\n\"\0]{0,9}", 0..5)) {
            let (mut at_once, mut each) = (Watch::new(b','), Watch::new(b','));
            for text in &texts {
                let (seen, expected) = (at_once.see(text.as_bytes()), each.see_each(text.as_bytes()));
                let texts = [seen, expected].map(|result| result.map_err(|error| error.to_string()));
                prop_assert_eq!(&texts[0], &texts[1]);
                prop_assert!(at_once.records.0 == each.records.0);
                prop_assert_eq!((at_once.line, at_once.column, at_once.opened), (each.line, each.column, each.opened));
                prop_assert!(at_once.quoting == each.quoting && at_once.between_records == each.between_records);
                if texts[0].is_err() {
                    break;
                }
            }
        }
    }
}
