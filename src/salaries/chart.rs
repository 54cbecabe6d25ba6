//! Geometry of the charts. Across, in percent of the plot's width, so that one drawing fits a phone and a wide screen
//! with text of one size; down, in pixels. Templates write it as SVG.

use super::figures::{Band, BandLabel, Figures, Share, tenths};
use super::selection::{Part, Spread};
use super::window::Month;
use crate::market::Seniority;
use crate::money::{BAND_WIDTH, Grouped, HalfUsd, Offers, Thousands};
use crate::written::{Short, write_all, written};

/// Height of the histogram's columns, pixels.
const COLUMNS: i64 = 260;
/// Height of the line chart, pixels.
const LINE: i64 = 150;

/// A place across: hundredths of a percent of the plot's width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Across(i64);

impl Across {
    const END: i64 = 10_000;

    fn of(part: i64, whole: i64) -> Self {
        Self((part * Self::END).checked_div(whole).unwrap_or(0))
    }

    /// The width from another place to this one.
    const fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// A place down, or a height: tenths of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Down(i64);

impl Down {
    /// How far `part` of `whole` reaches down from the top of so many pixels, measured from the bottom.
    fn from_bottom(part: i64, whole: i64, pixels: i64) -> Self {
        Self(pixels * 10 - (part * pixels * 10).checked_div(whole).unwrap_or(0))
    }
}

/// Which side of its place a text stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// To the right of it.
    Start,
    /// Around it.
    Middle,
    /// To the left of it.
    End,
}

impl Anchor {
    /// Whether the text stands to the left of its place.
    #[must_use]
    pub fn is_end(self) -> bool {
        self == Self::End
    }
}

/// A value beside an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// A number of offers.
    Offers(Grouped),
    /// A salary.
    Salary(Thousands),
    /// The salaries of a band.
    Band(BandLabel),
    /// A month without its year.
    Month(Month),
    /// A month with its year.
    YearAndMonth(Month),
}

written! {
    Across: |place, out| {
        let hundredths = place.0.unsigned_abs();
        let mut text = Short::from("");
        text.then_number(hundredths / 100).then(".");
        text.then_digits(hundredths, 2).write_to(out)
    };
    Down: |place, out| tenths(place.0.unsigned_abs()).write_to(out);
    Anchor: |anchor, out| out.write_str(match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    });
    Label: |label, out| match label {
        Label::Offers(offers) => write_all(out, &[offers]),
        Label::Salary(salary) => write_all(out, &[salary]),
        Label::Band(band) => write_all(out, &[band]),
        Label::Month(month) => out.write_str(month.name()),
        Label::YearAndMonth(month) => write_all(out, &[&month.in_words()]),
    };
}

/// A line across with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where.
    pub y: Down,
    /// The value.
    pub label: Label,
}

/// A value under the plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Where.
    pub x: Across,
    /// The value.
    pub label: Label,
    /// On which side.
    pub anchor: Anchor,
    /// Whether a narrow screen leaves it out.
    pub minor: bool,
}

/// One column of the histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Left edge of the band.
    pub left: Across,
    /// Width of the band.
    pub step: Across,
    /// Left edge of the column.
    pub x: Across,
    /// Width of the column.
    pub width: Across,
    /// Upper edge of the column.
    pub y: Down,
    /// Height of the column.
    pub height: Down,
    /// The band.
    pub band: Band,
    /// Offers in it.
    pub offers: Offers,
    /// Share of the total.
    pub share: Share,
}

/// The histogram of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// One column a band.
    pub columns: Vec<Column>,
    /// Lines across at round numbers of offers, from zero.
    pub rules: Vec<Rule>,
    /// Salaries under the columns.
    pub ticks: Vec<Tick>,
    /// Where the median lies, and on which side of it its name stands.
    pub median: (Across, Anchor),
    /// Whether the median's name leaves room for the word at the head of the value axis.
    pub names_axis: bool,
    /// Where the middle half of the offers begins and how wide it is.
    pub middle_half: (Across, Across),
    /// Height of the columns' room, pixels.
    pub height: i64,
    /// What the picture shows, in one sentence.
    pub summary: String,
}

impl Histogram {
    /// Draws the figures' bands; `selection` says in words of whom and of which months.
    #[must_use]
    pub fn of(figures: &Figures, selection: &str) -> Self {
        Self::with_margins(figures, selection, Margins::default())
    }

    /// The same with room on both sides.
    #[must_use]
    pub fn with_margins(figures: &Figures, selection: &str, margins: Margins) -> Self {
        let bands = &figures.bands;
        let count = margins.below + signed(bands.len() as u64) + margins.above;
        let most = bands.iter().map(|band| band.offers).max().unwrap_or(0);
        let scale = Scale::from_zero(signed(most), 5);
        let columns = bands.iter().zip(margins.below..).map(|(band, place)| {
            let step = Across(Across::of(place + 1, count).0 - Across::of(place, count).0);
            let gap = step.0 / 8;
            let y = Down::from_bottom(signed(band.offers), scale.top, COLUMNS);
            let left = Across::of(place, count);
            Column {
                left,
                step,
                x: Across(left.0 + gap / 2),
                width: Across(step.0 - gap),
                y,
                height: Down(COLUMNS * 10 - y.0),
                band: *band,
                offers: Offers(band.offers),
                share: band.share_of(figures.offers),
            }
        });
        let percentiles = &figures.percentiles;
        let median = place_of(bands, margins, percentiles.median);
        let (left, right) = (
            place_of(bands, margins, percentiles.p25),
            place_of(bands, margins, percentiles.p75),
        );
        Self {
            columns: columns.collect(),
            rules: scale.rules(COLUMNS, |value| Label::Offers(Grouped(value))),
            ticks: salary_ticks(bands, margins),
            median: (
                median,
                if median.0 > Across::END / 2 {
                    Anchor::End
                } else {
                    Anchor::Start
                },
            ),
            names_axis: median.0 > Across::END / 6,
            middle_half: (left, right.minus(left)),
            height: COLUMNS,
            summary: summary(figures, selection),
        }
    }
}

/// Room for bands that only the other histogram on the same axis has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margins {
    below: i64,
    above: i64,
}

/// The margins with which the figures' histograms share one axis of salaries; none where a single band holds every salary.
#[must_use]
pub fn margins(all: &[&Figures]) -> Vec<Margins> {
    // Where a band lies: by its lower bound, and for one that is open below by the band that it ends before.
    let place = |band: &Band| band.from.or(band.to.map(|to| to - BAND_WIDTH));
    let ends = |figures: &Figures| {
        let first = figures.bands.first().and_then(place)?;
        let last = figures.bands.last().and_then(place)?;
        Some((first, last))
    };
    let lowest = all
        .iter()
        .filter_map(|figures| ends(figures))
        .map(|(first, _)| first)
        .min();
    let highest = all
        .iter()
        .filter_map(|figures| ends(figures))
        .map(|(_, last)| last)
        .max();
    let margins = all.iter().map(|figures| {
        let Some(((first, last), (lowest, highest))) = ends(figures).zip(lowest.zip(highest))
        else {
            return Margins::default();
        };
        Margins {
            below: i64::from((first - lowest) / BAND_WIDTH),
            above: i64::from((highest - last) / BAND_WIDTH),
        }
    });
    margins.collect()
}

fn summary(figures: &Figures, selection: &str) -> String {
    let fullest = figures
        .bands
        .iter()
        .max_by_key(|band| (band.offers, std::cmp::Reverse(band.from)));
    let fullest = fullest.map_or_else(String::new, |band| {
        format!(
            " The highest column, {}, holds {} of them.",
            band.range(),
            Grouped(signed(band.offers))
        )
    });
    format!(
        "Histogram of {} offers, {selection}, by the salary that the candidate asked for, in US dollars a month.{fullest} \
         The median is {}; the middle half lies between {} and {}.",
        Grouped(signed(figures.offers)),
        figures.percentiles.median,
        figures.percentiles.p25,
        figures.percentiles.p75,
    )
}

/// Where an amount lies across the columns. An open band is as wide as the others, whatever it holds: amounts in it lie
/// in its middle.
fn place_of(bands: &[Band], margins: Margins, amount: HalfUsd) -> Across {
    let count = margins.below + signed(bands.len() as u64) + margins.above;
    let doubled = amount.doubled();
    let below = bands
        .iter()
        .take_while(|band| band.to.is_some_and(|to| i64::from(to) * 2 <= doubled))
        .count();
    let within = match bands.get(below) {
        Some(Band {
            from: Some(from),
            to: Some(_),
            ..
        }) => doubled - i64::from(*from) * 2,
        _ => i64::from(BAND_WIDTH),
    };
    let width = 2 * i64::from(BAND_WIDTH);
    Across::of(
        (margins.below + signed(below as u64)) * width + within,
        count * width,
    )
}

/// Round salaries at the columns' edges, and the names of open bands at the ends.
fn salary_ticks(bands: &[Band], margins: Margins) -> Vec<Tick> {
    let drawn = signed(bands.len() as u64);
    let count = margins.below + drawn + margins.above;
    let open_below = bands.first().filter(|band| band.from.is_none());
    let open_above = bands
        .last()
        .filter(|band| band.to.is_none() && band.from.is_some());
    let start = Across::of(margins.below, count);
    let end = Across::of(margins.below + drawn, count);
    // Percent of the plot that the names of open bands take, at the lower and the upper end.
    let clear_of_names = |x: Across, below: i64, above: i64| {
        let room = |percent: i64| Across::END * percent / 100;
        (open_below.is_none() || x.0 < start.0 || x.0 >= start.0 + room(below))
            && (open_above.is_none() || x.0 > end.0 || x.0 <= end.0 - room(above))
    };
    let step = [500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
        .into_iter()
        .find(|step| count * i64::from(BAND_WIDTH) / i64::from(*step) <= 16)
        .unwrap_or(200_000);
    let mut ticks = Vec::new();
    if let Some(band) = open_below {
        ticks.push(end_tick(band, start, Anchor::Start));
    }
    let edges = bands
        .iter()
        .zip(margins.below..)
        .filter_map(|(band, place)| Some((band.from?, place)));
    let last_edge = bands
        .last()
        .and_then(|band| Some((band.to?, margins.below + drawn)));
    for (edge, place) in edges.chain(last_edge) {
        let x = Across::of(place, count);
        if edge % step == 0 && clear_of_names(x, 10, 16) {
            ticks.push(Tick {
                x,
                label: Label::Salary(Thousands(edge)),
                anchor: match x.0 {
                    0 => Anchor::Start,
                    Across::END => Anchor::End,
                    _ => Anchor::Middle,
                },
                minor: count > 6 && (edge / step) % 2 != 0 || !clear_of_names(x, 28, 45),
            });
        }
    }
    if let Some(band) = open_above {
        ticks.push(end_tick(band, end, Anchor::End));
    }
    ticks
}

fn end_tick(band: &Band, x: Across, anchor: Anchor) -> Tick {
    Tick {
        x,
        label: Label::Band(band.label()),
        anchor,
        minor: false,
    }
}

/// A point of the line chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The month.
    pub month: Month,
    /// Where.
    pub x: Across,
    /// Where the median lies.
    pub y: Down,
    /// The median.
    pub median: HalfUsd,
    /// Counted offers.
    pub offers: Offers,
}

/// Medians month by month, with the band of their quartiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthLine {
    /// The months that are published.
    pub points: Vec<Point>,
    /// Path of the medians, in a drawing 10,000 wide and `height` times ten high.
    pub line: String,
    /// Outlines of the quartile bands, one for each run of published months.
    pub band: String,
    /// Lines across at round salaries.
    pub rules: Vec<Rule>,
    /// Months under the plot.
    pub ticks: Vec<Tick>,
    /// Height, pixels.
    pub height: i64,
}

impl MonthLine {
    /// Draws the months; `None` when fewer than two are published.
    #[must_use]
    pub fn of(parts: &[Part<Month>]) -> Option<Self> {
        let published: Vec<&Spread> = parts
            .iter()
            .filter_map(|part| part.spread.as_ref())
            .collect();
        if published.len() < 2 {
            return None;
        }
        let lowest = published.iter().map(|part| part.p25.doubled() / 2).min()?;
        let highest = published
            .iter()
            .map(|part| part.p75.doubled() / 2 + 1)
            .max()?;
        let scale = Scale::between(lowest, highest, 4);
        let y = |amount: HalfUsd| {
            Down::from_bottom(
                amount.doubled() - 2 * scale.bottom,
                2 * (scale.top - scale.bottom),
                LINE,
            )
        };
        let count = signed(parts.len() as u64);
        let x = |place: i64| Across::of(2 * place + 1, 2 * count);
        let (mut line, mut band) = (String::new(), String::new());
        let mut run: Vec<(Across, &Spread)> = Vec::new();
        let mut points = Vec::new();
        for (part, place) in parts.iter().zip(0..) {
            if let Some(figures) = &part.spread {
                step(&mut line, run.is_empty(), x(place), y(figures.median));
                run.push((x(place), figures));
                points.push(Point {
                    month: part.of,
                    x: x(place),
                    y: y(figures.median),
                    median: figures.median,
                    offers: figures.counted(),
                });
            } else {
                outline(&mut band, &std::mem::take(&mut run), y);
            }
        }
        outline(&mut band, &run, y);
        Some(Self {
            points,
            line,
            band,
            rules: scale.rules(LINE, |value| {
                Label::Salary(Thousands(i32::try_from(value).unwrap_or(i32::MAX)))
            }),
            ticks: month_ticks(parts, x),
            height: LINE,
        })
    }
}

fn month_ticks(parts: &[Part<Month>], x: impl Fn(i64) -> Across) -> Vec<Tick> {
    let ticks = parts.iter().zip(0..).map(|(part, place)| {
        let month = part.of;
        let is_first_of_year = place == 0 || month.name() == "Jan";
        Tick {
            x: x(place),
            label: if is_first_of_year {
                Label::YearAndMonth(month)
            } else {
                Label::Month(month)
            },
            anchor: Anchor::Middle,
            minor: place % 4 != 0,
        }
    });
    ticks.collect()
}

/// Adds the closed outline of a run of months: along the upper quartiles and back along the lower ones.
fn outline(path: &mut String, run: &[(Across, &Spread)], y: impl Fn(HalfUsd) -> Down) {
    let upper = run.iter().map(|(x, part)| (*x, y(part.p75)));
    let lower = run.iter().rev().map(|(x, part)| (*x, y(part.p25)));
    for (place, (x, y)) in upper.chain(lower).enumerate() {
        step(path, place == 0, x, y);
    }
    if !run.is_empty() {
        path.push('Z');
    }
}

/// Adds a point to a path: a move to the first, a line to the others.
fn step(path: &mut String, is_first: bool, x: Across, y: Down) {
    let command = if is_first { "M" } else { "L" };
    // A String takes every write.
    let _ = write_all(path, &[&command, &x.0, &" ", &y.0]);
}

/// One line of the dot-range plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where the lower quartile lies.
    pub p25: Across,
    /// Where the median lies.
    pub median: Across,
    /// Where the upper quartile lies.
    pub p75: Across,
}

/// Places the parts' quartiles on one scale from zero, which all parts share. Unpublished parts have none.
#[must_use]
pub fn ranges(parts: &[Part<Seniority>]) -> Vec<Option<Range>> {
    let published = parts.iter().filter_map(|part| part.spread.as_ref());
    let highest = published.map(|part| part.p75.doubled()).max().unwrap_or(0);
    let top = highest + highest / 20;
    let place = |amount: HalfUsd| Across::of(amount.doubled(), top);
    parts
        .iter()
        .map(|part| {
            part.spread.as_ref().map(|figures| Range {
                p25: place(figures.p25),
                median: place(figures.median),
                p75: place(figures.p75),
            })
        })
        .collect()
}

/// A value axis with round ends and few steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    bottom: i64,
    top: i64,
    step: i64,
}

impl Scale {
    /// From zero to the first round number at or above `highest`, in at most `steps` steps.
    fn from_zero(highest: i64, steps: i64) -> Self {
        Self::between(0, highest, steps)
    }

    /// Between round numbers around both values.
    fn between(lowest: i64, highest: i64, steps: i64) -> Self {
        let step = round_step((highest - lowest).max(1), steps);
        Self {
            bottom: lowest.div_euclid(step) * step,
            top: (highest.max(lowest + 1) + step - 1).div_euclid(step) * step,
            step,
        }
    }

    fn rules(self, pixels: i64, label: impl Fn(i64) -> Label) -> Vec<Rule> {
        let steps = (self.top - self.bottom) / self.step;
        let rules = (0..=steps).map(|step| {
            let value = self.bottom + step * self.step;
            Rule {
                y: Down::from_bottom(value - self.bottom, self.top - self.bottom, pixels),
                label: label(value),
            }
        });
        rules.collect()
    }
}

/// The smallest of 1, 2, 5, 10, 20, ... of which at most `steps` cover a span.
fn round_step(span: i64, steps: i64) -> i64 {
    let mut ten = 1;
    loop {
        for digit in [1, 2, 5] {
            if ten * digit * steps >= span {
                return ten * digit;
            }
        }
        ten *= 10;
    }
}

/// Counts are far below 2^63.
fn signed(count: u64) -> i64 {
    count.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::MonthlyUsd;
    use crate::salaries::figures::{Distribution, Spans};

    fn figures(salaries: &[(i32, usize)]) -> Figures {
        let mut all = Vec::new();
        let mut spans = Spans::default();
        for &(salary, count) in salaries {
            for _ in 0..count {
                let salary = MonthlyUsd::new(salary).unwrap();
                all.push(salary);
                spans.add(salary, salary);
            }
        }
        let candidates = all.len() as u64;
        Figures::of(
            &all.into_iter().collect::<Distribution>(),
            &spans,
            candidates,
        )
        .unwrap()
    }

    #[test]
    fn the_scale_starts_at_zero_and_has_few_round_steps() {
        let scale = Scale::from_zero(45, 5);
        assert_eq!((scale.bottom, scale.top, scale.step), (0, 50, 10));
        let scale = Scale::from_zero(1, 5);
        assert_eq!((scale.top, scale.step), (1, 1));
        let labels: Vec<String> = Scale::from_zero(2300, 5)
            .rules(100, |value| Label::Offers(Grouped(value)))
            .into_iter()
            .map(|rule| rule.label.to_string())
            .collect();
        assert_eq!(labels, ["0", "500", "1,000", "1,500", "2,000", "2,500"]);
    }

    #[test]
    fn the_median_lies_inside_its_band() {
        let figures = figures(&[(2000, 10), (2250, 10), (2600, 10)]);
        let histogram = Histogram::of(&figures, "Jan\u{2013}Dec 2024");
        // $2,250 lies in the middle of the first of two bands.
        assert_eq!(histogram.median.0.to_string(), "25.00");
        assert_eq!(histogram.columns.len(), 2);
        assert_eq!(histogram.columns[0].y.to_string(), "0.0");
        assert_eq!(histogram.columns[0].offers, Offers(20));
        assert!(
            histogram.summary.contains("30 offers"),
            "{}",
            histogram.summary
        );
    }

    #[test]
    fn ticks_stand_at_round_salaries_and_open_ends_are_named() {
        let mut salaries: Vec<(i32, usize)> = (2..20).map(|half| (half * 500, 20)).collect();
        salaries.push((30_000, 1));
        let ticks = Histogram::of(&figures(&salaries), "").ticks;
        let labels: Vec<String> = ticks.iter().map(|tick| tick.label.to_string()).collect();
        assert_eq!(labels.first().unwrap(), "1k");
        assert_eq!(labels.last().unwrap(), "9.5k and more");
        assert!(labels.len() <= 17, "{labels:?}");
    }

    #[test]
    fn two_selections_share_an_axis() {
        let low = figures(&[(1000, 5), (1500, 5)]);
        let high = figures(&[(2500, 5), (3000, 5), (9000, 1)]);
        let margins = margins(&[&low, &high]);
        let draw = |figures, margins| Histogram::with_margins(figures, "", margins);
        let (low, high) = (draw(&low, margins[0]), draw(&high, margins[1]));
        // From $1,000 to $3,499: five bands, of which each side has two.
        assert_eq!(low.columns.len() + high.columns.len(), 4);
        assert_eq!(low.columns[0].left.to_string(), "0.00");
        assert_eq!(high.columns[0].left.to_string(), "60.00");
        assert_eq!(high.ticks.last().unwrap().label.to_string(), "3k and more");
    }

    #[test]
    fn a_single_band_of_every_salary_is_named_once() {
        let histogram = Histogram::of(&figures(&[(2000, 1), (2500, 3), (9000, 1)]), "");
        let labels: Vec<String> = histogram
            .ticks
            .iter()
            .map(|tick| tick.label.to_string())
            .collect();
        assert_eq!(labels, ["any salary"]);
    }

    #[test]
    fn months_without_figures_are_gaps() {
        let part = |month, median: Option<i32>| Part {
            of: Month::new(2024, month),
            candidates: 10,
            spread: median.map(|median| Spread {
                offers: 10,
                median: HalfUsd::mean(median, median),
                p25: HalfUsd::mean(median - 500, median - 500),
                p75: HalfUsd::mean(median + 500, median + 500),
            }),
        };
        let months = [
            part(1, Some(4000)),
            part(2, Some(4100)),
            part(3, None),
            part(4, Some(4200)),
        ];
        let line = MonthLine::of(&months).unwrap();
        assert_eq!(line.points.len(), 3);
        assert_eq!(line.line.matches('M').count(), 2);
        assert_eq!(line.band.matches('Z').count(), 2);
        assert_eq!(MonthLine::of(&months[2..]), None);
    }
}
