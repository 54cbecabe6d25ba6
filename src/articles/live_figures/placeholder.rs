//! Placeholders: what an editor writes between double braces where a figure belongs. Pure.

use std::fmt;
use std::ops::Range;

use crate::market::words::vocabulary;
use crate::market::{PayBasis, Seniority};
use crate::salaries::Filters;
use crate::slug::Slug;

/// The longest text between the braces, in bytes.
pub(super) const LONGEST: usize = 240;

vocabulary! {
    /// What a placeholder asks for.
    FigureKind, "a figure" {
        /// The median salary expectation.
        Median = "median", "Median";
        /// The mean salary expectation.
        Average = "average", "Average";
        /// The 10th percentile.
        P10 = "p10", "10th percentile";
        /// The lower quartile.
        P25 = "p25", "Lower quartile";
        /// The upper quartile.
        P75 = "p75", "Upper quartile";
        /// The 90th percentile.
        P90 = "p90", "90th percentile";
        /// The middle half: from the lower quartile to the upper.
        Range = "range", "Middle half";
        /// Number of counted offers.
        Offers = "offers", "Offers";
        /// Number of candidates.
        Candidates = "candidates", "Candidates";
        /// Offers for each candidate.
        Proposals = "proposals", "Proposals per candidate";
        /// The months that the figures are of.
        Window = "window", "Months";
        /// The histogram.
        Chart = "chart", "Chart";
        /// The levels with their figures.
        SeniorityTable = "seniority-table", "Table by seniority";
        /// The medians month by month.
        MonthLine = "month-line", "Line by month";
    }
}

impl FigureKind {
    /// Whether it takes a paragraph of its own.
    #[must_use]
    pub const fn stands_alone(self) -> bool {
        matches!(self, Self::Chart | Self::SeniorityTable | Self::MonthLine)
    }
}

/// Of whom a figure is: a role, maybe a technology, maybe filters. Nobody has looked yet whether there are such.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selection {
    /// The role's slug.
    pub role: Slug,
    /// The technology's slug.
    pub technology: Option<Slug>,
    /// The filters.
    pub filters: Filters,
}

/// As a placeholder names it: `back-end-web/django senior country=UA`.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.role)?;
        if let Some(technology) = &self.technology {
            write!(f, "/{technology}")?;
        }
        let filters = &self.filters;
        if let Some(seniority) = filters.seniority {
            write!(f, " {seniority}")?;
        }
        if let Some(country) = filters.country {
            write!(f, " country={country}")?;
        }
        if let Some(english) = filters.english {
            write!(f, " english={english}")?;
        }
        if let Some(experience) = filters.experience {
            write!(f, " experience={experience}")?;
        }
        if let Some(pay) = filters.pay {
            write!(f, " pay={pay}")?;
        }
        if let Some(year) = filters.year {
            write!(f, " year={year:04}")?;
        }
        Ok(())
    }
}

/// A placeholder that says clearly what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Placeholder {
    /// What.
    pub kind: FigureKind,
    /// Of whom.
    pub selection: Selection,
}

/// With its braces, as an editor would write it.
impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{ {} {} }}}}", self.kind, self.selection)
    }
}

/// Why a placeholder does not say what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// There is nothing between the braces.
    Empty,
    /// The first word is no figure; the figure most like it.
    UnknownFigure(String, Option<FigureKind>),
    /// No role is named.
    NoRole(FigureKind),
    /// What stands for the role is neither a role nor a role and a technology.
    NoSelection(String),
    /// A word is no filter.
    UnknownFilter(String),
    /// A filter does not know its value.
    UnknownValue(&'static str, String),
    /// A filter stands there twice.
    Twice(&'static str),
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "Nothing stands between the braces. Write for example {{ median back-end-web }}.",
            ),
            Self::UnknownFigure(word, near) => {
                write!(f, "There is no figure \u{201c}{word}\u{201d}. ")?;
                if let Some(near) = near {
                    return write!(f, "Perhaps you mean \u{201c}{near}\u{201d}?");
                }
                let all: Vec<&str> = FigureKind::ALL.iter().map(|kind| kind.as_str()).collect();
                write!(f, "The figures are {}.", all.join(", "))
            }
            Self::NoRole(kind) => write!(
                f,
                "The role is missing. Write for example {{{{ {kind} back-end-web }}}} or {{{{ {kind} back-end-web/django }}}}."
            ),
            Self::NoSelection(text) => write!(
                f,
                "\u{201c}{text}\u{201d} is neither a role nor a role/technology, as in back-end-web/django."
            ),
            Self::UnknownFilter(word) => write!(
                f,
                "There is no filter \u{201c}{word}\u{201d}. A filter is a seniority such as senior, or one of country=, \
                 english=, experience=, pay= and year= with its value."
            ),
            Self::UnknownValue(name, value) => {
                write!(f, "There is no {name} \u{201c}{value}\u{201d}.")
            }
            Self::Twice(name) => write!(f, "The filter {name} stands there twice."),
        }
    }
}

impl Placeholder {
    /// Reads what stands between the braces: a figure, a role or role/technology, and filters, in any case.
    ///
    /// # Errors
    /// [`Unclear`], for the editor.
    pub fn parse(text: &str) -> Result<Self, Unclear> {
        let text = text.to_lowercase();
        let mut words = text.split_whitespace();
        let figure = words.next().ok_or(Unclear::Empty)?;
        let kind = figure
            .parse()
            .map_err(|_| Unclear::UnknownFigure(figure.to_owned(), most_like(figure)))?;
        let subject = words.next().ok_or(Unclear::NoRole(kind))?;
        let (role, technology) =
            subject_of(subject).ok_or_else(|| Unclear::NoSelection(subject.to_owned()))?;
        let mut filters = Filters::default();
        for word in words {
            add_filter(&mut filters, word)?;
        }
        Ok(Self {
            kind,
            selection: Selection {
                role,
                technology,
                filters,
            },
        })
    }
}

/// The figure whose name is most like a word, where one is.
fn most_like(word: &str) -> Option<FigureKind> {
    let scored = FigureKind::ALL
        .iter()
        .map(|kind| (strsim::jaro_winkler(word, kind.as_str()), *kind));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 > 0.8).then_some(best.1)
}

/// A role, and the technology after a slash.
fn subject_of(text: &str) -> Option<(Slug, Option<Slug>)> {
    match text.split_once('/') {
        None => Some((text.parse().ok()?, None)),
        Some((role, technology)) => Some((role.parse().ok()?, Some(technology.parse().ok()?))),
    }
}

/// Adds a filter: a seniority or a pay basis by its name alone, or any by name and value.
fn add_filter(filters: &mut Filters, word: &str) -> Result<(), Unclear> {
    if let Ok(seniority) = word.parse::<Seniority>() {
        return set(&mut filters.seniority, "seniority", seniority);
    }
    if let Ok(pay) = word.parse::<PayBasis>() {
        return set(&mut filters.pay, "pay", pay);
    }
    let Some((name, value)) = word.split_once('=') else {
        return Err(Unclear::UnknownFilter(word.to_owned()));
    };
    // Word processors and the web write ranges with a dash.
    let value = value.replace(['\u{2013}', '\u{2011}'], "-");
    let parameters = [(name.to_owned(), value.clone())];
    let read = Filters::from_parameters(&parameters)
        .map_err(|unknown| Unclear::UnknownValue(unknown.name, unknown.value))?;
    match read {
        Filters {
            seniority: Some(seniority),
            ..
        } => set(&mut filters.seniority, "seniority", seniority),
        Filters {
            country: Some(country),
            ..
        } => set(&mut filters.country, "country", country),
        Filters {
            english: Some(english),
            ..
        } => set(&mut filters.english, "english", english),
        Filters {
            experience: Some(experience),
            ..
        } => set(&mut filters.experience, "experience", experience),
        Filters { pay: Some(pay), .. } => set(&mut filters.pay, "pay", pay),
        Filters {
            year: Some(year), ..
        } => set(&mut filters.year, "year", year),
        _ => Err(Unclear::UnknownFilter(word.to_owned())),
    }
}

fn set<T>(filter: &mut Option<T>, name: &'static str, value: T) -> Result<(), Unclear> {
    if filter.is_some() {
        return Err(Unclear::Twice(name));
    }
    *filter = Some(value);
    Ok(())
}

/// Where placeholders stand in a text, braces included, in order. None of them holds a brace.
pub fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(start) = text.get(from..)?.find("{{").map(|found| from + found) {
            match length_from(text.get(start..)?) {
                Some(length) => {
                    from = start + length;
                    return Some(start..from);
                }
                None => from = start + 1,
            }
        }
        None
    })
}

/// How long the placeholder is with which a text begins, braces included.
fn length_from(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{{")?;
    let end = inner
        .bytes()
        .take(LONGEST)
        .position(|byte| matches!(byte, b'{' | b'}'))?;
    inner.get(end..)?.starts_with("}}").then_some(end + 4)
}

/// What stands between the braces of a placeholder, which a text holds at a place of [`places`].
#[must_use]
pub fn between_braces(text: &str, place: &Range<usize>) -> String {
    let whole = text.get(place.clone()).unwrap_or_default();
    let inner = whole.trim_start_matches('{').trim_end_matches('}');
    let words = inner.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words = words.filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::market::{Country, English, ExperienceBand};

    fn read(text: &str) -> Result<String, String> {
        Placeholder::parse(text)
            .map(|placeholder| placeholder.to_string())
            .map_err(|unclear| unclear.to_string())
    }

    #[test]
    fn a_placeholder_names_a_figure_a_selection_and_filters() {
        for (text, canonical) in [
            (
                " median  back-end-web/django ",
                "{{ median back-end-web/django }}",
            ),
            (
                "P75 Back-End-Web/Django Senior",
                "{{ p75 back-end-web/django senior }}",
            ),
            (
                "range devops year=2023 net country=ua seniority=expert",
                "{{ range devops expert country=UA pay=net year=2023 }}",
            ),
            (
                "chart devops experience=3\u{2013}5 english=B2",
                "{{ chart devops english=b2 experience=3-5 }}",
            ),
            (
                "offers devops experience=10+",
                "{{ offers devops experience=10+ }}",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Ok(canonical), "{text}");
        }
    }

    #[test]
    fn what_is_unclear_is_said_precisely() {
        for (text, said) in [
            ("", "Nothing stands between the braces"),
            ("medain devops", "Perhaps you mean \u{201c}median\u{201d}?"),
            ("weather devops", "The figures are median, average, p10"),
            (
                "median",
                "The role is missing. Write for example {{ median back-end-web }}",
            ),
            ("median a/b/c", "\u{201c}a/b/c\u{201d} is neither"),
            ("median /django", "is neither"),
            ("median devops boss", "no filter \u{201c}boss\u{201d}"),
            (
                "median devops city=kyiv",
                "no filter \u{201c}city=kyiv\u{201d}",
            ),
            (
                "median devops country=xx",
                "There is no country \u{201c}xx\u{201d}.",
            ),
            (
                "median devops year=24",
                "There is no year \u{201c}24\u{201d}.",
            ),
            (
                "median devops country=",
                "no filter \u{201c}country=\u{201d}",
            ),
            (
                "median devops senior seniority=junior",
                "The filter seniority stands there twice.",
            ),
        ] {
            let unclear = read(text).unwrap_err();
            assert!(unclear.contains(said), "{text}: {unclear}");
        }
    }

    #[test]
    fn placeholders_are_found_among_other_braces() {
        let text = "a {{ median x }} {b} {{{ offers y }}} {{ not { this }} {{\u{5d0}}} {{ open";
        let found: Vec<String> = places(text)
            .map(|place| between_braces(text, &place))
            .collect();
        assert_eq!(found, ["median x", "offers y", "\u{5d0}"]);
    }

    fn filters() -> impl Strategy<Value = Filters> {
        (
            prop::option::of(prop::sample::select(Seniority::ALL)),
            prop::option::of(prop::sample::select(vec!["UA", "DE", "US"])),
            prop::option::of(prop::sample::select(English::ALL)),
            prop::option::of(prop::sample::select(ExperienceBand::ALL)),
            prop::option::of(prop::sample::select(PayBasis::ALL)),
            prop::option::of(1990..2100_i32),
        )
            .prop_map(
                |(seniority, country, english, experience, pay, year)| Filters {
                    seniority,
                    country: country.map(|code| code.parse::<Country>().unwrap()),
                    english,
                    experience,
                    pay,
                    year,
                },
            )
    }

    proptest! {
        #[test]
        fn a_placeholder_reads_back_as_it_is_written(
            kind in prop::sample::select(FigureKind::ALL),
            role in "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}",
            technology in prop::option::of("[a-z0-9]{1,8}"),
            filters in filters(),
        ) {
            let placeholder = Placeholder {
                kind,
                selection: Selection {
                    role: role.parse().unwrap(),
                    technology: technology.map(|slug| slug.parse().unwrap()),
                    filters,
                },
            };
            let written = placeholder.to_string();
            let found: Vec<_> = places(&written).collect();
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].clone(), 0..written.len());
            prop_assert_eq!(Placeholder::parse(&between_braces(&written, &found[0])), Ok(placeholder));
        }

        #[test]
        fn any_text_is_read_without_harm(text in any::<String>(), braces in "[{} a\u{5d0}]{0,60}") {
            for text in [&text, &braces] {
                let _ = Placeholder::parse(text);
                for place in places(text) {
                    prop_assert!(text[place.clone()].starts_with("{{"));
                    let has_braces = between_braces(text, &place).contains(['{', '}']);
                    prop_assert!(!has_braces);
                }
            }
        }
    }
}
