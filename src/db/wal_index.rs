//! Noticing commits of any process on `SQLite`, by a look at the file beside the database that its connections share.
//!
//! In the write-ahead mode every commit rewrites the header of the WAL-index, the file `…-shm`, before it returns: with a
//! counter of transactions, the length and the salts of the log, and a checksum over them all
//! (<https://www.sqlite.org/walformat.html>, "The WAL-Index Header"). Whoever begins to read reads that header first. So
//! while it stays the same, so does the database.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::place::{Access, Place};
use super::pool::Link;
use super::{Conn, DbError};

/// Bytes of the header's first copy, the one that is written last.
const HEADER: usize = 48;

/// The WAL-index of a database.
pub struct WalIndex {
    /// Never closed: that would end the locks that `SQLite` holds on the same file for this process.
    file: ManuallyDrop<File>,
    /// Keeps the file in place: the last connection that closes takes it away.
    link: Mutex<Link>,
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

impl WalIndex {
    /// Opens the WAL-index of the database at that path.
    pub(super) fn open(path: &Path) -> Result<Self, DbError> {
        let place = Place::Sqlite(path.to_owned());
        let failed = |cause: String| DbError::Open {
            url: place.to_string(),
            cause,
        };
        let mut conn = place.connect(Access::Read)?;
        if let Conn::Sqlite(conn) = &mut conn {
            let mode: Mode = diesel::sql_query("PRAGMA journal_mode").get_result(conn)?;
            if mode.journal_mode != "wal" {
                return Err(failed(format!(
                    "its journal mode is {}, not wal",
                    mode.journal_mode
                )));
            }
        }
        // The first read opens the write-ahead log and its index.
        conn.batch_execute("SELECT count(*) FROM sqlite_master")?;
        let opened = path.canonicalize().and_then(|path| {
            let mut index = path.into_os_string();
            index.push("-shm");
            File::open(index)
        });
        let file = opened.map_err(|error| failed(format!("its WAL-index: {error}")))?;
        Ok(Self {
            file: ManuallyDrop::new(file),
            link: Mutex::new(Link {
                conn,
                is_gone: false,
            }),
        })
    }

    /// A number that is another one after every commit of any process; `None` where it cannot be read.
    #[must_use]
    pub fn mark(&self) -> Option<u64> {
        let mut header = [0; HEADER];
        read_start(&self.file, &mut header).ok()?;
        let (words, _) = header.as_chunks();
        Some(words.iter().fold(0, |mark: u64, word| {
            (mark.rotate_left(23) ^ u64::from_ne_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        }))
    }

    /// Reads in one transaction, on a connection that nobody else waits for. Blocks.
    ///
    /// # Errors
    /// What `work` answers.
    pub fn read<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.execute("BEGIN").map_err(DbError::from)?;
        let worked = work(&mut link.conn);
        link.end(worked)
    }
}

#[cfg(unix)]
fn read_start(file: &File, out: &mut [u8]) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, 0)
}

#[cfg(windows)]
fn read_start(file: &File, out: &mut [u8]) -> std::io::Result<()> {
    let read = std::os::windows::fs::FileExt::seek_read(file, out, 0)?;
    if read < out.len() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseUrl, Db};

    #[test]
    fn every_commit_changes_the_mark_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        let db = Db::open(&url).unwrap();
        let other = Db::open(&url).unwrap();
        let index = WalIndex::open(&path).unwrap();
        let run = |db: &Db, sql: &str| {
            db.write_blocking(|conn| conn.batch_execute(sql).map_err(DbError::from))
        };
        let mut marks = vec![index.mark().unwrap()];
        for db in [&db, &other, &db, &other] {
            run(db, "CREATE TABLE t (x); DROP TABLE t").unwrap();
            marks.push(index.mark().unwrap());
            // The log begins anew, which is no commit and may look like one, but must not hide the next.
            let mut conn = Place::new(&url).unwrap().connect(Access::Write).unwrap();
            conn.batch_execute("PRAGMA wal_checkpoint(RESTART)")
                .unwrap();
        }
        let different: std::collections::BTreeSet<u64> = marks.iter().copied().collect();
        assert_eq!(different.len(), marks.len(), "{marks:?}");

        let before = index.mark().unwrap();
        run(&other, "CREATE TABLE t (x); nonsense").unwrap_err();
        other
            .read_blocking(|conn| {
                conn.batch_execute("SELECT * FROM roles")
                    .map_err(DbError::from)
            })
            .unwrap();
        assert_eq!(index.mark().unwrap(), before);
    }

    #[test]
    fn without_a_write_ahead_log_there_is_no_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain.db");
        SqliteConnection::establish(path.to_str().unwrap())
            .unwrap()
            .batch_execute("CREATE TABLE t (x)")
            .unwrap();
        let error = WalIndex::open(&path).err().unwrap();
        assert!(error.to_string().contains("journal mode"), "{error}");
    }
}
