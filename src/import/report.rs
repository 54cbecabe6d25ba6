//! What an import did, for people and as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::money::Grouped;

/// Rejected rows that the report itself lists; the file of rejected rows has them all.
const LISTED: usize = 20;

/// Characters of a cell that the report shows.
const LONGEST_VALUE: usize = 80;

/// What an import did. The rows accepted, skipped and rejected add up to the rows read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The file, as it was named.
    pub file: String,
    /// Slug of the source that the rows went into.
    pub source: String,
    /// Whether nothing was written, because it was only a rehearsal.
    pub dry_run: bool,
    /// Rows read, the header left out.
    pub rows_read: u64,
    /// Rows that became a candidate or an offer, or changed one.
    pub accepted: u64,
    /// Rows of no role that the profile knows.
    pub skipped: u64,
    /// Rows with an error.
    pub rejected: u64,
    /// What was written.
    pub written: Written,
    /// Why rows were skipped or rejected, with counts; the most frequent first.
    pub reasons: Vec<Reason>,
    /// The first rejected rows.
    pub rejected_rows: Vec<RejectedRow>,
    /// Headers of columns from which nothing was read; a mistyped one is among them.
    pub unused_columns: Vec<String>,
    /// The file that holds every rejected row.
    pub rejected_file: Option<PathBuf>,
}

/// Rows added and changed in the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// New candidates.
    pub candidates_added: u64,
    /// Rows that named a candidate who was known before the import.
    pub candidates_updated: u64,
    /// New offers.
    pub offers_added: u64,
    /// Known offers that a row changed.
    pub offers_updated: u64,
    /// Slugs of roles that were created.
    pub new_roles: Vec<String>,
    /// Slugs of technologies that were created.
    pub new_technologies: Vec<String>,
}

/// One reason, and how many rows it hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `skipped` or `rejected`.
    pub outcome: Cow<'static, str>,
    /// Header of the column; empty where the reason concerns the whole row.
    pub column: String,
    /// What was wrong.
    pub reason: String,
    /// Number of rows.
    pub rows: u64,
}

/// A rejected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Line of the file on which the row begins, from 1.
    pub line: u64,
    /// Header of the column; empty where the reason concerns the whole row.
    pub column: String,
    /// What was wrong.
    pub reason: String,
    /// The cell.
    pub value: String,
}

/// Counts reasons while rows are read.
#[derive(Default)]
pub(super) struct Reasons(BTreeMap<(&'static str, String, String), u64>);

impl Reasons {
    pub(super) fn add(&mut self, outcome: &'static str, column: String, reason: String) {
        *self.0.entry((outcome, column, reason)).or_default() += 1;
    }

    pub(super) fn most_frequent_first(self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self
            .0
            .into_iter()
            .map(|((outcome, column, reason), rows)| Reason {
                outcome: Cow::Borrowed(outcome),
                column,
                reason,
                rows,
            })
            .collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows));
        reasons
    }
}

impl Report {
    pub(super) fn list(&mut self, row: &RejectedRow) {
        if self.rejected_rows.len() < LISTED {
            self.rejected_rows.push(row.shortened());
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |count: u64| Grouped(count.cast_signed());
        writeln!(
            f,
            "{}: {} rows read = {} accepted + {} skipped + {} rejected",
            self.file,
            number(self.rows_read),
            number(self.accepted),
            number(self.skipped),
            number(self.rejected)
        )?;
        let written = &self.written;
        writeln!(
            f,
            "{} \u{201c}{}\u{201d}: candidates: {} added, {} updated; offers: {} added, {} updated",
            if self.dry_run {
                "Nothing was written (a dry run). Into the source"
            } else {
                "Source"
            },
            self.source,
            number(written.candidates_added),
            number(written.candidates_updated),
            number(written.offers_added),
            number(written.offers_updated)
        )?;
        for (what, slugs) in [
            ("New roles", &written.new_roles),
            ("New technologies", &written.new_technologies),
        ] {
            if !slugs.is_empty() {
                writeln!(f, "{what}: {}", slugs.join(", "))?;
            }
        }
        if !self.unused_columns.is_empty() {
            writeln!(f, "Columns not used: {}", self.unused_columns.join(", "))?;
        }
        for reason in &self.reasons {
            writeln!(
                f,
                "{:>9} {}: {}",
                number(reason.rows),
                reason.outcome,
                reason.text()
            )?;
        }
        for row in &self.rejected_rows {
            writeln!(f, "  line {}: {}", row.line, row.text())?;
        }
        let listed = self.rejected_rows.len() as u64;
        if listed < self.rejected {
            writeln!(f, "  and {} more", number(self.rejected - listed))?;
        }
        if let Some(path) = &self.rejected_file {
            writeln!(f, "Every rejected row, with its reason: {}", path.display())?;
        }
        Ok(())
    }
}

impl Reason {
    /// The column, where there is one, and what was wrong.
    #[must_use]
    pub fn text(&self) -> String {
        in_column(&self.column, &self.reason)
    }
}

impl RejectedRow {
    /// The same with at most so much of the cell as a line shows.
    fn shortened(&self) -> Self {
        let mut value: String = self.value.chars().take(LONGEST_VALUE).collect();
        if value.len() < self.value.len() {
            value.push('\u{2026}');
        }
        Self {
            value,
            ..self.clone()
        }
    }

    /// The column, where there is one, what was wrong, and the cell.
    #[must_use]
    pub fn text(&self) -> String {
        let reason = in_column(&self.column, &self.reason);
        if self.value.is_empty() {
            reason
        } else {
            format!("{reason} (\u{201c}{}\u{201d})", self.value)
        }
    }
}

fn in_column(column: &str, reason: &str) -> String {
    if column.is_empty() {
        reason.to_owned()
    } else {
        format!("{column}: {reason}")
    }
}
