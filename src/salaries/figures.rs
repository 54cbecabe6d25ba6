//! The arithmetic of a selection's figures, after the definitions of the method page. Pure: no HTTP and no SQL.
//!
//! Everything here is computed from a [`Distribution`] of counted offers and the [`Spans`] of their candidates; integers
//! throughout.

use serde::{Deserialize, Serialize, Serializer};

use crate::money::{BAND_WIDTH, HalfUsd, MeanUsd, MonthlyUsd, Offers, Thousands};
use crate::written::{Short, write_all, written};

/// An end band with fewer candidates than this is folded into its neighbour.
const MIN_END_BAND_CANDIDATES: u64 = 3;
/// An end band with less than one offer in so many (0.5 %) is folded into its neighbour.
const END_BAND_SHARE: u64 = 200;

/// The figures of one selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Total: number of counted offers.
    pub offers: u64,
    /// Distinct candidates with an offer in the window, and those who never received one.
    pub candidates: u64,
    /// Counted offers for each candidate.
    pub proposals: Proposals,
    /// Percentiles of the salary over counted offers.
    pub percentiles: Percentiles,
    /// Mean salary over counted offers.
    pub average: MeanUsd,
    /// Lower bound of the band with the most offers, USD a month; of two alike, the lower one.
    pub fullest_band: i32,
    /// The histogram, from the lowest band to the highest, empty ones between them included.
    pub bands: Vec<Band>,
}

impl Figures {
    /// Its counted offers as readers see them.
    #[must_use]
    pub const fn counted(&self) -> Offers {
        Offers(self.offers)
    }

    /// The figures of the counted offers of a selection with so many candidates; `spans` says between which bands each
    /// candidate's counted offers lie. `None` when there is no offer or no candidate: no data is never shown as 0.
    #[must_use]
    pub fn of(distribution: &Distribution, spans: &Spans, candidates: u64) -> Option<Self> {
        let offers_in = distribution.by_band();
        Some(Self {
            offers: distribution.total(),
            candidates,
            proposals: Proposals::of(distribution.total(), candidates)?,
            percentiles: distribution.percentiles()?,
            average: distribution.average()?,
            fullest_band: fullest(&offers_in)?,
            bands: bands(&offers_in, spans),
        })
    }
}

/// The salaries of a list in which every counted offer stands once, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    salaries: Vec<MonthlyUsd>,
}

impl Distribution {
    /// Adds one offer at a salary that is not below those added before.
    pub fn push(&mut self, salary: MonthlyUsd) {
        self.salaries.push(salary);
    }

    /// Forgets its offers.
    pub fn clear(&mut self) {
        self.salaries.clear();
    }

    /// Number of offers.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.salaries.len() as u64
    }

    /// The percentile `p`, 1 to 99, by the averaged inverted distribution function (Hyndman and Fan, type 2): the
    /// smallest salary whose cumulated count times 100 exceeds `p` times the total; where it equals it, the mean of
    /// that salary and the next. `None` without offers.
    #[must_use]
    pub fn percentile(&self, p: usize) -> Option<HalfUsd> {
        let [lower, upper] = places_of_percentile(p, self.salaries.len());
        let dollars = |place: usize| Some(self.salaries.get(place)?.dollars());
        Some(HalfUsd::mean(dollars(lower)?, dollars(upper)?))
    }

    /// The median: the 50th percentile.
    #[must_use]
    pub fn median(&self) -> Option<HalfUsd> {
        self.percentile(50)
    }

    /// The five percentiles that are published.
    #[must_use]
    pub fn percentiles(&self) -> Option<Percentiles> {
        Some(Percentiles {
            p10: self.percentile(10)?,
            p25: self.percentile(25)?,
            median: self.median()?,
            p75: self.percentile(75)?,
            p90: self.percentile(90)?,
        })
    }

    /// The mean, rounded half up to cents. `None` without offers.
    #[must_use]
    pub fn average(&self) -> Option<MeanUsd> {
        let dollars = self
            .salaries
            .iter()
            .map(|salary| i64::from(salary.dollars()));
        MeanUsd::of(dollars.sum(), i64::try_from(self.salaries.len()).ok()?)
    }

    /// Offers in each band that has any, the lowest first, by the band's lower bound.
    fn by_band(&self) -> Vec<(i32, u64)> {
        let bands = self.salaries.chunk_by(|a, b| a.band() == b.band());
        let first = |salaries: &[MonthlyUsd]| salaries.first().map(|salary| salary.band());
        bands
            .filter_map(|salaries| Some((first(salaries)?, salaries.len() as u64)))
            .collect()
    }
}

impl FromIterator<MonthlyUsd> for Distribution {
    /// The distribution of a list in any order.
    fn from_iter<I: IntoIterator<Item = MonthlyUsd>>(salaries: I) -> Self {
        let mut salaries: Vec<MonthlyUsd> = salaries.into_iter().collect();
        salaries.sort_unstable();
        Self { salaries }
    }
}

/// The places in a sorted list of so many salaries whose mean is the percentile `p`.
const fn places_of_percentile(p: usize, total: usize) -> [usize; 2] {
    let upper = p * total / 100;
    if (p * total).is_multiple_of(100) {
        [upper.saturating_sub(1), upper]
    } else {
        [upper, upper]
    }
}

/// Finds the median and the quartiles of salaries that pass one after the other, the lowest first, and are as many as was said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quartiles {
    /// The places in the list that make them up, two for each.
    places: [usize; 6],
    /// The salaries at those places that have passed.
    salaries: [MonthlyUsd; 6],
    /// Which of the places comes next.
    next: usize,
    passed: usize,
}

impl Quartiles {
    /// Those of so many salaries.
    pub(super) const fn of(total: usize) -> Self {
        let [p25, after_p25] = places_of_percentile(25, total);
        let [median, after_median] = places_of_percentile(50, total);
        let [p75, after_p75] = places_of_percentile(75, total);
        Self {
            places: [p25, after_p25, median, after_median, p75, after_p75],
            salaries: [MonthlyUsd::LEAST; 6],
            next: 0,
            passed: 0,
        }
    }

    /// Takes the next salary.
    pub(super) fn pass(&mut self, salary: MonthlyUsd) {
        while self.places.get(self.next) == Some(&self.passed) {
            if let Some(found) = self.salaries.get_mut(self.next) {
                *found = salary;
            }
            self.next += 1;
        }
        self.passed += 1;
    }

    /// The lower quartile, the median and the upper quartile, once all have passed; `None` where there were none.
    pub(super) fn found(&self) -> Option<[HalfUsd; 3]> {
        let [p25, after_p25, median, after_median, p75, after_p75] =
            self.salaries.map(MonthlyUsd::dollars);
        let quartiles = [(p25, after_p25), (median, after_median), (p75, after_p75)];
        let all_are_found = self.next == self.places.len();
        all_are_found.then(|| quartiles.map(|(lower, upper)| HalfUsd::mean(lower, upper)))
    }
}

/// The lower bound of the band with the most offers, the lower one on a tie, before end bands are folded.
fn fullest(offers_in: &[(i32, u64)]) -> Option<i32> {
    offers_in
        .iter()
        .max_by_key(|(band, offers)| (*offers, std::cmp::Reverse(*band)))
        .map(|(band, _)| *band)
}

/// Between which bands each candidate's counted offers lie: what decides about folding end bands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// For each band, from the one at 0 on, the candidates whose lowest counted offer lies in it.
    lowest_in: Vec<u64>,
    /// The same for the highest counted offer.
    highest_in: Vec<u64>,
}

impl Spans {
    /// Adds a candidate with counted offers between two salaries.
    pub fn add(&mut self, lowest: MonthlyUsd, highest: MonthlyUsd) {
        add_in(&mut self.lowest_in, lowest.band());
        add_in(&mut self.highest_in, highest.band());
    }

    /// Forgets its candidates.
    pub fn clear(&mut self) {
        self.lowest_in.clear();
        self.highest_in.clear();
    }

    /// Candidates with an offer in this band or a higher one.
    fn up_from(&self, band: i32) -> u64 {
        let candidates = self.highest_in.iter();
        candidates.skip(place_of(band)).sum()
    }

    /// Candidates with an offer in this band or a lower one.
    fn down_from(&self, band: i32) -> u64 {
        let candidates = self.lowest_in.iter();
        candidates.take(place_of(band) + 1).sum()
    }
}

/// The place of a band among all bands.
fn place_of(band: i32) -> usize {
    usize::try_from(band / BAND_WIDTH).unwrap_or(0)
}

fn add_in(candidates: &mut Vec<u64>, band: i32) {
    let place = place_of(band);
    if candidates.len() <= place {
        candidates.resize(place + 1, 0);
    }
    if let Some(candidates) = candidates.get_mut(place) {
        *candidates += 1;
    }
}

/// Salaries below which so many of a hundred counted offers lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Percentiles {
    /// 10th percentile.
    pub p10: HalfUsd,
    /// 25th percentile, the lower quartile.
    pub p25: HalfUsd,
    /// 50th percentile.
    pub median: HalfUsd,
    /// 75th percentile, the upper quartile.
    pub p75: HalfUsd,
    /// 90th percentile.
    pub p90: HalfUsd,
}

/// Counted offers for each candidate, rounded half up to tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Proposals {
    tenths: u64,
}

impl Proposals {
    /// `offers / candidates`. `None` without candidates.
    #[must_use]
    pub fn of(offers: u64, candidates: u64) -> Option<Self> {
        let tenths = (20 * offers + candidates).checked_div(2 * candidates)?;
        Some(Self { tenths })
    }
}

written! {
    Proposals: |proposals, out| tenths(proposals.tenths).write_to(out);
}

/// Tenths as a decimal fraction: `12.3`.
pub(super) fn tenths(tenths: u64) -> Short {
    let mut text = Short::from("");
    text.then_number(tenths / 10)
        .then(".")
        .then_digits(tenths, 1);
    text
}

impl Serialize for Proposals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_u64(self.tenths);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "ratios stay far below 2^53, where a double holds every tenth"
        )]
        serializer.serialize_f64(self.tenths as f64 / 10.0)
    }
}

/// A column of the histogram: the offers at salaries from `from` to below `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// Lowest salary, USD a month; `None` where the band is open below.
    pub from: Option<i32>,
    /// The first salary above it, USD a month; `None` where the band is open above.
    pub to: Option<i32>,
    /// Number of counted offers.
    pub offers: u64,
}

impl Band {
    /// Whether it is an end band into which others were folded.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.from.is_none() || self.to.is_none()
    }

    /// The short name under the column: `5k+`, `15k and more`, `under 1k`.
    #[must_use]
    pub const fn label(&self) -> BandLabel {
        BandLabel(*self)
    }

    /// The salaries in it in full: `$5,000-5,499`, `$15,000 and more`, `under $1,000`.
    #[must_use]
    pub const fn range(&self) -> BandRange {
        BandRange(*self)
    }

    /// Its share of the offers.
    #[must_use]
    pub fn share_of(&self, total: u64) -> Share {
        let thousandths = (2000 * self.offers + total).checked_div(2 * total);
        Share {
            thousandths: thousandths.unwrap_or(0),
        }
    }
}

/// The short name of a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandLabel(Band);

/// The salaries of a band in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandRange(Band);

/// A share to a tenth of a percent: `12.3%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    thousandths: u64,
}

const EVERY_SALARY: &str = "any salary";

written! {
    BandLabel: |label, out| {
        match (label.0.from, label.0.to) {
            (Some(from), Some(_)) => write_all(out, &[&Thousands(from), &"+"]),
            (Some(from), None) => write_all(out, &[&Thousands(from), &" and more"]),
            (None, Some(to)) => write_all(out, &[&"under ", &Thousands(to)]),
            (None, None) => out.write_str(EVERY_SALARY),
        }
    };
    BandRange: |range, out| {
        let dollars = |before, dollars: i32| {
            let mut text = Short::from(before);
            text.then_groups(i64::from(dollars));
            text
        };
        match (range.0.from, range.0.to) {
            (Some(from), Some(to)) => {
                let mut text = dollars("$", from);
                text.then("-").then_groups(i64::from(to - 1)).write_to(out)
            }
            (Some(from), None) => dollars("$", from).then(" and more").write_to(out),
            (None, Some(to)) => dollars("under $", to).write_to(out),
            (None, None) => out.write_str(EVERY_SALARY),
        }
    };
    Share: |share, out| tenths(share.thousandths).then("%").write_to(out);
}

/// The histogram: bands of 500 dollars from the lowest offer's to the highest's, with small end bands folded inwards.
fn bands(offers_in: &[(i32, u64)], spans: &Spans) -> Vec<Band> {
    let total: u64 = offers_in.iter().map(|(_, offers)| offers).sum();
    let is_too_small = |offers: u64, candidates: u64| {
        candidates < MIN_END_BAND_CANDIDATES || offers * END_BAND_SHARE < total
    };
    let mut bands = unfolded(offers_in);
    while let [.., next, last] = bands.as_mut_slice()
        && last
            .from
            .is_some_and(|from| is_too_small(last.offers, spans.up_from(from)))
    {
        next.offers += last.offers;
        next.to = None;
        bands.pop();
    }
    // The other end, walked from the front, so that folding costs each band once.
    bands.reverse();
    let mut first_band = offers_in.first().map_or(0, |(band, _)| *band);
    while let [.., next, first] = bands.as_mut_slice()
        && is_too_small(first.offers, spans.down_from(first_band))
    {
        next.offers += first.offers;
        next.from = None;
        first_band += BAND_WIDTH;
        bands.pop();
    }
    bands.reverse();
    bands
}

/// Every band between the lowest offer's and the highest's.
fn unfolded(offers_in: &[(i32, u64)]) -> Vec<Band> {
    let (Some((lowest, _)), Some((highest, _))) = (offers_in.first(), offers_in.last()) else {
        return Vec::new();
    };
    let mut filled = offers_in.iter().peekable();
    (0..=(highest - lowest) / BAND_WIDTH)
        .map(|step| {
            let from = lowest + step * BAND_WIDTH;
            let here = filled.next_if(|(band, _)| *band == from);
            Band {
                from: Some(from),
                to: Some(from + BAND_WIDTH),
                offers: here.map_or(0, |(_, offers)| *offers),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    /// (salary, offers) for each candidate.
    type Vector = &'static [(i32, u64)];

    /// One counted offer: whose, and at which salary.
    #[derive(Clone, Copy, Debug)]
    struct CountedOffer {
        candidate: usize,
        salary: MonthlyUsd,
    }

    fn spans(offers: &[CountedOffer]) -> Spans {
        let mut of_candidate = BTreeMap::<usize, Vec<MonthlyUsd>>::new();
        for offer in offers {
            of_candidate
                .entry(offer.candidate)
                .or_default()
                .push(offer.salary);
        }
        let mut spans = Spans::default();
        for salaries in of_candidate.into_values() {
            spans.add(
                *salaries.iter().min().unwrap(),
                *salaries.iter().max().unwrap(),
            );
        }
        spans
    }

    fn offers_at(offers: &[CountedOffer]) -> Distribution {
        offers.iter().map(|offer| offer.salary).collect()
    }

    fn figures_of(offers: &[CountedOffer], candidates: u64) -> Option<Figures> {
        Figures::of(&offers_at(offers), &spans(offers), candidates)
    }

    fn bands_of(offers: &[CountedOffer]) -> Vec<Band> {
        bands(&offers_at(offers).by_band(), &spans(offers))
    }

    fn expand(vector: &[(i32, u64)]) -> Vec<CountedOffer> {
        let mut offers = Vec::new();
        for (candidate, &(salary, count)) in vector.iter().enumerate() {
            let salary = MonthlyUsd::new(salary).unwrap();
            offers.extend((0..count).map(|_| CountedOffer { candidate, salary }));
        }
        offers
    }

    fn distribution(vector: &[(i32, u64)]) -> Distribution {
        offers_at(&expand(vector))
    }

    /// Bands before folding, as the test vectors list them: empty ones left out.
    fn filled_bands(vector: &[(i32, u64)]) -> Vec<(String, u64)> {
        unfolded(&distribution(vector).by_band())
            .iter()
            .filter(|band| band.offers > 0)
            .map(|band| {
                (
                    band.label().to_string().trim_end_matches('+').to_owned(),
                    band.offers,
                )
            })
            .collect()
    }

    #[test]
    fn the_test_vectors_hold() {
        type Expected = (Vector, u64, [f64; 5], f64, &'static [(&'static str, u64)]);
        let vectors: &[Expected] = &[
            (&[(4500, 10)], 10, [4500.0; 5], 4500.0, &[("4.5k", 10)]),
            (
                &[(4500, 10), (8000, 1)],
                11,
                [4500.0; 5],
                4818.18,
                &[("4.5k", 10), ("8k", 1)],
            ),
            (
                &[(3000, 1), (5000, 1)],
                2,
                [3000.0, 3000.0, 4000.0, 5000.0, 5000.0],
                4000.0,
                &[("3k", 1), ("5k", 1)],
            ),
            (
                &[(2000, 2), (3000, 1), (9000, 1)],
                4,
                [2000.0, 2000.0, 2500.0, 6000.0, 9000.0],
                4000.0,
                &[("2k", 2), ("3k", 1), ("9k", 1)],
            ),
            (
                &[(4999, 3), (5000, 4), (5499, 2), (5500, 1)],
                10,
                [4999.0, 4999.0, 5000.0, 5499.0, 5499.5],
                5149.5,
                &[("4.5k", 3), ("5k", 6), ("5.5k", 1)],
            ),
            (
                &[(1500, 1), (2500, 6), (3500, 9), (4500, 4), (7000, 2)],
                22,
                [2500.0, 2500.0, 3500.0, 4500.0, 4500.0],
                3636.36,
                &[
                    ("1.5k", 1),
                    ("2.5k", 6),
                    ("3.5k", 9),
                    ("4.5k", 4),
                    ("7k", 2),
                ],
            ),
        ];
        for (vector, total, expected, average, bands) in vectors {
            let distribution = distribution(vector);
            assert_eq!(distribution.total(), *total, "{vector:?}");
            for (p, expected) in [10, 25, 50, 75, 90].into_iter().zip(expected) {
                let doubled = distribution.percentile(p).unwrap().doubled();
                let got = f64::from(i32::try_from(doubled).unwrap()) / 2.0;
                assert!(
                    (got - expected).abs() < f64::EPSILON,
                    "{vector:?} p{p}: {got}"
                );
            }
            let cents = distribution.average().unwrap().cents();
            let got = f64::from(i32::try_from(cents).unwrap()) / 100.0;
            assert!((got - average).abs() < 0.001, "{vector:?}: {got}");
            let expected: Vec<(String, u64)> = bands
                .iter()
                .map(|&(label, offers)| (label.to_owned(), offers))
                .collect();
            assert_eq!(filled_bands(vector), expected, "{vector:?}");
        }
    }

    #[test]
    fn without_offers_there_are_no_figures() {
        assert_eq!(figures_of(&[], 10), None);
        assert_eq!(figures_of(&expand(&[(4500, 1)]), 0), None);
        assert_eq!(Distribution::default().percentile(50), None);
    }

    #[test]
    fn proposals_are_rounded_half_up_to_tenths() {
        let proposals = |offers, candidates| Proposals::of(offers, candidates).unwrap().to_string();
        assert_eq!(proposals(571, 571), "1.0");
        assert_eq!(proposals(1, 20), "0.1");
        assert_eq!(proposals(1, 21), "0.0");
        assert_eq!(proposals(7, 2), "3.5");
        assert_eq!(
            serde_json::to_string(&Proposals::of(571, 571).unwrap()).unwrap(),
            "1.0"
        );
    }

    #[test]
    fn the_lower_of_two_fullest_bands_is_named() {
        assert_eq!(
            fullest(&distribution(&[(2000, 2), (4000, 2)]).by_band()),
            Some(2000)
        );
        assert_eq!(
            fullest(&distribution(&[(2000, 2), (4000, 3)]).by_band()),
            Some(4000)
        );
    }

    /// So many candidates with one offer each.
    fn crowd(salary: i32, candidates: usize) -> Vec<(i32, u64)> {
        vec![(salary, 1); candidates]
    }

    fn drawn(vector: &[(i32, u64)]) -> Vec<(String, u64)> {
        bands_of(&expand(vector))
            .iter()
            .map(|band| (band.label().to_string(), band.offers))
            .collect()
    }

    fn labelled(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
        expected
            .iter()
            .map(|&(label, offers)| (label.to_owned(), offers))
            .collect()
    }

    #[test]
    fn end_bands_of_few_candidates_are_folded_and_say_so() {
        let market = [
            crowd(900, 1),
            crowd(1200, 3),
            crowd(2100, 9),
            crowd(2600, 4),
            crowd(15_000, 1),
        ]
        .concat();
        assert_eq!(
            drawn(&market),
            labelled(&[
                ("under 1.5k", 4),
                ("1.5k+", 0),
                ("2k+", 9),
                ("2.5k and more", 5)
            ])
        );
    }

    #[test]
    fn one_candidate_with_many_offers_does_not_hold_up_an_end_band() {
        let market = [crowd(2000, 5), vec![(4000, 50)]].concat();
        assert_eq!(drawn(&market), labelled(&[("2k and more", 55)]));
    }

    #[test]
    fn a_candidate_counts_once_in_a_folded_band() {
        // The same two candidates in both upper bands: folded together they are still two.
        let at = |candidate, salary| CountedOffer {
            candidate,
            salary: MonthlyUsd::new(salary).unwrap(),
        };
        let mut offers: Vec<CountedOffer> = (0..6).map(|candidate| at(candidate, 2000)).collect();
        offers.extend([at(10, 2500), at(11, 2500), at(10, 3000), at(11, 3000)]);
        let labels: Vec<String> = bands_of(&offers)
            .iter()
            .map(|band| band.label().to_string())
            .collect();
        assert_eq!(labels, ["2k and more"]);
    }

    #[test]
    fn end_bands_with_less_than_half_a_percent_of_the_offers_are_folded() {
        let market = [crowd(2000, 597), crowd(2500, 3)].concat();
        assert_eq!(drawn(&market), labelled(&[("2k+", 597), ("2.5k+", 3)]));
        let market = [crowd(2000, 598), crowd(2500, 3)].concat();
        assert_eq!(drawn(&market), labelled(&[("2k and more", 601)]));
    }

    #[test]
    fn the_last_band_stays_however_small() {
        assert_eq!(drawn(&crowd(2000, 1)), labelled(&[("2k+", 1)]));
        let market = [crowd(2000, 1), crowd(2500, 3), crowd(9000, 1)].concat();
        assert_eq!(drawn(&market), labelled(&[("any salary", 5)]));
    }

    #[test]
    fn a_band_names_its_salaries_and_its_share() {
        let band = Band {
            from: Some(5000),
            to: Some(5500),
            offers: 1,
        };
        assert_eq!(band.label().to_string(), "5k+");
        assert_eq!(band.range().to_string(), "$5,000-5,499");
        assert_eq!(band.share_of(8).to_string(), "12.5%");
        assert_eq!(band.share_of(0).to_string(), "0.0%");
        let open = Band { to: None, ..band };
        assert_eq!(open.range().to_string(), "$5,000 and more");
        assert!(open.is_open() && !band.is_open());
    }

    fn vectors() -> impl Strategy<Value = Vec<(i32, u64)>> {
        prop::collection::vec((1..40_000_i32, 0..12_u64), 1..60)
    }

    /// The percentile of a plain sorted list, by its textbook definition on positions.
    fn percentile_of_sorted(sorted: &[i32], p: usize) -> i64 {
        let position = sorted.len() * p;
        let upper = sorted[(position / 100).min(sorted.len() - 1)];
        if position.is_multiple_of(100) {
            i64::from(sorted[position / 100 - 1]) + i64::from(upper)
        } else {
            2 * i64::from(upper)
        }
    }

    proptest! {
        #[test]
        fn row_order_is_irrelevant(vector in vectors(), seed in any::<u64>()) {
            let offers = expand(&vector);
            let mut shuffled = offers.clone();
            let key = |offer: &CountedOffer| (offer.candidate as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            shuffled.sort_by_key(key);
            prop_assert_eq!(figures_of(&offers, 7), figures_of(&shuffled, 7));
        }

        #[test]
        fn percentiles_are_those_of_the_sorted_list(vector in vectors()) {
            let mut sorted: Vec<i32> = expand(&vector).iter().map(|offer| offer.salary.dollars()).collect();
            sorted.sort_unstable();
            prop_assume!(!sorted.is_empty());
            let distribution = distribution(&vector);
            for p in [10, 25, 50, 75, 90] {
                prop_assert_eq!(
                    distribution.percentile(p).unwrap().doubled(),
                    percentile_of_sorted(&sorted, p)
                );
            }
        }

        #[test]
        fn quartiles_of_salaries_that_pass_are_those_of_the_list(vector in vectors()) {
            let mut offers = expand(&vector);
            offers.sort_unstable_by_key(|offer| offer.salary);
            let mut quartiles = Quartiles::of(offers.len());
            for offer in &offers {
                quartiles.pass(offer.salary);
            }
            let distribution = distribution(&vector);
            let percentiles = [25, 50, 75].map(|p| distribution.percentile(p));
            prop_assert_eq!(quartiles.found().map(|found| found.map(Some)), percentiles[0].map(|_| percentiles));
        }

        #[test]
        fn percentiles_do_not_cross(vector in vectors()) {
            if let Some(p) = distribution(&vector).percentiles() {
                prop_assert!(p.p10 <= p.p25 && p.p25 <= p.median && p.median <= p.p75 && p.p75 <= p.p90);
            }
        }

        #[test]
        fn an_offer_above_the_median_never_lowers_it(vector in vectors(), more in 0..5000_i32) {
            if let Some(median) = distribution(&vector).median() {
                let above = i32::try_from(median.doubled() / 2 + 1).unwrap() + more;
                let mut raised = vector.clone();
                raised.push((above, 1));
                prop_assert!(distribution(&raised).median().unwrap() >= median);
            }
        }

        #[test]
        fn the_bars_add_up_to_the_total_and_join(vector in vectors()) {
            let offers = expand(&vector);
            let bands = bands_of(&offers);
            prop_assert_eq!(bands.iter().map(|band| band.offers).sum::<u64>(), offers.len() as u64);
            for pair in bands.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert!(pair[0].to.is_some());
            }
        }

        #[test]
        fn a_closed_end_band_is_never_small(vector in vectors()) {
            let offers = expand(&vector);
            let bands = bands_of(&offers);
            if bands.len() > 1 {
                for end in [&bands[0], &bands[bands.len() - 1]] {
                    prop_assert!(end.offers * END_BAND_SHARE >= offers.len() as u64);
                }
            }
        }
    }
}
