//! Salaries typed by hand: finds them in sentences, and says where they differ from the data. Pure.

mod reading;

use std::ops::Range;

use crate::articles::live_figures::{FigureKind, Placeholder, Selection};
use crate::market::Seniority;
use crate::money::{Grouped, HalfUsd};
use crate::salaries::Report;
use crate::salaries::window::Window;

/// Sentences with salaries in one text that are looked at.
const MOST: usize = 500;

/// How far from an amount, in bytes, a word may stand that says what it is.
const NEAR: usize = 80;

/// The longest sentence that is looked at, in bytes.
const LONGEST: usize = 2000;

/// What an amount is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A month's work.
    Month,
    /// A year's work.
    Year,
    /// An hour's, a day's or a week's: no figure is of those.
    Other,
    /// It does not say.
    Unknown,
}

/// An amount of US dollars in a sentence, or a range of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// As it is written.
    pub written: String,
    /// Where in the sentence, in bytes.
    place: Range<usize>,
    /// Cents.
    low: i64,
    /// Cents; where it is a range.
    high: Option<i64>,
    /// Cents to which it seems to be rounded.
    unit: i64,
    /// Whether it says that it is not exact.
    is_about: bool,
    /// What it is for.
    pub period: Period,
}

/// A sentence with salaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The line of its paragraph.
    pub line: usize,
    /// The sentence.
    pub sentence: String,
    /// Its amounts.
    pub amounts: Vec<Amount>,
    /// The selections that links and figures in its paragraph name.
    pub selections: Vec<Selection>,
}

/// The figures of a selection that amounts are compared with, in cents a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Of whom.
    pub selection: Selection,
    /// In words: `Back-End Web Developer with Django`.
    pub name: String,
    /// The months.
    pub window: Option<Window>,
    /// Single figures, the median first.
    pub figures: Vec<(FigureKind, i64)>,
    /// Bands that are closed on both sides: the lowest salary, and the lowest above it.
    pub bands: Vec<(i64, i64)>,
    /// Median and quartiles of the levels that are published.
    pub levels: Vec<(Seniority, [i64; 3])>,
}

impl Sheet {
    /// The figures of a report; `None` where they are not published.
    #[must_use]
    pub fn of(selection: &Selection, report: &Report) -> Option<Self> {
        let figures = report.figures.as_ref()?;
        let percentiles = &figures.percentiles;
        let bands = figures.bands.iter();
        let bands = bands.filter_map(|band| Some((band.from?, band.to?)));
        let levels = report.by_seniority.iter();
        let levels = levels.filter_map(|part| Some((part.of, part.spread?)));
        Some(Self {
            selection: selection.clone(),
            name: report.subject.heading(),
            window: report.window,
            figures: vec![
                (FigureKind::Median, cents(percentiles.median)),
                (FigureKind::Average, figures.average.cents()),
                (FigureKind::P10, cents(percentiles.p10)),
                (FigureKind::P25, cents(percentiles.p25)),
                (FigureKind::P75, cents(percentiles.p75)),
                (FigureKind::P90, cents(percentiles.p90)),
            ],
            bands: bands
                .map(|(from, to)| (i64::from(from) * 100, i64::from(to) * 100))
                .collect(),
            levels: levels
                .map(|(level, spread)| {
                    let of_level = [spread.median, spread.p25, spread.p75];
                    (level, of_level.map(cents))
                })
                .collect(),
        })
    }

    fn figure(&self, kind: FigureKind) -> Option<i64> {
        let found = self.figures.iter().find(|(other, _)| *other == kind);
        found.map(|(_, cents)| *cents)
    }
}

fn cents(amount: HalfUsd) -> i64 {
    amount.doubled() * 50
}

/// Words that say which figure an amount is.
const TELLING: [(&str, FigureKind); 14] = [
    ("median", FigureKind::Median),
    ("average", FigureKind::Average),
    ("mean", FigureKind::Average),
    ("p10", FigureKind::P10),
    ("10th percentile", FigureKind::P10),
    ("p25", FigureKind::P25),
    ("25th percentile", FigureKind::P25),
    ("lower quartile", FigureKind::P25),
    ("p75", FigureKind::P75),
    ("75th percentile", FigureKind::P75),
    ("upper quartile", FigureKind::P75),
    ("p90", FigureKind::P90),
    ("90th percentile", FigureKind::P90),
    ("middle half", FigureKind::Range),
];

/// Words beside which an amount is a salary.
const SALARY: [&str; 14] = [
    "salary",
    "salaries",
    "pay",
    "paid",
    "pays",
    "earn",
    "earns",
    "earned",
    "earning",
    "earnings",
    "wage",
    "wages",
    "compensation",
    "income",
];

/// Words that make an amount inexact.
const ABOUT: [&str; 10] = [
    "about",
    "around",
    "roughly",
    "some",
    "nearly",
    "almost",
    "approximately",
    "circa",
    "over",
    "~",
];

/// Adds the sentences of a paragraph in which salaries are typed.
pub fn mentions(text: &str, selections: &[Selection], line: usize, mentions: &mut Vec<Mention>) {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) || !has_currency(text) {
        return;
    }
    for sentence in sentences(text) {
        if mentions.len() >= MOST {
            return;
        }
        let lower = sentence.to_ascii_lowercase();
        let mut amounts = reading::amounts(sentence);
        amounts.retain(|amount| is_salary(&lower, amount));
        if !amounts.is_empty() {
            mentions.push(Mention {
                line,
                sentence: sentence.to_owned(),
                amounts,
                selections: selections.to_vec(),
            });
        }
    }
}

/// Whether a text names US dollars at all.
pub(super) fn has_currency(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["$", "usd", "dollar"]
        .iter()
        .any(|currency| lower.contains(currency))
}

/// The sentences of a paragraph, the overlong ones left out.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let mut ends = text
        .char_indices()
        .zip(text.chars().skip(1).map(Some).chain([None]))
        .filter(|((_, letter), next)| {
            let is_end = matches!(letter, '.' | '!' | '?' | '\u{3002}' | '\u{61f}');
            is_end && next.is_none_or(char::is_whitespace) || next.is_none()
        })
        .map(|((place, letter), _)| place + letter.len_utf8());
    std::iter::from_fn(move || {
        let end = ends.next()?;
        let sentence = text.get(from..end).unwrap_or_default();
        from = end;
        Some(sentence)
    })
    .filter(|sentence| sentence.len() <= LONGEST)
}

/// Whether a word that speaks of salaries stands near an amount.
fn is_salary(lower: &str, amount: &Amount) -> bool {
    !telling(lower, amount).is_empty()
        || SALARY
            .iter()
            .any(|word| distance(lower, word, &amount.place).is_some())
}

/// The figures that words near an amount name, the nearest first. What follows an amount counts as a little farther away.
fn telling(lower: &str, amount: &Amount) -> Vec<FigureKind> {
    let mut named: Vec<(usize, FigureKind)> = TELLING
        .iter()
        .filter_map(|(word, kind)| Some((distance(lower, word, &amount.place)?, *kind)))
        .collect();
    named.sort_by_key(|(distance, _)| *distance);
    named.into_iter().map(|(_, kind)| kind).collect()
}

/// How near the nearest such word is to a place; `None` where it is too far or absent.
fn distance(lower: &str, word: &str, place: &Range<usize>) -> Option<usize> {
    let nearest = whole_words(lower, word)
        .filter_map(|found| {
            if found.end <= place.start {
                Some(place.start - found.end)
            } else {
                found
                    .start
                    .checked_sub(place.end)
                    .map(|after| after + after / 2)
            }
        })
        .min();
    nearest.filter(|distance| *distance <= NEAR)
}

/// Where a word stands by itself.
fn whole_words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices(word)
        .map(|(start, word)| start..start + word.len())
        .filter(|place| {
            let before = text.get(..place.start).and_then(|it| it.chars().last());
            let after = text.get(place.end..).and_then(|it| it.chars().next());
            [before, after]
                .iter()
                .all(|letter| !letter.is_some_and(char::is_alphanumeric))
        })
}

/// Whether a text names something: short names only as they are written.
#[must_use]
pub fn names(text: &str, lower: &str, name: &str) -> bool {
    if name.chars().count() < 4 {
        whole_words(text, name).next().is_some()
    } else {
        let name = name.to_ascii_lowercase();
        whole_words(lower, &name).next().is_some()
    }
}

impl Amount {
    /// Whether an end of it is an amount of the data, as exactly as it is written.
    fn is_close(&self, typed: i64, data: i64) -> bool {
        let least = typed / 200;
        let rounding = (self.unit / 2).min(typed / 20);
        let room = if self.is_about {
            typed / 20
        } else {
            rounding.max(least)
        };
        (typed - data).abs() <= room
    }

    /// Whether it is one of the figures, over so many months.
    fn agrees(
        &self,
        sheet: &Sheet,
        kinds: &[FigureKind],
        levels: &[Seniority],
        months: i64,
    ) -> bool {
        let of_levels = || {
            let levels = sheet
                .levels
                .iter()
                .filter(|(level, _)| levels.contains(level));
            levels.map(|(_, figures)| *figures)
        };
        let close = |typed, data: i64| self.is_close(typed, data * months);
        let Some(high) = self.high else {
            let named = |kind: FigureKind| kinds.is_empty() || kinds.contains(&kind);
            let overall = sheet.figures.iter();
            return overall
                .filter(|(kind, _)| named(*kind))
                .any(|(_, data)| close(self.low, *data))
                || of_levels().any(|figures| {
                    let figures = [FigureKind::Median, FigureKind::P25, FigureKind::P75]
                        .into_iter()
                        .zip(figures);
                    let mut figures = figures.filter(|(kind, _)| named(*kind));
                    figures.any(|(_, data)| close(self.low, data))
                });
        };
        let between = |from: i64, to: i64| close(self.low, from) && close(high, to);
        let pair = |from, to| {
            let ends = sheet.figure(from).zip(sheet.figure(to));
            ends.is_some_and(|(from, to)| between(from, to))
        };
        pair(FigureKind::P25, FigureKind::P75)
            || pair(FigureKind::P10, FigureKind::P90)
            || sheet
                .bands
                .iter()
                .any(|(from, to)| between(*from, *to) || between(*from, *to - 100))
            || of_levels().any(|[_, from, to]| between(from, to))
    }

    /// Its middle, in cents.
    fn middle(&self) -> i64 {
        self.high
            .map_or(self.low, |high| i64::midpoint(self.low, high))
    }
}

impl Mention {
    /// What differs from the data, a sentence for each amount. `sheets` are the selections that it may speak of, the likeliest
    /// first.
    #[must_use]
    pub fn differences(&self, sheets: &[&Sheet]) -> Vec<String> {
        let Some(sheet) = sheets.first() else {
            return Vec::new();
        };
        let lower = self.sentence.to_ascii_lowercase();
        if self.is_of_another_time(sheets) || names_country(&self.sentence) {
            return Vec::new();
        }
        let levels: Vec<Seniority> = Seniority::ALL
            .iter()
            .copied()
            .filter(|level| {
                whole_words(&lower, level.as_str()).next().is_some()
                    || whole_words(&lower, &format!("{level}s")).next().is_some()
            })
            .collect();
        let differences = self.amounts.iter();
        differences
            .filter_map(|amount| {
                amount.difference(&telling(&lower, amount), &levels, sheet, sheets)
            })
            .collect()
    }

    /// Whether it speaks of a year that the figures are not of.
    fn is_of_another_time(&self, sheets: &[&Sheet]) -> bool {
        let words = self
            .sentence
            .split(|letter: char| !letter.is_alphanumeric());
        let mut years = words
            .filter(|word| word.len() == 4)
            .filter_map(|word| word.parse::<i32>().ok())
            .filter(|year| (1990..2100).contains(year))
            // Amounts are no years.
            .filter(|year| {
                let cents = i64::from(*year) * 100;
                let amounts = self.amounts.iter();
                let mut amounts = amounts.flat_map(|amount| [Some(amount.low), amount.high]);
                !amounts.any(|amount| amount == Some(cents))
            });
        years.any(|year| {
            let mut windows = sheets.iter().filter_map(|sheet| sheet.window);
            !windows.any(|window| window.from.year() <= year && year <= window.to.year())
        })
    }
}

impl Amount {
    /// What differs from the data, in a sentence or two.
    fn difference(
        &self,
        kinds: &[FigureKind],
        levels: &[Seniority],
        sheet: &Sheet,
        sheets: &[&Sheet],
    ) -> Option<String> {
        let periods: &[i64] = match self.period {
            Period::Month => &[1],
            Period::Year => &[12],
            Period::Unknown => &[1, 12],
            Period::Other => return None,
        };
        let agrees = |months: i64| {
            sheets
                .iter()
                .any(|sheet| self.agrees(sheet, kinds, levels, months))
        };
        if periods.iter().any(|months| agrees(*months)) {
            return None;
        }
        let (kind, figure, level) = self.reference(kinds, levels, sheet)?;
        let of_whom = match level {
            Some(level) => format!("{} ({})", sheet.name, level.label()),
            None => sheet.name.clone(),
        };
        let selection = match level {
            Some(level) => {
                let mut selection = sheet.selection.clone();
                selection.filters.seniority = Some(level);
                selection
            }
            None => sheet.selection.clone(),
        };
        let placeholder = Placeholder { kind, selection };
        let window = sheet
            .window
            .map_or_else(String::new, |window| format!(" ({window})"));
        let name = kind.label().to_lowercase();
        let written = &self.written;
        // A month's pay taken for a year's, or the other way round.
        let mistaken = match self.period {
            Period::Month if agrees(12) => Some(("a year", "a month")),
            Period::Year if agrees(1) => Some(("a month", "a year")),
            _ => None,
        };
        if let Some((is, says)) = mistaken {
            return Some(format!(
                "\u{201c}{written}\u{201d} is what the data says of {is}, and the sentence says {says}: the {name} of \
                 {of_whom} is {}{window}. {placeholder} writes it and keeps it current.",
                in_words(figure, 1),
            ));
        }
        let middle = figure.middle();
        let months = periods
            .iter()
            .copied()
            .min_by_key(|months| (self.middle() - middle * months).abs())?;
        // What is far from any salary is something else.
        if self.middle() > middle * months * 4 || self.middle() * 4 < middle * months {
            return None;
        }
        Some(format!(
            "\u{201c}{written}\u{201d} differs from the data: the {name} of {of_whom} is {}{window}. {placeholder} writes \
             it and keeps it current.",
            in_words(figure, months),
        ))
    }

    /// The figure that it is likeliest meant to be.
    fn reference(
        &self,
        kinds: &[FigureKind],
        levels: &[Seniority],
        sheet: &Sheet,
    ) -> Option<(FigureKind, Figure, Option<Seniority>)> {
        let kind = match kinds.first() {
            _ if self.high.is_some() => FigureKind::Range,
            Some(kind) => *kind,
            None => FigureKind::Median,
        };
        if let [level, ..] = levels {
            let (level, [median, p25, p75]) =
                *sheet.levels.iter().find(|(other, _)| other == level)?;
            let figure = match kind {
                FigureKind::Median => Figure::Single(median),
                FigureKind::P25 => Figure::Single(p25),
                FigureKind::P75 => Figure::Single(p75),
                FigureKind::Range => Figure::Range(p25, p75),
                // Other figures are not known of levels.
                _ => return None,
            };
            return Some((kind, figure, Some(level)));
        }
        let figure = if kind == FigureKind::Range {
            Figure::Range(
                sheet.figure(FigureKind::P25)?,
                sheet.figure(FigureKind::P75)?,
            )
        } else {
            Figure::Single(sheet.figure(kind)?)
        };
        Some((kind, figure, None))
    }
}

/// A figure that an amount is set against, in cents a month.
#[derive(Clone, Copy)]
enum Figure {
    Single(i64),
    Range(i64, i64),
}

impl Figure {
    fn middle(self) -> i64 {
        match self {
            Self::Single(cents) => cents,
            Self::Range(from, to) => i64::midpoint(from, to),
        }
    }
}

/// A figure over so many months: `$92,484 a year ($7,707 a month)`.
fn in_words(figure: Figure, months: i64) -> String {
    let dollars = |cents: i64, months: i64| format!("${}", Grouped((cents * months + 50) / 100));
    let amount = |months: i64| match figure {
        Figure::Single(cents) => dollars(cents, months),
        Figure::Range(from, to) => {
            format!("{}\u{2013}{}", dollars(from, months), dollars(to, months))
        }
    };
    if months == 12 {
        format!("{} a year ({} a month)", amount(12), amount(1))
    } else {
        format!("{} a month", amount(1))
    }
}

/// Whether a sentence names a country: figures of one are not compared.
fn names_country(sentence: &str) -> bool {
    rust_iso3166::ALL
        .iter()
        .any(|country| sentence.contains(country.name.split(" (").next().unwrap_or(country.name)))
        || [
            "United States",
            "United Kingdom",
            "Czech Republic",
            "Europe",
            "Vietnam",
            "Turkey",
        ]
        .iter()
        .any(|name| sentence.contains(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::salaries::{Filters, Month};

    fn sheet() -> Sheet {
        Sheet {
            selection: Selection {
                role: "back-end-web".parse().unwrap(),
                technology: Some("django".parse().unwrap()),
                filters: Filters::default(),
            },
            name: "Back-End Web Developer with Django".to_owned(),
            window: Some(Window::ending(Month::new(2024, 12))),
            figures: [
                (FigureKind::Median, 7707),
                (FigureKind::Average, 7650),
                (FigureKind::P10, 3000),
                (FigureKind::P25, 5000),
                (FigureKind::P75, 9500),
                (FigureKind::P90, 12_000),
            ]
            .map(|(kind, dollars)| (kind, dollars * 100))
            .to_vec(),
            bands: vec![(500_000, 550_000), (550_000, 600_000)],
            levels: vec![(Seniority::Senior, [900_000, 800_000, 1_000_000])],
        }
    }

    fn seen(text: &str) -> Vec<Mention> {
        let mut seen = Vec::new();
        mentions(text, &[], 1, &mut seen);
        seen
    }

    fn differences(text: &str) -> Vec<String> {
        let sheet = sheet();
        let mentions = seen(text).into_iter();
        mentions
            .flat_map(|mention| mention.differences(&[&sheet]))
            .collect()
    }

    #[test]
    fn salaries_are_recognised_however_they_are_written() {
        use Period::{Month, Other, Unknown, Year};
        for (text, written, low, high, period) in [
            ("a median of $7,707.", "$7,707", 7707, None, Unknown),
            ("salary: $92,000 a year", "$92,000", 92_000, None, Year),
            ("pay of 7.7k USD monthly", "7.7k USD", 7700, None, Month),
            (
                "they earn USD 7700 per month",
                "USD 7700",
                7700,
                None,
                Month,
            ),
            ("earn USD7700/mo", "USD7700", 7700, None, Month),
            (
                "salary $50k-70k a year",
                "$50k-70k",
                50_000,
                Some(70_000),
                Year,
            ),
            (
                "salary $50\u{2013}70k",
                "$50\u{2013}70k",
                50_000,
                Some(70_000),
                Unknown,
            ),
            (
                "pay from $5,000 to $5,499",
                "$5,000 to $5,499",
                5000,
                Some(5499),
                Unknown,
            ),
            (
                "salaries between 5\u{a0}000 and 6\u{a0}000 US dollars a month",
                "5\u{a0}000 and 6\u{a0}000 US dollars",
                5000,
                Some(6000),
                Month,
            ),
            (
                "salary of 7.707 dollars",
                "7.707 dollars",
                7707,
                None,
                Unknown,
            ),
            ("pay: US$ 4,183.50", "US$ 4,183.50", 4183, None, Unknown),
            ("wages of $35 an hour", "$35", 35, None, Other),
            (
                "the yearly salary is $92,484",
                "$92,484",
                92_484,
                None,
                Year,
            ),
            (
                "92 thousand dollars of yearly income",
                "92 thousand dollars",
                92_000,
                None,
                Year,
            ),
        ] {
            let seen = seen(text);
            let [mention] = seen.as_slice() else {
                panic!("{text}: {seen:?}");
            };
            let [amount] = mention.amounts.as_slice() else {
                panic!("{text}: {:?}", mention.amounts);
            };
            assert_eq!(amount.written, written, "{text}");
            assert_eq!(amount.low / 100, low, "{text}");
            assert_eq!(amount.high.map(|high| high / 100), high, "{text}");
            assert_eq!(amount.period, period, "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_salaries() {
        for text in [
            "Django 5 came in 2024, at a median of three years.",
            "A book for $35 explains it.",
            "A salary in 2024",
            "The salary is \u{20ac}5,000, or CA$5,000.",
            "a salary of 5000 people",
            "revenue of $7 million and good pay",
            "p75 USD",
        ] {
            assert_eq!(seen(text), [], "{text}");
        }
    }

    #[test]
    fn what_the_data_says_is_fine() {
        for text in [
            "The median salary is $7,707 a month.",
            "The median salary is $7,700.",
            "A median of 7.7k USD and an average of $7,650.",
            "$7,650 on average and $7,707 at the median",
            "A median of $92,000 a year.",
            "The median is $92,484.",
            "Salaries run from $5,000 to $9,500.",
            "Many are paid $5,000-5,499.",
            "A salary of about $8,000.",
            "The upper quartile is paid $9,500, the lower quartile $5,000.",
            "The median salary of seniors is $9,000.",
            "In 2019 the median salary was $4,000.",
            "The median salary in Ukraine is $4,000.",
            "The average laptop costs $1,200.",
            "The median is paid $35 an hour.",
        ] {
            assert_eq!(differences(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_differs_is_said_with_the_figure_and_its_placeholder() {
        for (text, said) in [
            (
                "The median salary is $6,900 a month.",
                "\u{201c}$6,900\u{201d} differs from the data: the median of Back-End Web Developer with Django is $7,707 a \
                 month (Jan\u{2013}Dec 2024). {{ median back-end-web/django }} writes it",
            ),
            (
                "A salary of USD 85,000 a year.",
                "the median of Back-End Web Developer with Django is $92,484 a year ($7,707 a month)",
            ),
            (
                "The average pay is $7,900.",
                "the average of Back-End Web Developer with Django is $7,650 a month (Jan\u{2013}Dec 2024). {{ average",
            ),
            (
                "A median salary of $92,484 a month!",
                "\u{201c}$92,484\u{201d} is what the data says of a year, and the sentence says a month",
            ),
            (
                "A median salary of $7,707 a year!",
                "is what the data says of a month, and the sentence says a year",
            ),
            (
                "Salaries run from $6,000 to $8,000.",
                "the middle half of Back-End Web Developer with Django is $5,000\u{2013}$9,500 a month (Jan\u{2013}Dec 2024). \
                 {{ range back-end-web/django }}",
            ),
            (
                "A senior earns a median of $11,000.",
                "the median of Back-End Web Developer with Django (Senior) is $9,000 a month (Jan\u{2013}Dec 2024). {{ median \
                 back-end-web/django senior }}",
            ),
            ("In 2024 the median was $5,600.", "$7,707"),
        ] {
            let differences = differences(text);
            assert_eq!(differences.len(), 1, "{text}: {differences:?}");
            assert!(differences[0].contains(said), "{text}: {differences:?}");
        }
    }

    #[test]
    fn nothing_is_compared_with_nothing() {
        let mention = seen("The median salary is $1.").remove(0);
        assert_eq!(mention.differences(&[]), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_sentence_is_read_without_harm(
            text in any::<String>(),
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "$", "7", "707", ",", ".", "k", "-", "\u{2013}", " to ", "USD", " salary ", "median", " ", "a year", "\u{a0}",
                    "999999999", "\u{5e9}\u{5db}\u{5e8}", "\u{fffc}", "between ", " and ", "~", "US$", "thousand",
                ]),
                0..24,
            ),
        ) {
            for text in [text, parts.concat()] {
                differences(&text);
                let joined: String = sentences(&text).collect();
                prop_assert!(text.starts_with(&joined) || text.len() > LONGEST);
            }
        }

        #[test]
        fn an_exact_median_never_differs(dollars in 200..99_999_i64, is_yearly in any::<bool>()) {
            let mut sheet = sheet();
            sheet.figures = vec![(FigureKind::Median, dollars * 100)];
            let text = if is_yearly {
                format!("a median of ${} a year", Grouped(dollars * 12))
            } else {
                format!("a median of ${} a month", Grouped(dollars))
            };
            let mention = seen(&text).remove(0);
            prop_assert_eq!(mention.differences(&[&sheet]), Vec::<String>::new());
        }
    }
}
