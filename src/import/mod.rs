//! The importer: a CSV file and its profile become candidates and offers of one source, in one transaction.
//!
//! The file streams through: `decode` makes checked UTF-8 of its bytes and `row` reads a row's cells, both called by
//! `reading`; `writer` writes in batches. Memory does not grow with the number of rows. `journal` writes down what happens
//! to rows that were there before, so that [`undo`](mod@undo) can take an import back as a whole; [`history`] knows all of them.

mod admin;
mod decode;
mod desk;
pub mod guess;
pub mod history;
pub mod inspect;
pub mod jobs;
mod journal;
pub mod mapping;
mod mergers;
mod profile;
mod queries;
mod reading;
mod rejected;
mod report;
mod row;
pub mod undo;
mod writer;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;

use chrono::Utc;
use diesel::QueryResult;
use sha2::{Digest, Sha256};

use crate::db::{Conn, Db, DbError};
use crate::editors::log::{self, Thing};
use crate::ids::{EditorId, ImportId, RoleId};
use crate::market::Source;
use crate::salaries::{Upkeep, blocks_of_source};
use crate::slug::Slug;
use crate::versions;
pub use admin::admin_routes;
use history::Journal;
pub(crate) use mergers::{roles_became_one, technologies_became_one};
pub use profile::{Field, Period, Profile, ProfileError, SourceProfile};
use queries::NewImport;
pub(crate) use queries::{
    CandidateRow, OfferRow, candidates_by_id, delete_offer, insert_candidates, insert_offers,
    last_candidate, last_numbers, lock, offers_by_key, put_off_indexes, update_candidate,
    update_offer,
};
use rejected::RejectedRows;
pub use report::{Reason, RejectedRow, Report, Written};
pub(crate) use row::{Columns, Row, RowName, RowOffer};
use writer::Writer;

/// Rows that are read, and given to be written, together.
const TOGETHER: usize = 1_000;

/// Bytes of a short row, for guessing how many a file holds.
const BYTES_OF_A_ROW: u64 = 64;

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The CSV file.
    pub file: PathBuf,
    /// How to read it.
    pub profile: Profile,
    /// The source to import into; `None` takes the profile's, or one named after the file.
    pub source: Option<Slug>,
    /// Whether the source's rows make way for the file's.
    pub replace: bool,
    /// Whether to read and check everything and write nothing.
    pub dry_run: bool,
    /// Where the rejected rows go when they cannot stand beside the file.
    pub fallback_folder: PathBuf,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Bytes of the file read.
    pub bytes_read: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Rows read.
    pub rows: u64,
}

/// On whose behalf an import runs, and who follows it.
pub struct Occasion<'a> {
    /// The editor; nobody for the command.
    pub editor: Option<EditorId>,
    /// What the file is called, where its path does not tell.
    pub file_name: Option<String>,
    /// Hears how far it is, and may break it off.
    pub progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    /// Takes part in the transaction when all else is written; not in a rehearsal.
    pub recorded: &'a mut dyn FnMut(&mut Conn, ImportId, &Report) -> QueryResult<()>,
}

/// Why nothing was imported. Each writes itself as one sentence.
#[derive(Debug)]
pub enum ImportError {
    /// A file could not be opened, read or written.
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file is not the table that the profile describes; with line and column.
    Text {
        /// Which file.
        path: PathBuf,
        /// Where, and what is wrong.
        cause: String,
    },
    /// The profile cannot be used.
    Profile {
        /// Which file.
        path: PathBuf,
        /// Where, and what is wrong.
        cause: ProfileError,
    },
    /// No source was named, and none can be made of the file's name.
    Nameless,
    /// The source holds pay of the other kind.
    OtherPay(Source),
    /// The same bytes are in the source already.
    SameBytes {
        /// The source.
        source: Slug,
        /// Since when.
        since: chrono::NaiveDateTime,
    },
    /// Somebody broke it off.
    Cancelled,
    /// The database failed.
    Database(DbError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, cause } => write!(f, "{}: {cause}", path.display()),
            Self::Text { path, cause } => write!(f, "{}, {cause}", path.display()),
            Self::Profile { path, cause } => {
                write!(f, "the profile {} cannot be used: {cause}", path.display())
            }
            Self::Nameless => {
                f.write_str("the file's name makes no source slug; name the source with --source")
            }
            Self::OtherPay(source) => write!(
                f,
                "the source {} holds {} pay, the profile says otherwise; give the rows a source of their own",
                source.slug, source.pay
            ),
            Self::SameBytes { source, since } => write!(
                f,
                "the same bytes were imported into {source} on {} UTC; --replace swaps the source's rows for the file's",
                since.format("%Y-%m-%d %H:%M")
            ),
            Self::Cancelled => {
                f.write_str("the import was cancelled, and nothing of it was written")
            }
            Self::Database(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Reads a profile.
///
/// # Errors
/// [`ImportError::File`] or [`ImportError::Profile`].
pub fn read_profile(path: &Path) -> Result<Profile, ImportError> {
    let text = std::fs::read_to_string(path).map_err(|cause| ImportError::File {
        path: path.to_owned(),
        cause,
    })?;
    text.parse().map_err(|cause| ImportError::Profile {
        path: path.to_owned(),
        cause,
    })
}

/// Imports a file, all of it or nothing.
///
/// # Errors
/// [`ImportError`]; the database is then as it was.
pub fn run(
    db: &Db,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, ImportError> {
    let occasion = Occasion {
        editor: None,
        file_name: None,
        progress: &mut |how_far| {
            progress(how_far);
            ControlFlow::Continue(())
        },
        recorded: &mut |_, _, _| Ok(()),
    };
    run_on(db, options, occasion)
}

/// The same on somebody's behalf.
///
/// # Errors
/// [`ImportError`]; the database is then as it was.
pub fn run_on(
    db: &Db,
    options: &Options,
    mut occasion: Occasion<'_>,
) -> Result<Report, ImportError> {
    let fingerprint = Fingerprint::of(&options.file)?;
    let mut rejected_rows = RejectedRows::new(options);
    let imported = db.write_blocking(|conn| {
        let report = import(
            conn,
            options,
            &fingerprint,
            &mut rejected_rows,
            &mut occasion,
        )?;
        if options.dry_run {
            return Err(Stop::Rehearsed(Box::new(report)));
        }
        Ok(report)
    });
    match imported {
        Ok(report) => Ok(report),
        Err(Stop::Rehearsed(report)) => Ok(*report),
        Err(Stop::Failed(error)) => {
            rejected_rows.discard();
            Err(error)
        }
    }
}

/// What ends the transaction without its changes: an error, or the end of a rehearsal.
enum Stop {
    Failed(ImportError),
    Rehearsed(Box<Report>),
}

impl<E: Into<ImportError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn import(
    conn: &mut Conn,
    options: &Options,
    fingerprint: &Fingerprint,
    rejected_rows: &mut RejectedRows,
    occasion: &mut Occasion<'_>,
) -> Result<Report, ImportError> {
    let source = source(conn, options, fingerprint)?;
    let is_renamed = occasion.file_name.is_some();
    let file_name = occasion
        .file_name
        .take()
        .unwrap_or_else(|| file_name(&options.file));
    let now = Utc::now().naive_utc();
    history::forget_old(conn, now)?;
    let import = NewImport {
        source_id: source.id,
        file_name: &file_name,
        sha256: &fingerprint.sha256,
        editor_id: occasion.editor,
        profile: options.profile.to_toml(),
        replaces: options.replace,
        journal: Journal::Kept,
        rows_read: 0,
        accepted: 0,
        skipped: 0,
        rejected: 0,
        finished_at: now,
    }
    .begin(conn)?;
    let upkeep = if options.replace {
        history::set_aside(conn, source.id, import)?;
        clear(conn, &source, Some(import))?
    } else {
        Upkeep::default()
    };
    let expected_rows = fingerprint.bytes / BYTES_OF_A_ROW;
    let finished = writer::write(
        conn,
        source.clone(),
        upkeep,
        expected_rows,
        Some(import),
        |writer| {
            add_all(
                options,
                fingerprint.bytes,
                rejected_rows,
                writer,
                occasion.progress,
            )
        },
    )?;
    let mut report = finished.given;
    // Whoever broke it off meanwhile still gets their way.
    let all_read = Progress {
        bytes_read: fingerprint.bytes,
        bytes: fingerprint.bytes,
        rows: report.rows_read,
    };
    if (occasion.progress)(all_read).is_break() {
        return Err(ImportError::Cancelled);
    }
    if is_renamed {
        report.file.clone_from(&file_name);
    }
    report.source = source.slug.to_string();
    report.written = finished.written;
    report.rejected_file = rejected_rows.finish()?;
    queries::finish_import(
        conn,
        import,
        &report,
        finished.added,
        Utc::now().naive_utc(),
    )?;
    if !options.dry_run {
        log::note(
            conn,
            occasion.editor,
            "imported",
            Thing::Import(import),
            &file_name,
        )?;
        (occasion.recorded)(conn, import, &report)?;
    }
    versions::bump(conn, &versions::of_figures(&finished.changed_roles))?;
    Ok(report)
}

/// Gives all rows of the file to the writer. Rows are read on a thread of their own while those before them are written.
fn add_all(
    options: &Options,
    bytes: u64,
    rejected_rows: &mut RejectedRows,
    writer: &mut Writer,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Report, ImportError> {
    let (give, given) = reading::channel();
    thread::scope(|scope| {
        let reading = scope.spawn(move || reading::read(options, bytes, rejected_rows, &give));
        for rows in given {
            writer.add_all(rows.rows)?;
            if progress(rows.progress).is_break() {
                return Err(ImportError::Cancelled);
            }
        }
        let read = reading.join();
        read.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Writes about so many rows into a source that is created or emptied for them, and says which roles' figures changed.
pub(crate) fn write_source(
    conn: &mut Conn,
    profile: &SourceProfile,
    expected_rows: u64,
    rows: impl Iterator<Item = Row>,
) -> Result<BTreeSet<RoleId>, ImportError> {
    queries::lock(conn)?;
    let (source, upkeep) = match queries::source_by_slug(conn, &profile.slug)? {
        Some(known) => {
            let upkeep = clear(conn, &known, None)?;
            (known, upkeep)
        }
        None => (queries::create_source(conn, profile)?, Upkeep::default()),
    };
    let finished = writer::write(conn, source, upkeep, expected_rows, None, |writer| {
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            writer.add_all(rows.by_ref().take(TOGETHER).collect())?;
        }
        Ok::<_, ImportError>(())
    })?;
    Ok(finished.changed_roles)
}

/// The source to import into: found, or created.
fn source(
    conn: &mut Conn,
    options: &Options,
    fingerprint: &Fingerprint,
) -> Result<Source, ImportError> {
    queries::lock(conn)?;
    let mut wanted = match (&options.profile.source, &options.source) {
        (Some(profile), _) => profile.clone(),
        (None, Some(slug)) => SourceProfile::named(slug.clone()),
        (None, None) => {
            let name = file_name(&options.file);
            SourceProfile::named(Slug::from_text(source_name(&name)).ok_or(ImportError::Nameless)?)
        }
    };
    if let Some(slug) = &options.source {
        wanted.slug = slug.clone();
    }
    let Some(known) = queries::source_by_slug(conn, &wanted.slug)? else {
        return Ok(queries::create_source(conn, &wanted)?);
    };
    if wanted.pay.is_some_and(|pay| pay != known.pay) {
        return Err(ImportError::OtherPay(known));
    }
    if options.replace {
        return Ok(known);
    }
    if let Some(since) = queries::earlier_import(conn, known.id, &fingerprint.sha256)? {
        return Err(ImportError::SameBytes {
            source: known.slug,
            since,
        });
    }
    Ok(known)
}

/// Empties a source, for an import where it is one.
fn clear(conn: &mut Conn, source: &Source, by: Option<ImportId>) -> Result<Upkeep, ImportError> {
    let mut upkeep = Upkeep::default();
    for block in blocks_of_source(conn, source.id)? {
        upkeep.changed(block);
    }
    queries::clear_source(conn, source.id, by, Utc::now().naive_utc())?;
    Ok(upkeep)
}

/// A file's name without its extension; the mended rejected rows of a file belong to the file's source.
fn source_name(file_name: &str) -> &str {
    let original = file_name
        .strip_suffix(rejected::SUFFIX)
        .unwrap_or(file_name);
    original.rsplit_once('.').map_or(original, |(stem, _)| stem)
}

/// Size and hash of a file.
struct Fingerprint {
    bytes: u64,
    sha256: String,
}

impl Fingerprint {
    fn of(path: &Path) -> Result<Self, ImportError> {
        let mut file = open(path)?;
        let mut hash = Sha256::new();
        let mut chunk = vec![0; 64 * 1024];
        let mut bytes = 0;
        loop {
            let read = file.read(&mut chunk).map_err(|cause| ImportError::File {
                path: path.to_owned(),
                cause,
            })?;
            if read == 0 {
                break;
            }
            hash.update(chunk.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        let sha256 = hex::encode(hash.finalize());
        Ok(Self { bytes, sha256 })
    }
}

fn open(path: &Path) -> Result<File, ImportError> {
    let file = File::open(path).and_then(|file| {
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no plain file"));
        }
        Ok(file)
    });
    file.map_err(|cause| ImportError::File {
        path: path.to_owned(),
        cause,
    })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Text without white space at its ends and with single spaces inside, as headers and values are compared.
fn normalized(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    let trimmed = text.trim();
    let is_plain =
        trimmed.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !trimmed.contains("  ");
    if is_plain {
        return Cow::Borrowed(trimmed);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
