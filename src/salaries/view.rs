//! What a salary page shows, as templates need it. Numbers stand here as they are, and write themselves.

use std::borrow::Cow;

use super::chart::{Histogram, Range, ranges};
use super::facts::{Dimension, Profile};
use super::figures::{Band, BandRange, Figures, Percentiles, Proposals};
use super::report::{Change, Report};
use super::selection::Part;
use crate::market::{English, ExperienceBand, PayBasis, Seniority, Technology};
use crate::money::{BAND_WIDTH, HalfUsd, MeanUsd, Offers};

/// Technologies that are listed at once; the rest unfolds.
pub(super) const LISTED_TECHNOLOGIES: usize = 12;

/// The headline figures and their chart.
pub struct Headline {
    /// Total: counted offers.
    pub offers: Offers,
    /// Salary expectations, USD a month.
    pub percentiles: Percentiles,
    /// Offers for each candidate.
    pub proposals: Proposals,
    /// Mean, USD a month.
    pub average: MeanUsd,
    /// The salaries of the fullest band.
    pub fullest_band: BandRange,
    /// What the figures say, in one sentence.
    pub finding: String,
    /// The histogram.
    pub chart: Histogram,
}

/// A line of the breakdown by seniority.
pub struct Level {
    /// The level and its figures, where they are published.
    pub part: Part<Seniority>,
    /// The quartiles' places on the scale that all levels share.
    pub range: Option<Range>,
}

/// A line of the ranking of technologies.
pub(super) struct TechnologyRow<'a> {
    pub(super) technology: &'a Technology,
    pub(super) offers: Offers,
    pub(super) median: HalfUsd,
    /// Length of its bar, percent of the longest.
    pub(super) bar: u64,
    pub(super) change: Option<Change>,
    pub(super) current: bool,
}

/// A filter's list of choices.
pub(super) struct Select {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) options: Vec<Choice>,
}

pub(super) struct Choice {
    /// Letters, digits and signs that mean nothing in HTML.
    pub(super) value: Cow<'static, str>,
    pub(super) label: Cow<'static, str>,
    pub(super) selected: bool,
    pub(super) disabled: bool,
}

impl Headline {
    /// The figures of a report, and their chart.
    #[must_use]
    pub fn new(figures: &Figures, report: &Report) -> Self {
        let from = figures.fullest_band;
        let fullest_band = Band {
            from: Some(from),
            to: Some(from + BAND_WIDTH),
            offers: 0,
        };
        Self {
            offers: figures.counted(),
            percentiles: figures.percentiles,
            proposals: figures.proposals,
            average: figures.average,
            fullest_band: fullest_band.range(),
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
        figures.counted()
    )
}

/// The breakdown by seniority.
#[must_use]
pub fn levels(parts: &[Part<Seniority>]) -> Vec<Level> {
    let levels = parts.iter().zip(ranges(parts));
    levels
        .map(|(part, range)| Level { part: *part, range })
        .collect()
}

/// The technologies that are published, and the names of those that are not.
pub(super) fn technology_rows(report: &Report) -> (Vec<TechnologyRow<'_>>, Vec<&str>) {
    let figures = report.technologies.iter();
    let figures = figures.filter_map(|known| known.figures.part.spread);
    let most = figures.map(|figures| figures.offers).max().unwrap_or(0);
    let current = report.subject.technology.as_ref();
    let current = current.map(|technology| technology.id);
    let (mut published, mut unpublished) = (Vec::new(), Vec::new());
    for known in &report.technologies {
        let technology = known.technology.as_ref();
        let Some(figures) = known.figures.part.spread else {
            unpublished.push(technology.name.as_str());
            continue;
        };
        published.push(TechnologyRow {
            technology,
            offers: figures.counted(),
            median: figures.median,
            bar: (100 * figures.offers).checked_div(most).unwrap_or(0),
            change: known.figures.change().map(Change),
            current: current == Some(technology.id),
        });
    }
    (published, unpublished)
}

pub(super) fn selects(report: &Report) -> Vec<Select> {
    let filters = &report.filters;
    let choices = &report.choices;
    let left = |dimension, profile| choices.leave(dimension, profile);
    let seniority = words(Seniority::ALL, filters.seniority, |word| {
        let profile = Profile::new(Some(word), None, None, None);
        (
            word.as_str(),
            word.label(),
            left(Dimension::Seniority, profile),
        )
    });
    // One that is asked for stands in the list, or the next choice would drop it without a word.
    let asked = filters.country;
    let asked = asked.filter(|country| !report.countries.contains(country));
    let countries = [report.countries.as_slice(), asked.as_slice()].concat();
    let mut country = words(&countries, filters.country, |country| {
        let profile = Profile::new(None, None, None, Some(country));
        let is_left = left(Dimension::Country, profile);
        (country.as_str(), country.label(), is_left)
    });
    country.sort_by(|a, b| a.label.cmp(&b.label));
    let english = words(English::ALL, filters.english, |word| {
        let profile = Profile::new(None, None, Some(word), None);
        (
            word.as_str(),
            word.label(),
            left(Dimension::English, profile),
        )
    });
    let experience = words(ExperienceBand::ALL, filters.experience, |word| {
        let profile = Profile::new(None, Some(word), None, None);
        (
            word.as_str(),
            word.label(),
            left(Dimension::Experience, profile),
        )
    });
    let mut selects = vec![
        Select::new("seniority", "Seniority", "Any", seniority),
        Select::new("country", "Country", "Any", country),
        Select::new("english", "English", "Any", english),
        Select::new("experience", "Experience", "Any", experience),
    ];
    if filters.pay.is_some() || choices.pay.len() > 1 {
        let automatic = match filters.pay {
            None => Cow::from(format!("{} (most offers)", report.pay.label())),
            Some(_) => Cow::from("Most offers"),
        };
        let pay = words(PayBasis::ALL, filters.pay, |word| {
            (word.as_str(), word.label(), choices.pay.contains(&word))
        });
        selects.push(Select::new("pay", "Pay", automatic, pay));
    }
    let years = report.years.iter().map(|year| {
        let digits = Cow::from(year.to_string());
        let is_selected = filters.year == Some(*year);
        let is_left = choices.years.contains(year);
        Choice::new(digits.clone(), digits, is_selected, is_left)
    });
    selects.push(Select::new("year", "Year", "Latest", years.collect()));
    selects
}

/// The choices of a vocabulary; `describe` gives a word's value, its label, and whether it would leave any offer.
fn words<W: Copy + PartialEq>(
    all: &[W],
    selected: Option<W>,
    describe: impl Fn(W) -> (&'static str, &'static str, bool),
) -> Vec<Choice> {
    let choices = all.iter().map(|word| {
        let (value, label, is_left) = describe(*word);
        Choice::new(value, label, selected == Some(*word), is_left)
    });
    choices.collect()
}

impl Select {
    /// A list with the choice of none before the others.
    fn new(
        name: &'static str,
        label: &'static str,
        none: impl Into<Cow<'static, str>>,
        mut choices: Vec<Choice>,
    ) -> Self {
        let is_none = !choices.iter().any(|choice| choice.selected);
        choices.insert(0, Choice::new("", none, is_none, true));
        Self {
            name,
            label,
            options: choices,
        }
    }
}

impl Choice {
    fn new(
        value: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        selected: bool,
        is_left: bool,
    ) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            selected,
            disabled: !is_left && !selected,
        }
    }
}
