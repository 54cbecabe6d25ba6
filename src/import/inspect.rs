//! What an uploaded file holds: its encoding and delimiter, its header, its first rows, and the values of each column.
//!
//! The file streams through, as in an import: memory does not grow with the number of rows.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::StringRecord;
use encoding_rs::Encoding;
use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Serialize};

use super::decode::{Text, TextError};
use super::normalized;

/// Columns of a file at most.
const MOST_COLUMNS: usize = 1_000;

/// Columns whose values are looked at.
const EXAMINED_COLUMNS: usize = 200;

/// Different values of a column that are counted; others are left out, and the column says so.
const COUNTED_VALUES: usize = 3_000;

/// Values of a column that are kept in the end, those of the most rows.
const KEPT_VALUES: usize = 300;

/// Cells of a column that are kept as they are, from all over the file.
const SAMPLES: usize = 120;

/// Rows that are shown.
const FIRST_ROWS: usize = 8;

/// Characters of a cell that are shown.
const SHOWN: usize = 120;

/// Characters of a value that can be mapped; a longer one is prose.
const LONGEST_VALUE: usize = 200;

/// Bytes from which the delimiter is told.
const HEAD: usize = 256 * 1024;

/// Bytes at most from which an encoding is guessed.
const GUESSED_FROM: usize = 8 << 20;

/// The delimiters that are tried, the likeliest first.
pub(super) const DELIMITERS: [u8; 4] = *b",;\t|";

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// A label of the WHATWG Encoding Standard, in lower case.
    pub encoding: String,
    /// Whether the bytes leave no doubt about it.
    pub encoding_is_certain: bool,
    /// The character between the fields of a row.
    pub delimiter: char,
    /// The header, each cell as profiles compare it.
    pub headers: Vec<String>,
    /// The first rows, long cells cut.
    pub first_rows: Vec<Vec<String>>,
    /// All rows but the header.
    pub rows: u64,
    /// Rows that have another number of fields than the header.
    pub uneven_rows: u64,
    /// What stands in each column.
    pub columns: Vec<Column>,
    /// Why the file cannot be read to its end with this encoding and delimiter.
    pub problem: Option<String>,
}

/// What stands in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Cells that are not empty.
    pub filled: u64,
    /// Different values and in how many rows each stands, the most frequent first.
    pub values: Vec<(String, u64)>,
    /// Rows with values that are not listed.
    pub others: u64,
    /// The same for the parts of lists with semicolons; empty where no cell is a list.
    pub parts: Vec<(String, u64)>,
    /// Cells from all over the file.
    pub samples: Vec<String>,
}

/// Why a file cannot be used at all. Each writes itself as one sentence.
#[derive(Debug)]
pub enum InspectError {
    /// It is no text, or an empty one.
    NoTable(String),
    /// It could not be read.
    File(io::Error),
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTable(sentence) => f.write_str(sentence),
            Self::File(cause) => write!(f, "The file could not be read: {cause}."),
        }
    }
}

impl std::error::Error for InspectError {}

impl From<io::Error> for InspectError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its encoding.
    pub encoding: &'static Encoding,
    /// Whether the bytes leave no doubt about the encoding.
    pub is_certain: bool,
    /// The character between the fields of a row.
    pub delimiter: u8,
}

/// Finds out how a file is read, and what it holds.
///
/// # Errors
/// [`InspectError`].
pub fn inspect(path: &Path) -> Result<Findings, InspectError> {
    let reading = detect(path)?;
    inspect_as(path, reading)
}

/// What a file holds that is read in that way. A file that breaks off is described up to there.
///
/// # Errors
/// [`InspectError`].
pub fn inspect_as(path: &Path, reading: Reading) -> Result<Findings, InspectError> {
    let text = Text::new(File::open(path)?, reading.encoding, reading.delimiter);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(reading.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut findings = Findings {
        encoding: reading.encoding.name().to_lowercase(),
        encoding_is_certain: reading.is_certain,
        delimiter: char::from(reading.delimiter),
        ..Findings::default()
    };
    let mut tallies = Vec::new();
    let mut record = StringRecord::new();
    let mut is_header = true;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) if is_header => {
                is_header = false;
                findings.headers = record
                    .iter()
                    .map(|header| normalized(header).into_owned())
                    .collect();
                if record.len() > MOST_COLUMNS {
                    return Err(InspectError::NoTable(format!(
                        "The first line has {} fields, but at most {MOST_COLUMNS} columns can be read.",
                        record.len()
                    )));
                }
                tallies.resize_with(record.len().min(EXAMINED_COLUMNS), Tally::default);
            }
            Ok(true) => findings.take(&record, &mut tallies),
            Ok(false) => break,
            Err(error) => {
                let sentence = unreadable(error)?;
                if sentence.contains("a NUL") {
                    return Err(InspectError::NoTable(format!(
                        "The file breaks off at {sentence}."
                    )));
                }
                findings.problem = Some(sentence);
                break;
            }
        }
    }
    if findings.headers.is_empty() && findings.problem.is_none() {
        return Err(InspectError::NoTable("The file is empty.".to_owned()));
    }
    findings.columns = tallies.into_iter().map(Tally::finish).collect();
    Ok(findings)
}

impl Findings {
    fn take(&mut self, record: &StringRecord, tallies: &mut [Tally]) {
        self.rows += 1;
        if record.len() != self.headers.len() {
            self.uneven_rows += 1;
        }
        if self.first_rows.len() < FIRST_ROWS {
            self.first_rows.push(record.iter().map(shown).collect());
        }
        for (tally, cell) in tallies.iter_mut().zip(record) {
            let value = normalized(cell);
            if !value.is_empty() {
                tally.add(&value);
            }
        }
    }

    /// The column under a header; the first of several.
    #[must_use]
    pub fn column(&self, header: &str) -> Option<&Column> {
        let place = self.headers.iter().position(|own| own == header)?;
        self.columns.get(place)
    }
}

/// A cell as it is shown.
fn shown(cell: &str) -> String {
    let cell = normalized(cell);
    match cell.char_indices().nth(SHOWN) {
        None => cell.into_owned(),
        Some((end, _)) => format!("{}\u{2026}", cell.get(..end).unwrap_or_default()),
    }
}

/// A column that is being counted.
struct Tally {
    filled: u64,
    values: Counts,
    parts: Counts,
    has_lists: bool,
    samples: Vec<String>,
    /// One in so many cells becomes a sample.
    stride: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            filled: 0,
            values: Counts::default(),
            parts: Counts::default(),
            has_lists: false,
            samples: Vec::new(),
            stride: 1,
        }
    }
}

impl Tally {
    fn add(&mut self, value: &str) {
        if self.filled.is_multiple_of(self.stride) {
            self.sample(value);
        }
        self.filled += 1;
        self.values.add(value);
        self.has_lists |= value.contains(';');
        for part in value.split(';') {
            let part = normalized(part);
            if !part.is_empty() {
                self.parts.add(&part);
            }
        }
    }

    fn sample(&mut self, value: &str) {
        if self.samples.len() == SAMPLES {
            // Every other one goes, and from now on half as many come.
            let mut keep = false;
            self.samples.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
        }
        self.samples.push(shown(value));
    }

    fn finish(self) -> Column {
        let (values, others) = self.values.finish();
        let parts = if self.has_lists {
            self.parts.finish().0
        } else {
            Vec::new()
        };
        Column {
            filled: self.filled,
            values,
            others,
            parts,
            samples: self.samples,
        }
    }
}

#[derive(Default)]
struct Counts {
    known: HashMap<String, u64>,
    others: u64,
}

impl Counts {
    fn add(&mut self, value: &str) {
        if let Some(count) = self.known.get_mut(value) {
            *count += 1;
        } else if self.known.len() < COUNTED_VALUES && value.len() <= LONGEST_VALUE {
            if self.known.is_empty() {
                self.known = HashMap::with_capacity(16);
            }
            self.known.insert(value.to_owned(), 1);
        } else {
            self.others += 1;
        }
    }

    fn finish(self) -> (Vec<(String, u64)>, u64) {
        let mut values: Vec<(String, u64)> = self.known.into_iter().collect();
        values.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
        let cut: u64 = values
            .iter()
            .skip(KEPT_VALUES)
            .map(|(_, count)| count)
            .sum();
        values.truncate(KEPT_VALUES);
        (values, self.others + cut)
    }
}

/// The place and the cause, without a full stop.
fn unreadable(error: csv::Error) -> Result<String, io::Error> {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => match cause.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(text) => Ok(TextError::to_string(text)),
            None => Err(cause),
        },
        other => Ok(format!("{other:?}")),
    }
}

/// How a file is read, told from its bytes.
///
/// # Errors
/// [`InspectError`].
pub fn detect(path: &Path) -> Result<Reading, InspectError> {
    let mut file = File::open(path)?;
    let mut head = vec![0; HEAD];
    let length = read_full(&mut file, &mut head)?;
    head.truncate(length);
    if let Some(what) = foreign(&head) {
        return Err(InspectError::NoTable(format!(
            "The file is {what}, not a table in text; save it as CSV and upload that."
        )));
    }
    let (encoding, is_certain) = encoding(path, &head)?;
    let (text, _, _) = encoding.decode(&head);
    let is_whole = length < HEAD;
    Ok(Reading {
        encoding,
        is_certain,
        delimiter: delimiter(whole_lines(&text, is_whole)),
    })
}

fn read_full(input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Other kinds of files that people take for tables.
fn foreign(head: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "an Excel workbook or another ZIP archive"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook"),
        (b"%PDF", "a PDF"),
        (b"\x1F\x8B", "compressed (gzip)"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
    ];
    let found = kinds.iter().find(|(magic, _)| head.starts_with(magic));
    found.map(|(_, what)| *what)
}

/// The encoding, and whether the bytes leave no doubt.
fn encoding(path: &Path, head: &[u8]) -> Result<(&'static Encoding, bool), InspectError> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok((encoding, true));
    }
    if let Some(wide) = wide(head) {
        return Ok((wide, true));
    }
    if is_utf8(path)? {
        return Ok((encoding_rs::UTF_8, true));
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let mut file = File::open(path)?;
    let mut chunk = vec![0; 64 * 1024];
    let mut fed = 0;
    loop {
        let read = file.read(&mut chunk)?;
        let is_last = read == 0 || fed + read >= GUESSED_FROM;
        detector.feed(chunk.get(..read).unwrap_or_default(), is_last);
        fed += read;
        if is_last {
            break;
        }
    }
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    Ok((guess, false))
}

/// UTF-16 without a byte-order mark: every other byte of Latin text is a NUL.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    let start = head.get(..head.len().min(4096)).unwrap_or_default();
    let nuls = |offset: usize| {
        let bytes = start.iter().skip(offset).step_by(2);
        bytes.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (nuls(0), nuls(1));
    // A delimiter and a line's end are there in any script.
    let enough = (start.len() / 20).max(3);
    match (even, odd) {
        (0, odd) if odd >= enough => Some(encoding_rs::UTF_16LE),
        (even, 0) if even >= enough => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// Whether all of a file is UTF-8.
fn is_utf8(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; 64 * 1024];
    // Bytes of a character that the next chunk ends.
    let mut kept = 0;
    loop {
        let read = file.read(chunk.get_mut(kept..).unwrap_or_default())?;
        if read == 0 {
            return Ok(kept == 0);
        }
        let filled = kept + read;
        let valid = Encoding::utf8_valid_up_to(chunk.get(..filled).unwrap_or_default());
        kept = filled - valid;
        if kept > 3 {
            return Ok(false);
        }
        chunk.copy_within(valid..filled, 0);
    }
}

/// The text up to the end of its last whole line, or all of it.
fn whole_lines(text: &str, is_whole: bool) -> &str {
    match text.rfind('\n') {
        Some(end) if !is_whole => text.get(..end).unwrap_or(text),
        _ => text,
    }
}

/// The delimiter with which the rows have most alike numbers of fields, and several.
fn delimiter(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let lengths: Vec<usize> = reader
            .records()
            .take(200)
            .map_while(Result::ok)
            .map(|record| record.len())
            .collect();
        let fields = lengths.first().copied().unwrap_or(0);
        if fields < 2 {
            return 0;
        }
        let alike = lengths.iter().filter(|length| **length == fields).count();
        // In thousandths, and a little for every column: a comma inside of texts makes few of them.
        alike * 1000 / lengths.len().max(1) + fields.min(50)
    };
    let best = DELIMITERS.iter().rev().copied().max_by_key(|it| score(*it));
    best.unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn found(bytes: &[u8]) -> Findings {
        inspect(file(bytes).path()).unwrap()
    }

    fn refused(bytes: &[u8]) -> String {
        inspect(file(bytes).path()).unwrap_err().to_string()
    }

    #[test]
    fn encodings_are_told_apart() {
        let utf8 = found("посада,зарплата\nрозробник,5000\n".as_bytes());
        assert_eq!(
            (utf8.encoding.as_str(), utf8.encoding_is_certain),
            ("utf-8", true)
        );
        let text = "Должность;Зарплата;Дата\nРазработчик серверных приложений;5000;01.02.2024\nТестировщик;3000;03.02.2024\n";
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
        let cyrillic = found(&bytes);
        assert_eq!(cyrillic.encoding, "windows-1251");
        assert!(!cyrillic.encoding_is_certain);
        assert_eq!(cyrillic.headers, ["Должность", "Зарплата", "Дата"]);
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode("Métier;Salaire\nDéveloppeur;5000\n");
        assert_eq!(found(&bytes).headers[0], "Métier");
        let wide: Vec<u8> = "role,pay\nкіт,1\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(found(&wide).encoding, "utf-16le");
        assert_eq!(found(&wide).first_rows, [["кіт", "1"]]);
        assert_eq!(found(b"\xEF\xBB\xBFa,b\n1,2").headers, ["a", "b"]);
    }

    #[test]
    fn a_long_file_of_broken_characters_is_not_utf8() {
        let long = "ж,x\n".repeat(40_000);
        assert_eq!(found(long.as_bytes()).encoding, "utf-8");
        let mut broken = long.into_bytes();
        broken.push(0xD0);
        assert_ne!(found(&broken).encoding, "utf-8");
    }

    #[test]
    fn delimiters_are_told_by_the_likeness_of_rows() {
        let of = |text: &str| found(text.as_bytes()).delimiter;
        assert_eq!(of("a,b\n1,2\n"), ',');
        assert_eq!(of("a;b;c\n1,5;2;3\n2,5;2;3\n"), ';');
        assert_eq!(of("a\tb, c\n1\t2\n"), '\t');
        assert_eq!(of("a|b|c\n1|2|3\n"), '|');
        assert_eq!(of("a,\"b;\nc\"\n\"1;2;3\",2\n"), ',');
        assert_eq!(of("lonely\nvalues\n"), ',');
    }

    #[test]
    fn what_is_no_table_is_refused_in_a_sentence() {
        assert!(refused(b"PK\x03\x04....").contains("Excel"));
        assert!(refused(b"").contains("empty"));
        assert!(refused(b"\n\n").contains("empty"));
        let nul = refused(b"a,b\n1,2\n3,\x004\n");
        assert!(nul.contains("line 3, column 3"), "{nul}");
        let wide = format!("{}\n", "x,".repeat(1_000));
        assert!(refused(wide.as_bytes()).contains("1001 fields"));
    }

    #[test]
    fn a_broken_quote_says_where_and_keeps_what_was_read() {
        let broken = found(b"a,b\n1,2\n3,\"open\n");
        assert_eq!(broken.headers, ["a", "b"]);
        assert!(
            broken
                .problem
                .unwrap()
                .starts_with("line 3, column 3: the quote")
        );
    }

    #[test]
    fn values_are_counted_and_sampled() {
        let rows = (0..5_000).fold("n,kind,list\n".to_owned(), |rows, n| {
            let kind = if n % 10 == 0 {
                " Senior  dev"
            } else {
                "Junior"
            };
            format!("{rows}{n},{kind},\"a; b\"\n")
        }) + "1\n";
        let found = found(rows.as_bytes());
        assert_eq!((found.rows, found.uneven_rows), (5_001, 1));
        assert_eq!(
            found.column("kind").unwrap().values,
            [("Junior".to_owned(), 4_500), ("Senior dev".to_owned(), 500)]
        );
        assert_eq!(found.column("list").unwrap().parts.len(), 2);
        let numbers = found.column("n").unwrap();
        assert_eq!(numbers.values.len(), KEPT_VALUES);
        assert_eq!(numbers.others + 301, 5_001);
        let last: u32 = numbers.samples.last().unwrap().parse().unwrap();
        assert!(last > 4_000 && numbers.samples.len() <= SAMPLES, "{last}");
        assert!(found.column("missing").is_none());
    }
}
