//! The file of rejected rows: their line, column and reason before the cells of the row, in UTF-8 with a byte-order mark
//! and with the delimiter of the imported file, so that the mended file can be imported in the same way.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use csv::StringRecord;

use super::report::RejectedRow;
use super::{ImportError, Options, file_name};

/// What the file's name adds to that of the imported file.
pub(super) const SUFFIX: &str = ".rejected.csv";

/// Collects rejected rows in a file with a name of its own until the import is done.
///
/// It stands beside the imported file, or where that cannot be written, in the data folder.
pub(super) struct RejectedRows {
    beside: PathBuf,
    fallback: PathBuf,
    delimiter: u8,
    dry_run: bool,
    part: Option<Part>,
}

struct Part {
    path: PathBuf,
    becomes: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl RejectedRows {
    pub(super) fn new(options: &Options) -> Self {
        let beside = with_suffix(&options.file, SUFFIX);
        Self {
            fallback: options.fallback_folder.join(file_name(&beside)),
            beside,
            delimiter: options.profile.delimiter,
            dry_run: options.dry_run,
            part: None,
        }
    }

    pub(super) fn add(
        &mut self,
        row: &RejectedRow,
        header: &StringRecord,
        record: &StringRecord,
    ) -> Result<(), ImportError> {
        let line = row.line.to_string();
        if let Some(part) = &mut self.part {
            return part.write([line.as_str(), &row.column, &row.reason], record);
        }
        let mut part = self.create()?;
        part.write(["line", "column", "reason"], header)?;
        part.write([line.as_str(), &row.column, &row.reason], record)?;
        self.part = Some(part);
        Ok(())
    }

    fn create(&self) -> Result<Part, ImportError> {
        Part::create(&self.beside, self.delimiter).or_else(|_| {
            let folder = self.fallback.parent().map_or(Ok(()), fs::create_dir_all);
            folder
                .and_then(|()| Part::create(&self.fallback, self.delimiter))
                .map_err(|cause| ImportError::File {
                    path: self.fallback.clone(),
                    cause,
                })
        })
    }

    /// Gives the file its name. Without rejected rows, the file of an earlier import of the same name is outdated, and goes.
    pub(super) fn finish(&mut self) -> Result<Option<PathBuf>, ImportError> {
        let Some(mut part) = self.part.take() else {
            if !self.dry_run {
                // There may be none.
                let _ = fs::remove_file(&self.beside);
            }
            return Ok(None);
        };
        let named = part
            .writer
            .flush()
            .and_then(|()| fs::rename(&part.path, &part.becomes));
        match named {
            Ok(()) => Ok(Some(part.becomes)),
            Err(cause) => Err(part.failed(cause)),
        }
    }

    /// Removes what was written for an import that failed.
    pub(super) fn discard(&mut self) {
        if let Some(part) = self.part.take() {
            drop(part.writer);
            // What stays is a file that says by its name that it is a part.
            let _ = fs::remove_file(&part.path);
        }
    }
}

impl Part {
    fn create(becomes: &Path, delimiter: u8) -> io::Result<Self> {
        let path = with_suffix(becomes, ".part");
        let mut file = BufWriter::new(File::create(&path)?);
        file.write_all("\u{feff}".as_bytes())?;
        let writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_writer(file);
        Ok(Self {
            path,
            becomes: becomes.to_owned(),
            writer,
        })
    }

    fn write(&mut self, before: [&str; 3], cells: &StringRecord) -> Result<(), ImportError> {
        let written = self.writer.write_record(before.into_iter().chain(cells));
        written.map_err(|error| self.failed(io::Error::other(error)))
    }

    fn failed(&self, cause: io::Error) -> ImportError {
        ImportError::File {
            path: self.path.clone(),
            cause,
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
