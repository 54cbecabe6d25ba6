//! What a salary page shows, as it is written: figures, rows and choices with finished values.

use super::chart::{Histogram, Range, ranges};
use super::facts::{Dimension, Profile};
use super::figures::{Band, Figures};
use super::report::{Report, in_words};
use super::selection::{Part, Spread};
use crate::market::{English, ExperienceBand, PayBasis, Seniority};
use crate::money::{Grouped, offers};
use crate::web::Link;

/// Technologies that are listed at once; the rest unfolds.
const LISTED_TECHNOLOGIES: usize = 12;

/// The headline figures as they are written, and their chart.
pub struct Headline {
    /// Total: counted offers.
    pub offers: String,
    /// The word for that number: `offer` or `offers`.
    pub unit: &'static str,
    /// Median salary expectation, USD a month.
    pub median: String,
    /// Offers for each candidate.
    pub proposals: String,
    /// Mean, USD a month.
    pub average: String,
    /// 10th percentile.
    pub p10: String,
    /// Lower quartile.
    pub p25: String,
    /// Upper quartile.
    pub p75: String,
    /// 90th percentile.
    pub p90: String,
    /// The salaries of the fullest band.
    pub fullest_band: String,
    /// What the figures say, in one sentence.
    pub finding: String,
    /// The histogram.
    pub chart: Histogram,
}

pub(super) struct BandRow {
    pub(super) range: String,
    pub(super) label: String,
    pub(super) offers: String,
    pub(super) share: String,
}

/// A line of the breakdown by seniority.
pub struct Level {
    /// The level's name.
    pub name: &'static str,
    /// Its figures, where they are published.
    pub figures: Option<LevelFigures>,
}

/// The figures of a level, as they are written.
pub struct LevelFigures {
    /// Counted offers.
    pub offers: String,
    /// Median, USD a month.
    pub median: String,
    /// From the lower quartile to the upper one.
    pub middle_half: String,
    /// Twelve times the median.
    pub yearly: String,
    /// The quartiles' places on the scale that all levels share.
    pub range: Option<Range>,
}

pub(super) struct MonthRow {
    pub(super) month: String,
    pub(super) figures: Option<(String, String)>,
}

pub(super) struct TechnologyRow {
    pub(super) link: Link,
    pub(super) offers: String,
    pub(super) median: String,
    /// Length of its bar, percent of the longest.
    pub(super) bar: u64,
    pub(super) change: Option<String>,
    pub(super) current: bool,
}

/// A filter's list of choices.
pub(super) struct Select {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) options: Vec<Choice>,
}

pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) selected: bool,
    pub(super) disabled: bool,
}

impl Headline {
    /// Writes the figures of a report.
    #[must_use]
    pub fn new(figures: &Figures, report: &Report) -> Self {
        let p = &figures.percentiles;
        let band = |from: i32| Band {
            from: Some(from),
            to: Some(from + crate::money::BAND_WIDTH),
            offers: 0,
        };
        Self {
            offers: grouped(figures.offers),
            unit: if figures.offers == 1 {
                "offer"
            } else {
                "offers"
            },
            median: p.median.to_string(),
            proposals: figures.proposals.to_string(),
            average: figures.average.to_string(),
            p10: p.p10.to_string(),
            p25: p.p25.to_string(),
            p75: p.p75.to_string(),
            p90: p.p90.to_string(),
            fullest_band: band(figures.fullest_band).range(),
            finding: finding(figures),
            chart: Histogram::of(figures, &report.in_words()),
        }
    }
}

/// What the median says, in one sentence.
fn finding(figures: &Figures) -> String {
    let median = figures.percentiles.median;
    if figures.offers == 1 {
        return format!("The only offer went to a candidate who asks for {median} a month.");
    }
    format!(
        "Half of the {} went to candidates who ask for {median} a month or more.",
        offers(figures.offers)
    )
}

pub(super) fn grouped(count: u64) -> String {
    Grouped(count.cast_signed()).to_string()
}

pub(super) fn band_rows(figures: Option<&Figures>) -> Vec<BandRow> {
    let rows = figures.into_iter().flat_map(|figures| {
        figures.bands.iter().map(|band| BandRow {
            range: band.range(),
            label: band.label(),
            offers: grouped(band.offers),
            share: band.share_of(figures.offers),
        })
    });
    rows.collect()
}

/// The breakdown by seniority as it is written.
#[must_use]
pub fn levels(parts: &[Part<Seniority>]) -> Vec<Level> {
    let levels = parts.iter().zip(ranges(parts)).map(|(part, range)| Level {
        name: part.of.label(),
        figures: part.spread.map(|figures| LevelFigures {
            offers: grouped(figures.offers),
            median: figures.median.to_string(),
            middle_half: format!("{} \u{2013} {}", figures.p25, figures.p75),
            yearly: yearly(&figures),
            range,
        }),
    });
    levels.collect()
}

/// Twelve times the median, for comparison with yearly pay.
fn yearly(figures: &Spread) -> String {
    format!("${}", Grouped(figures.median.doubled() * 6))
}

pub(super) fn month_rows(report: &Report) -> Vec<MonthRow> {
    let rows = report.by_month.iter().map(|part| MonthRow {
        month: format!("{} {}", part.of.name(), part.of.year()),
        figures: part
            .spread
            .map(|figures| (grouped(figures.offers), figures.median.to_string())),
    });
    rows.collect()
}

/// The technologies that are listed, those that unfold, and those without figures.
pub(super) fn technology_rows(
    report: &Report,
) -> (Vec<TechnologyRow>, Vec<TechnologyRow>, Vec<Link>) {
    let (mut listed, mut unpublished) = (Vec::new(), Vec::new());
    let role = &report.subject.role.slug;
    let figures = report
        .technologies
        .iter()
        .filter_map(|known| known.figures.part.spread);
    let most = figures.map(|figures| figures.offers).max().unwrap_or(0);
    for known in &report.technologies {
        let path = format!("/salaries/{role}/{}", known.technology.slug);
        let link = Link::new(&known.technology.name, path);
        let Some(figures) = known.figures.part.spread else {
            unpublished.push(link);
            continue;
        };
        listed.push(TechnologyRow {
            link,
            offers: offers(figures.offers),
            median: figures.median.to_string(),
            bar: (100 * figures.offers).checked_div(most).unwrap_or(0),
            change: known.figures.change().map(in_words),
            current: report
                .subject
                .technology
                .as_ref()
                .is_some_and(|current| current.id == known.technology.id),
        });
    }
    let unlisted = listed.split_off(listed.len().min(LISTED_TECHNOLOGIES));
    (listed, unlisted, unpublished)
}

pub(super) fn selects(report: &Report) -> Vec<Select> {
    let filters = &report.filters;
    let choices = &report.choices;
    let mut selects = vec![
        Select::new("seniority", "Seniority", "Any", filters.seniority.is_none()).with(
            Seniority::ALL.iter().map(|word| {
                let left = choices.leave(
                    Dimension::Seniority,
                    Profile::new(Some(*word), None, None, None),
                );
                (
                    word.to_string(),
                    word.label().to_owned(),
                    filters.seniority == Some(*word),
                    left,
                )
            }),
        ),
        Select::new("country", "Country", "Any", filters.country.is_none()).with(by_label(
            report.countries.iter().map(|country| {
                let left = choices.leave(
                    Dimension::Country,
                    Profile::new(None, None, None, Some(*country)),
                );
                let selected = filters.country == Some(*country);
                (
                    country.to_string(),
                    country.label().to_owned(),
                    selected,
                    left,
                )
            }),
        )),
        Select::new("english", "English", "Any", filters.english.is_none()).with(
            English::ALL.iter().map(|word| {
                let left = choices.leave(
                    Dimension::English,
                    Profile::new(None, None, Some(*word), None),
                );
                (
                    word.to_string(),
                    word.label().to_owned(),
                    filters.english == Some(*word),
                    left,
                )
            }),
        ),
        Select::new(
            "experience",
            "Experience",
            "Any",
            filters.experience.is_none(),
        )
        .with(ExperienceBand::ALL.iter().map(|word| {
            let left = choices.leave(
                Dimension::Experience,
                Profile::new(None, Some(*word), None, None),
            );
            (
                word.to_string(),
                word.label().to_owned(),
                filters.experience == Some(*word),
                left,
            )
        })),
    ];
    if report.filters.pay.is_some() || choices.pay.len() > 1 {
        let automatic = match filters.pay {
            None => format!("{} (most offers)", report.pay.label()),
            Some(_) => "Most offers".to_owned(),
        };
        selects.push(
            Select::new("pay", "Pay", &automatic, filters.pay.is_none()).with(
                PayBasis::ALL.iter().map(|word| {
                    let left = choices.pay.contains(word);
                    (
                        word.to_string(),
                        word.label().to_owned(),
                        filters.pay == Some(*word),
                        left,
                    )
                }),
            ),
        );
    }
    selects.push(
        Select::new("year", "Year", "Latest", filters.year.is_none()).with(
            report.years.iter().map(|year| {
                let left = choices.years.contains(year);
                (
                    year.to_string(),
                    year.to_string(),
                    filters.year == Some(*year),
                    left,
                )
            }),
        ),
    );
    selects
}

fn by_label(
    choices: impl Iterator<Item = (String, String, bool, bool)>,
) -> impl Iterator<Item = (String, String, bool, bool)> {
    let mut choices: Vec<_> = choices.collect();
    choices.sort_by(|a, b| a.1.cmp(&b.1));
    choices.into_iter()
}

impl Select {
    fn new(name: &'static str, label: &'static str, none: &str, selected: bool) -> Self {
        Self {
            name,
            label,
            options: vec![Choice {
                value: String::new(),
                label: none.to_owned(),
                selected,
                disabled: false,
            }],
        }
    }

    /// With choices of value, label, whether selected, and whether any offer is left.
    fn with(mut self, choices: impl Iterator<Item = (String, String, bool, bool)>) -> Self {
        self.options
            .extend(choices.map(|(value, label, selected, left)| Choice {
                value,
                label,
                selected,
                disabled: !left && !selected,
            }));
        self
    }
}
