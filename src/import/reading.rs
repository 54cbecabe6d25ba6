//! Reading a file: its rows one after the other, and those that are refused into the report.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, SyncSender};

use csv::StringRecord;

use super::decode::{RecordLines, Text, TextError};
use super::rejected::RejectedRows;
use super::report::{Reasons, RejectedRow, Report};
use super::row::{Columns, Refusal, Row};
use super::{ImportError, Options, Progress, TOGETHER, open};

/// Portions of rows that may wait to be taken.
const WAITING: usize = 10;

/// Rows that can be written.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// How far the file was read with them.
    pub(super) progress: Progress,
}

/// A way for rows from the thread that reads to the one that writes.
pub(super) fn channel() -> (SyncSender<Rows>, Receiver<Rows>) {
    mpsc::sync_channel(WAITING)
}

/// Reads the whole file and gives its rows, unless nobody takes them any more.
///
/// # Errors
/// Those of the file, its profile, and the file of rejected rows.
pub(super) fn read(
    options: &Options,
    bytes: u64,
    rejected_rows: &mut RejectedRows,
    give: &SyncSender<Rows>,
) -> Result<Report, ImportError> {
    let path = &options.file;
    let mut file = CsvFile::open(options)?;
    let mut header = StringRecord::new();
    if !file.next(&mut header)? {
        return Err(ImportError::Text {
            path: path.clone(),
            cause: "line 1: the file is empty".to_owned(),
        });
    }
    let header_line = file.lines.next();
    let columns = Columns::find(&options.profile, &header).map_err(|cause| ImportError::Text {
        path: path.clone(),
        cause: format!("line {header_line}: {cause}"),
    })?;
    let mut report = Report {
        file: path.display().to_string(),
        dry_run: options.dry_run,
        unused_columns: columns.unused(&header),
        ..Report::default()
    };
    let mut reasons = Reasons::default();
    let mut record = StringRecord::new();
    let mut rows = Vec::with_capacity(TOGETHER);
    let mut ended = false;
    while !ended {
        ended = !file.next(&mut record)?;
        if !ended {
            report.rows_read += 1;
            let line = file.lines.next();
            match columns.read(&record) {
                Ok(row) => {
                    report.accepted += 1;
                    rows.push(row);
                }
                Err(Refusal::Skipped) => {
                    report.skipped += 1;
                    reasons.add("skipped", String::new(), "no known role".to_owned());
                }
                Err(Refusal::Rejected {
                    column,
                    reason,
                    value,
                }) => {
                    report.rejected += 1;
                    reasons.add("rejected", column.clone(), reason.clone());
                    let row = RejectedRow {
                        line,
                        column,
                        reason,
                        value,
                    };
                    rejected_rows.add(&row, &header, &record)?;
                    report.list(&row);
                }
            }
        }
        if ended || report.rows_read.is_multiple_of(TOGETHER as u64) {
            let rows = Rows {
                rows: std::mem::replace(&mut rows, Vec::with_capacity(TOGETHER)),
                progress: Progress {
                    bytes_read: file.bytes_read.get(),
                    bytes,
                    rows: report.rows_read,
                },
            };
            if give.send(rows).is_err() {
                break;
            }
        }
    }
    report.reasons = reasons.most_frequent_first();
    Ok(report)
}

/// The records of a CSV file.
struct CsvFile<'o> {
    path: &'o Path,
    reader: csv::Reader<Text<Counted>>,
    lines: RecordLines,
    bytes_read: Rc<Cell<u64>>,
}

impl<'o> CsvFile<'o> {
    fn open(options: &'o Options) -> Result<Self, ImportError> {
        let bytes_read = Rc::new(Cell::new(0));
        let file = Counted {
            file: open(&options.file)?,
            bytes_read: Rc::clone(&bytes_read),
        };
        let profile = &options.profile;
        let text = Text::new(file, profile.encoding, profile.delimiter);
        Ok(Self {
            path: &options.file,
            lines: text.record_lines(),
            reader: csv::ReaderBuilder::new()
                .delimiter(profile.delimiter)
                .has_headers(false)
                .flexible(true)
                .from_reader(text),
            bytes_read,
        })
    }

    /// Reads the next record; false where there is none.
    fn next(&mut self, record: &mut StringRecord) -> Result<bool, ImportError> {
        let read = self.reader.read_record(record);
        read.map_err(|error| unreadable(self.path, error))
    }
}

/// Counts the bytes that are read from a file.
struct Counted {
    file: File,
    bytes_read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out)?;
        self.bytes_read.set(self.bytes_read.get() + read as u64);
        Ok(read)
    }
}

fn unreadable(path: &Path, error: csv::Error) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => match cause.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(text) => ImportError::Text {
                path: path.to_owned(),
                cause: TextError::to_string(text),
            },
            None => ImportError::File {
                path: path.to_owned(),
                cause,
            },
        },
        other => ImportError::Text {
            path: path.to_owned(),
            cause: format!("{other:?}"),
        },
    }
}
