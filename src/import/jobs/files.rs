//! Uploaded files and their rejected rows: in a folder of this machine, and on `PostgreSQL` in the database as well, so that
//! every instance has them, whichever of them got the file.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use actix_web::web::Bytes;
use diesel::prelude::*;
use tempfile::NamedTempFile;
use tokio::sync::{mpsc, oneshot};

use super::{Job, Jobs};
use crate::db::DbError;
use crate::ids::ImportJobId;
use crate::market::words::vocabulary;
use crate::schema::import_parts;

/// Bytes of a file that are one row of the database.
const PART: usize = 1 << 20;

/// Pieces of an upload that may wait for the disk.
const WAITING: usize = 16;

vocabulary! {
    /// Which of a job's files.
    Which, "a file of a job" {
        /// The file that was uploaded.
        Uploaded = "uploaded", "Uploaded";
        /// Its rejected rows.
        Rejected = "rejected", "Rejected";
    }
}

/// Why an upload ended early. Each writes itself as one sentence.
#[derive(Debug)]
pub enum UploadError {
    /// There is more of it than is taken; with the bytes that are.
    TooLarge(u64),
    /// It could not be written down.
    Disk(io::Error),
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(
                f,
                "The file is larger than {} MB, which is the most that can be uploaded here. Whoever runs the site can raise \
                 that (PAYBAND_UPLOAD_MB), or import the file with payband import.",
                limit >> 20
            ),
            Self::Disk(cause) => write!(f, "The file could not be written to the disk: {cause}."),
        }
    }
}

impl std::error::Error for UploadError {}

/// A file that is being uploaded. A thread of its own writes it, so that nobody else waits for the disk. It is gone when it is
/// dropped.
pub struct Upload {
    give: mpsc::Sender<Bytes>,
    written: oneshot::Receiver<io::Result<NamedTempFile>>,
    bytes: u64,
    limit: u64,
}

impl Upload {
    /// Begins an upload.
    ///
    /// # Errors
    /// [`UploadError::Disk`].
    pub fn begin(jobs: &Jobs) -> Result<Self, UploadError> {
        let folder = &jobs.0.folder;
        let file = fs::create_dir_all(folder).and_then(|()| {
            tempfile::Builder::new()
                .prefix("upload-")
                .suffix(".part")
                .tempfile_in(folder)
        });
        let mut file = file.map_err(UploadError::Disk)?;
        let (give, mut given) = mpsc::channel::<Bytes>(WAITING);
        let (tell, written) = oneshot::channel();
        let write = move || {
            let mut write_all = || {
                while let Some(bytes) = given.blocking_recv() {
                    file.write_all(&bytes)?;
                }
                file.flush()
            };
            let result = write_all();
            // Whoever does not listen any more does not want the file either.
            let _ = tell.send(result.map(|()| file));
        };
        std::thread::Builder::new()
            .name("upload".to_owned())
            .spawn(write)
            .map_err(UploadError::Disk)?;
        Ok(Self {
            give,
            written,
            bytes: 0,
            limit: jobs.upload_bytes(),
        })
    }

    /// Bytes that came so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes a piece.
    ///
    /// # Errors
    /// [`UploadError`].
    pub async fn take(&mut self, bytes: Bytes) -> Result<(), UploadError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.limit {
            return Err(UploadError::TooLarge(self.limit));
        }
        if self.give.send(bytes).await.is_err() {
            // The thread tells why at the end.
            self.limit = u64::MAX;
        }
        Ok(())
    }

    /// The file, when all of it is written.
    ///
    /// # Errors
    /// [`UploadError::Disk`].
    pub async fn finish(self) -> Result<NamedTempFile, UploadError> {
        drop(self.give);
        let written = self.written.await;
        written
            .unwrap_or_else(|_| Err(io::Error::other("the thread that wrote it is gone")))
            .map_err(UploadError::Disk)
    }
}

impl Jobs {
    /// Where a job's file lies on this machine.
    fn path(&self, id: ImportJobId) -> PathBuf {
        self.0.folder.join(format!("{}.csv", id.0))
    }

    fn path_of(&self, id: ImportJobId, which: Which) -> PathBuf {
        match which {
            Which::Uploaded => self.path(id),
            Which::Rejected => self.0.folder.join(format!("{}.csv.rejected.csv", id.0)),
        }
    }

    /// Gives an uploaded file to its job. Blocks.
    ///
    /// # Errors
    /// When the disk or the database fails.
    pub fn keep_file_blocking(&self, id: ImportJobId, file: NamedTempFile) -> Result<(), DbOrDisk> {
        let path = self.path(id);
        file.persist(&path).map_err(|error| error.error)?;
        self.share_blocking(id, Which::Uploaded)
    }

    /// Puts a job's file into the database, where several instances work on it.
    pub(super) fn share_blocking(&self, id: ImportJobId, which: Which) -> Result<(), DbOrDisk> {
        if !self.0.db.is_shared() {
            return Ok(());
        }
        let mut file = match File::open(self.path_of(id, which)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && which == Which::Rejected => {
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.0.db.write_blocking(|conn| {
            let parts = import_parts::table
                .filter(import_parts::job_id.eq(id))
                .filter(import_parts::file.eq(which));
            diesel::delete(parts).execute(conn).map_err(DbError::from)
        })?;
        let mut number = 0_i64;
        loop {
            let mut part = Vec::with_capacity(PART);
            Read::take(&mut file, PART as u64).read_to_end(&mut part)?;
            if part.is_empty() {
                return Ok(());
            }
            self.0.db.write_blocking(|conn| {
                diesel::insert_into(import_parts::table)
                    .values((
                        import_parts::job_id.eq(id),
                        import_parts::file.eq(which),
                        import_parts::number.eq(number),
                        import_parts::bytes.eq(&part),
                    ))
                    .execute(conn)
                    .map_err(DbError::from)
            })?;
            number += 1;
        }
    }

    /// A job's file on this machine, brought here where another instance got it. `None` where it is gone. Blocks.
    ///
    /// # Errors
    /// When the disk or the database fails.
    pub fn file_blocking(&self, job: &Job) -> Result<Option<PathBuf>, DbOrDisk> {
        let path = self.path(job.id);
        let is_whole = |path: &PathBuf| {
            let length = fs::metadata(path).map(|file| file.len());
            length.is_ok_and(|length| length == job.all_units.unsigned_abs())
        };
        if is_whole(&path) {
            return Ok(Some(path));
        }
        self.fetch_blocking(job.id, Which::Uploaded)?;
        Ok(Some(path).filter(is_whole))
    }

    /// A job's rejected rows on this machine. `None` where there are none. Blocks.
    ///
    /// # Errors
    /// When the disk or the database fails.
    pub fn rejected_rows_blocking(&self, id: ImportJobId) -> Result<Option<PathBuf>, DbOrDisk> {
        let path = self.path_of(id, Which::Rejected);
        if !path.exists() {
            self.fetch_blocking(id, Which::Rejected)?;
        }
        Ok(Some(path).filter(|path| path.exists()))
    }

    /// Brings a file here from the database, part by part.
    fn fetch_blocking(&self, id: ImportJobId, which: Which) -> Result<(), DbOrDisk> {
        if !self.0.db.is_shared() {
            return Ok(());
        }
        fs::create_dir_all(&self.0.folder)?;
        let mut file = NamedTempFile::new_in(&self.0.folder)?;
        let mut number = 0_i64;
        loop {
            let part: Option<Vec<u8>> = self.0.db.read_newest_blocking(|conn| {
                import_parts::table
                    .find((id, which, number))
                    .select(import_parts::bytes)
                    .first(conn)
                    .optional()
                    .map_err(DbError::from)
            })?;
            let Some(part) = part else {
                break;
            };
            file.write_all(&part)?;
            number += 1;
        }
        if number > 0 {
            file.persist(self.path_of(id, which))
                .map_err(|error| error.error)?;
        }
        Ok(())
    }

    /// Removes an uploaded file that is not needed any more. What cannot be removed stays until somebody clears the folder.
    pub fn drop_file_blocking(&self, id: ImportJobId) {
        self.drop_files(id, &[Which::Uploaded]);
    }

    /// Removes all files of a job.
    pub fn drop_all_files_blocking(&self, id: ImportJobId) {
        self.drop_files(id, Which::ALL);
    }

    fn drop_files(&self, id: ImportJobId, which: &[Which]) {
        for which in which {
            let _ = fs::remove_file(self.path_of(id, *which));
        }
        if !self.0.db.is_shared() {
            return;
        }
        let dropped = self.0.db.write_blocking(|conn| {
            let parts = import_parts::table
                .filter(import_parts::job_id.eq(id))
                .filter(import_parts::file.eq_any(which));
            diesel::delete(parts).execute(conn).map_err(DbError::from)
        });
        if let Err(error) = dropped {
            log::warn!("the file of an import stays in the database: {error}");
        }
    }
}

/// What can go wrong with a job's file.
#[derive(Debug)]
pub enum DbOrDisk {
    /// The database failed.
    Database(DbError),
    /// The disk failed.
    Disk(io::Error),
}

impl fmt::Display for DbOrDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "{error}"),
            Self::Disk(error) => write!(f, "an uploaded file: {error}"),
        }
    }
}

impl std::error::Error for DbOrDisk {}

impl From<DbError> for DbOrDisk {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for DbOrDisk {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}
