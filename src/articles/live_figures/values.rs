//! What a placeholder shows: an amount, a number, or the reason why there is none.

use std::fmt;

use serde::Serialize;

use super::placeholder::{FigureKind, Unclear};
use crate::salaries::Report;

/// A figure inside a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// The figure for programs: `7707`, and of a range both ends with a slash between them.
    pub value: String,
    /// The figure for readers: `$7,707`.
    pub text: String,
    /// What it is of, and of which months.
    pub title: String,
}

/// Why there is no figure. Editors read why; visitors, only that there are not enough offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The placeholder does not say what it asks for.
    Unclear(Unclear),
    /// It takes a paragraph of its own, and stands among other text.
    NotAlone(FigureKind),
    /// There is no such role; the slug most like it.
    NoRole(String, Option<String>),
    /// There is no such technology; the slug most like it.
    NoTechnology(String, Option<String>),
    /// Nobody in the role, by its name, knows the technology, by its name.
    NobodyKnows(String, String),
    /// There is no offer of that year.
    NoYear(i32),
    /// No offer is counted.
    NoOffers,
    /// There are fewer candidates than figures are published of.
    TooFew(u64),
    /// There are figures, but too few levels or months with any.
    TooFewParts(FigureKind),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclear(unclear) => unclear.fmt(f),
            Self::NotAlone(kind) => write!(
                f,
                "\u{201c}{kind}\u{201d} needs a paragraph of its own: leave an empty line before and after it."
            ),
            Self::NoRole(slug, near) => not_there(f, "role", slug, near.as_deref()),
            Self::NoTechnology(slug, near) => not_there(f, "technology", slug, near.as_deref()),
            Self::NobodyKnows(role, technology) => {
                write!(f, "No candidate of {role} knows {technology}.")
            }
            Self::NoYear(year) => write!(f, "There are no offers of the year {year}."),
            Self::NoOffers => f.write_str("No offer is counted for this selection."),
            Self::TooFew(least) => write!(
                f,
                "There are fewer than {least} candidates, so the figures are not published."
            ),
            Self::TooFewParts(FigureKind::MonthLine) => f.write_str(
                "There are fewer than two months with enough candidates to draw a line.",
            ),
            Self::TooFewParts(_) => {
                f.write_str("No level has enough candidates to publish figures.")
            }
        }
    }
}

fn not_there(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    slug: &str,
    near: Option<&str>,
) -> fmt::Result {
    write!(f, "There is no {what} \u{201c}{slug}\u{201d}.")?;
    match near {
        Some(near) => write!(f, " Perhaps you mean \u{201c}{near}\u{201d}?"),
        None => Ok(()),
    }
}

/// A figure of a selection, to stand inside a sentence.
///
/// # Errors
/// [`Problem`], where it is not published or not of that sort.
pub fn inline(kind: FigureKind, report: &Report, min_candidates: u64) -> Result<Inline, Problem> {
    let figures = report
        .figures
        .as_ref()
        .ok_or(if report.has_counted_offers {
            Problem::TooFew(min_candidates)
        } else {
            Problem::NoOffers
        })?;
    let percentiles = &figures.percentiles;
    let (value, text) = match kind {
        FigureKind::Median => both(&percentiles.median),
        FigureKind::Average => both(&figures.average),
        FigureKind::P10 => both(&percentiles.p10),
        FigureKind::P25 => both(&percentiles.p25),
        FigureKind::P75 => both(&percentiles.p75),
        FigureKind::P90 => both(&percentiles.p90),
        FigureKind::Range => {
            let (from, to) = (both(&percentiles.p25), both(&percentiles.p75));
            (
                format!("{}/{}", from.0, to.0),
                format!("{}\u{2013}{}", from.1, to.1),
            )
        }
        FigureKind::Offers => (
            figures.offers.to_string(),
            figures.counted().number().to_string(),
        ),
        FigureKind::Candidates => (
            figures.candidates.to_string(),
            crate::money::Offers(figures.candidates)
                .number()
                .to_string(),
        ),
        FigureKind::Proposals => {
            let text = figures.proposals.to_string();
            (text.clone(), text)
        }
        FigureKind::Window => {
            let window = report.window.ok_or(Problem::NoOffers)?;
            (format!("{}/{}", window.from, window.to), window.to_string())
        }
        FigureKind::Chart | FigureKind::SeniorityTable | FigureKind::MonthLine => {
            return Err(Problem::NotAlone(kind));
        }
    };
    let title = format!(
        "{}: {}, {}, {} pay",
        kind.label(),
        report.subject.heading(),
        report.in_words(),
        report.pay
    );
    Ok(Inline { value, text, title })
}

/// A number for programs and for readers.
fn both(amount: &(impl Serialize + fmt::Display)) -> (String, String) {
    // Amounts are always valid JSON.
    let number = serde_json::to_string(amount).unwrap_or_default();
    (number, amount.to_string())
}
