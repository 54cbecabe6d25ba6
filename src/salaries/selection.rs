//! From the facts of a role's candidates to the findings of a selection: window, pay basis, filters and parts. Pure: no
//! HTTP, no SQL.
//!
//! [`Survey`] asks one question of block after block; `derive` asks every question that is kept ready. Both count with
//! the same `Count`.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::mem::{swap, take};

use serde::{Deserialize, Serialize};

use super::facts::{
    Conditions, Dimension, Facts, Offer, Packed, Profile, number, read_number, slice, word,
    write_number,
};
use super::figures::{Distribution, Figures, Quartiles, Spans};
use super::filter::Filters;
use super::window::{Month, Window};
use crate::ids::{SourceId, TechnologyId};
use crate::market::{PayBasis, Seniority};
use crate::money::{HalfUsd, MonthlyUsd, Offers};

/// All that a page tells of a selection. Nothing is held back yet: what is too small to be published is left out by
/// [`Part::published`] and its like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// The months that the figures come from; `None` where no offer was ever counted.
    pub window: Option<Window>,
    /// The pay basis of the figures.
    pub pay: PayBasis,
    /// Distinct candidates with an offer in the window, counted or not, and those who never received one.
    pub candidates: u64,
    /// The figures; `None` where no offer is counted.
    pub figures: Option<Figures>,
    /// By seniority, the lowest first; those with any candidate.
    pub by_seniority: Vec<Part<Seniority>>,
    /// The twelve months of the window. A month's candidates are those with an offer in it.
    pub by_month: Vec<Part<Month>>,
    /// The sources of the counted offers, by key.
    pub sources: Vec<SourceId>,
    /// What filters could choose.
    pub choices: Choices,
    /// The role's technologies under the same filters, whatever technology is selected, those with the most counted offers
    /// first; `None` where they are those of the role's own findings.
    pub technologies: Option<Vec<TechnologyPart>>,
}

/// Where the middle and the middle half of counted offers lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Counted offers, at least one.
    pub offers: u64,
    /// Median salary.
    pub median: HalfUsd,
    /// Lower quartile.
    pub p25: HalfUsd,
    /// Upper quartile.
    pub p75: HalfUsd,
}

impl Spread {
    /// Its counted offers as readers see them.
    #[must_use]
    pub const fn counted(&self) -> Offers {
        Offers(self.offers)
    }

    fn of(distribution: &Distribution) -> Option<Self> {
        Some(Self {
            offers: distribution.total(),
            median: distribution.median()?,
            p25: distribution.percentile(25)?,
            p75: distribution.percentile(75)?,
        })
    }

    /// The same of so many counted offers that have all passed.
    fn of_passed(quartiles: &Quartiles, offers: usize) -> Option<Self> {
        let [p25, median, p75] = quartiles.found()?;
        Some(Self {
            offers: offers as u64,
            median,
            p25,
            p75,
        })
    }
}

/// A part of a selection: one seniority, month or technology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<T> {
    /// Which part.
    pub of: T,
    /// Its candidates.
    pub candidates: u64,
    /// Its counted offers; `None` without any.
    pub spread: Option<Spread>,
}

impl<T> Part<T> {
    /// The part without its figures where it has fewer candidates than figures are published of.
    #[must_use]
    pub fn published(self, min_candidates: u64) -> Self {
        let spread = self.spread.filter(|_| self.candidates >= min_candidates);
        Self { spread, ..self }
    }
}

/// Counted offers and candidates of the twelve months before a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Counted offers.
    pub offers: u64,
    /// Candidates, as in the window.
    pub candidates: u64,
}

/// A technology of the role, with what it was the year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TechnologyPart {
    /// The part.
    pub part: Part<TechnologyId>,
    /// The twelve months before; `None` where the data does not reach back so far.
    pub former: Option<Former>,
}

impl TechnologyPart {
    /// The part as it is published.
    #[must_use]
    pub fn published(self, min_candidates: u64) -> Self {
        let former = self
            .former
            .filter(|former| former.candidates >= min_candidates);
        Self {
            part: self.part.published(min_candidates),
            former,
        }
    }

    /// Change of its counted offers against the twelve months before, whole percent.
    #[must_use]
    pub fn change(&self) -> Option<i64> {
        percent_change(self.former?.offers, self.part.spread?.offers)
    }
}

/// For each filter, the values that would leave any counted offer, the other filters kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// For each [`Dimension`], in the order of [`Dimension::ALL`], the values, ascending.
    values: [Vec<u32>; 4],
    /// Pay bases.
    pub pay: Vec<PayBasis>,
    /// Calendar years, the newest first.
    pub years: Vec<i32>,
}

impl Choices {
    /// The values of a dimension, ascending.
    #[must_use]
    pub fn values(&self, dimension: Dimension) -> &[u32] {
        let mut values = Dimension::ALL.into_iter().zip(&self.values);
        let found = values.find(|(other, _)| *other == dimension);
        found.map_or(&[], |(_, values)| values)
    }

    /// Whether the profile's value in a dimension would leave any offer.
    #[must_use]
    pub fn leave(&self, dimension: Dimension, profile: Profile) -> bool {
        let value = profile.value(dimension);
        self.values(dimension).binary_search(&value).is_ok()
    }

    pub(super) fn set(&mut self, dimension: Dimension, values: &[u32]) {
        let all = Dimension::ALL.into_iter().zip(&mut self.values);
        for (_, place) in all.filter(|(other, _)| *other == dimension).take(1) {
            *place = values.to_vec();
        }
    }
}

/// A window and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) window: Option<Window>,
}

impl Frame {
    fn place(self, month: Month) -> Option<usize> {
        self.window?.place(month)
    }

    fn is_before(self, month: Month) -> bool {
        self.window
            .is_some_and(|window| window.before().contains(month))
    }

    /// Whether data with that oldest counted month covers all of the window before.
    fn is_reached_by(self, oldest: Oldest) -> bool {
        self.window
            .is_some_and(|window| oldest.0 <= window.before().from)
    }
}

/// The month of the oldest counted offer; later than any where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Oldest(Month);

impl Default for Oldest {
    fn default() -> Self {
        Self(Month::new(9999, 12))
    }
}

/// Values below 1,024 that were met.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met([u64; 16]);

impl Met {
    pub(super) fn add(&mut self, value: u32) {
        if let Some(bits) = self.0.get_mut((value / 64) as usize) {
            *bits |= 1 << (value % 64);
        }
    }

    fn has(&self, value: u32) -> bool {
        let bits = self.0.get((value / 64) as usize);
        bits.is_some_and(|bits| bits >> (value % 64) & 1 == 1)
    }

    fn join(&mut self, other: Self) {
        for (bits, more) in self.0.iter_mut().zip(other.0) {
            *bits |= more;
        }
    }

    /// The values from 1, ascending: 0 is unknown.
    pub(super) fn values(&self) -> Vec<u32> {
        let mut values = Vec::new();
        for (first, mut bits) in (0..).step_by(64).zip(self.0) {
            while bits != 0 {
                values.push(first + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        values.retain(|value| *value != 0);
        values
    }
}

/// Years since 1990, up to 2117.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Years(u128);

const FIRST_YEAR: i32 = 1990;

impl Years {
    const ALL: Self = Self(u128::MAX);

    fn add(&mut self, year: i32) {
        self.0 |= Self::bit(year);
    }

    fn has(self, year: i32) -> bool {
        self.0 & Self::bit(year) != 0
    }

    fn bit(year: i32) -> u128 {
        1 << (year - FIRST_YEAR).clamp(0, 127)
    }

    /// The newest first.
    pub(super) fn newest_first(self, other: Self) -> Vec<i32> {
        let both = self.0 | other.0;
        let years = (0..128).rev().filter(|year| both >> year & 1 == 1);
        years.map(|year| FIRST_YEAR + year).collect()
    }
}

/// A counted offer of a window: 20 bits of the salary, four of the month's place, one of the pay basis, and three of the
/// candidate's seniority. So the order is that of salaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted(u32);

impl Counted {
    fn new(salary: MonthlyUsd, month: usize, pay: PayBasis, profile: Profile) -> Self {
        let salary = salary.dollars().cast_unsigned() << 8;
        let month = u32::try_from(month).unwrap_or(0) << 4;
        let pay = u32::from(pay == PayBasis::Net) << 3;
        Self(salary | month | pay | profile.value(Dimension::Seniority))
    }

    fn salary(self) -> MonthlyUsd {
        MonthlyUsd::new((self.0 >> 8).cast_signed()).unwrap_or(MonthlyUsd::LEAST)
    }

    /// The month's place in the window.
    const fn month(self) -> usize {
        (self.0 >> 4 & 0xf) as usize
    }

    const fn pay(self) -> PayBasis {
        if self.0 >> 3 & 1 == 0 {
            PayBasis::Gross
        } else {
            PayBasis::Net
        }
    }

    /// The seniority's value.
    const fn seniority(self) -> usize {
        (self.0 & 0x7) as usize
    }
}

/// What one candidate adds to a selection, but for the counted offers themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contribution {
    source: SourceId,
    pay: PayBasis,
    profile: Profile,
    /// Whether the candidate belongs to the window.
    is_there: bool,
    /// Whether the candidate belongs to the twelve months before.
    was_there: bool,
    /// The months of the window with an offer, counted or not, a bit each.
    months: u16,
    /// The lowest and the highest salary of the counted offers of the window.
    span: Option<(MonthlyUsd, MonthlyUsd)>,
    /// Counted offers of the twelve months before.
    former_offers: u32,
    /// The oldest counted offer, in the window or not.
    oldest: Oldest,
    /// Years with counted offers, in the window or not.
    years: Years,
    /// Years with offers, counted or not; all years where there is none.
    years_there: Years,
}

impl Contribution {
    /// That of a candidate, whose offers come with the lowest salary first. The counted ones of the window are added to a list.
    pub(super) fn of(
        frame: Frame,
        (source, pay): (SourceId, PayBasis),
        profile: Profile,
        offers: impl Iterator<Item = Offer>,
        counted: &mut Vec<Counted>,
    ) -> Self {
        let mut contribution = Self {
            source,
            pay,
            profile,
            is_there: false,
            was_there: false,
            months: 0,
            span: None,
            former_offers: 0,
            oldest: Oldest::default(),
            years: Years::default(),
            years_there: Years::default(),
        };
        for offer in offers {
            let month = offer.month();
            contribution.years_there.add(month.year());
            if offer.is_counted() {
                contribution.years.add(month.year());
                contribution.oldest = contribution.oldest.min(Oldest(month));
            }
            if let Some(place) = frame.place(month) {
                contribution.months |= 1 << place;
                if offer.is_counted() {
                    let salary = offer.salary();
                    let lowest = contribution.span.map_or(salary, |(lowest, _)| lowest);
                    contribution.span = Some((lowest, salary));
                    counted.push(Counted::new(salary, place, pay, profile));
                }
            } else if frame.is_before(month) {
                contribution.was_there = true;
                contribution.former_offers += u32::from(offer.is_counted());
            }
        }
        if contribution.years_there == Years::default() {
            contribution.is_there = true;
            contribution.was_there = true;
            contribution.years_there = Years::ALL;
        } else {
            contribution.is_there = contribution.months != 0;
        }
        contribution
    }

    /// Whether the candidate may belong to a calendar year or to the one before.
    pub(super) fn may_add_to(&self, year: i32) -> bool {
        self.years_there.has(year) || self.years_there.has(year - 1)
    }
}

/// What is counted of the candidates of a selection of one pay basis, but for the counted offers themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    candidates: u64,
    of_month: [u64; 12],
    of_seniority: [u64; 8],
    spans: Spans,
    /// Sources of counted offers in the window.
    sources: Vec<SourceId>,
    former: Former,
    oldest: Oldest,
    years: Years,
    /// Values of candidates with counted offers in the window, by dimension.
    met: [Met; 4],
}

impl Tally {
    /// Adds a candidate.
    fn add(&mut self, contribution: &Contribution) {
        let profile = contribution.profile;
        if let Some((lowest, highest)) = contribution.span {
            self.spans.add(lowest, highest);
            if !self.sources.contains(&contribution.source) {
                self.sources.push(contribution.source);
            }
            for (met, dimension) in self.met.iter_mut().zip(Dimension::ALL) {
                met.add(profile.value(dimension));
            }
        }
        self.former.candidates += u64::from(contribution.was_there);
        self.former.offers += u64::from(contribution.former_offers);
        self.years.0 |= contribution.years.0;
        self.oldest = self.oldest.min(contribution.oldest);
        if !contribution.is_there {
            return;
        }
        self.candidates += 1;
        let seniority = profile.value(Dimension::Seniority);
        if let Some(candidates) = self.of_seniority.get_mut(seniority as usize) {
            *candidates += 1;
        }
        let mut months = contribution.months;
        while months != 0 {
            if let Some(candidates) = self.of_month.get_mut(months.trailing_zeros() as usize) {
                *candidates += 1;
            }
            months &= months - 1;
        }
    }

    /// Whether adding a candidate would change anything: most received their offers in other years.
    fn changes_by(&self, contribution: &Contribution) -> bool {
        contribution.is_there
            || contribution.was_there
            || contribution.oldest < self.oldest
            || contribution.years.0 & !self.years.0 != 0
    }

    /// Forgets everything but the room.
    fn clear(&mut self) {
        let (mut spans, mut sources) = (take(&mut self.spans), take(&mut self.sources));
        spans.clear();
        sources.clear();
        *self = Self {
            spans,
            sources,
            ..Self::default()
        };
    }
}

/// What is counted of the candidates of a selection of one pay basis.
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    tally: Tally,
    /// The counted offers of the window, of each of its months, and of each seniority.
    all: Distribution,
    by_month: [Distribution; 12],
    by_seniority: [Distribution; 8],
}

impl Count {
    /// Adds a counted offer of the window, which has no lower salary than those before.
    fn push(&mut self, counted: Counted) {
        let salary = counted.salary();
        self.all.push(salary);
        if let Some(month) = self.by_month.get_mut(counted.month()) {
            month.push(salary);
        }
        if let Some(level) = self.by_seniority.get_mut(counted.seniority()) {
            level.push(salary);
        }
    }

    /// Exchanges its tally for another, and forgets the counted offers. Lists that have grown stay as large, so that they need not
    /// grow again.
    fn begin(&mut self, tally: &mut Tally) {
        swap(&mut self.tally, tally);
        self.all.clear();
        self.by_month.iter_mut().for_each(Distribution::clear);
        self.by_seniority.iter_mut().for_each(Distribution::clear);
    }

    /// The selection as a technology of a role whose counted offers reach back to `oldest`; `None` where nobody knows it.
    pub(super) fn as_technology(
        &self,
        frame: Frame,
        of: TechnologyId,
        oldest: Oldest,
    ) -> Option<TechnologyPart> {
        let spread = Spread::of(&self.all);
        technology_part(
            of,
            self.tally.candidates,
            spread,
            self.tally.former,
            frame,
            oldest,
        )
    }

    pub(super) const fn oldest(&self) -> Oldest {
        self.tally.oldest
    }

    /// Whether anyone was added who is there in the window.
    pub(super) const fn has_candidates(&self) -> bool {
        self.tally.candidates > 0
    }

    /// What was counted, without choices and technologies.
    fn findings(&self, frame: Frame, pay: PayBasis) -> Findings {
        let tally = &self.tally;
        let by_seniority = (0..)
            .zip(self.by_seniority.iter().zip(tally.of_seniority))
            .filter_map(|(value, (distribution, candidates))| {
                Some(Part {
                    of: word(Seniority::ALL, value)?,
                    candidates,
                    spread: Spread::of(distribution),
                })
            })
            .filter(|part| part.candidates > 0);
        let by_month = frame
            .window
            .into_iter()
            .flat_map(Window::months)
            .zip(self.by_month.iter().zip(tally.of_month))
            .map(|(of, (distribution, candidates))| Part {
                of,
                candidates,
                spread: Spread::of(distribution),
            });
        let mut sources = tally.sources.clone();
        sources.sort_unstable();
        Findings {
            window: frame.window,
            pay,
            candidates: tally.candidates,
            by_seniority: by_seniority.collect(),
            by_month: by_month.collect(),
            sources,
            choices: Choices::default(),
            technologies: None,
            figures: Figures::of(&self.all, &tally.spans, tally.candidates),
        }
    }
}

fn technology_part(
    of: TechnologyId,
    candidates: u64,
    spread: Option<Spread>,
    former: Former,
    frame: Frame,
    oldest: Oldest,
) -> Option<TechnologyPart> {
    (candidates > 0).then(|| TechnologyPart {
        part: Part {
            of,
            candidates,
            spread,
        },
        former: frame.is_reached_by(oldest).then_some(former),
    })
}

/// What is counted of a selection, gross and net apart: pay bases are never mixed.
#[derive(Clone, Debug, Default)]
pub(super) struct ByPay<T> {
    pub(super) gross: T,
    pub(super) net: T,
}

impl<T> ByPay<T> {
    pub(super) const fn of(&self, pay: PayBasis) -> &T {
        match pay {
            PayBasis::Gross => &self.gross,
            PayBasis::Net => &self.net,
        }
    }

    pub(super) const fn of_mut(&mut self, pay: PayBasis) -> &mut T {
        match pay {
            PayBasis::Gross => &mut self.gross,
            PayBasis::Net => &mut self.net,
        }
    }
}

impl ByPay<u64> {
    /// The pay basis with the most counted offers, gross on a tie; `None` without any.
    const fn fullest(&self) -> Option<PayBasis> {
        match (self.gross, self.net) {
            (0, 0) => None,
            (gross, net) if net > gross => Some(PayBasis::Net),
            _ => Some(PayBasis::Gross),
        }
    }
}

impl ByPay<Tally> {
    /// Adds a candidate.
    pub(super) fn add(&mut self, contribution: &Contribution) {
        self.of_mut(contribution.pay).add(contribution);
    }

    /// Forgets everything but the room.
    pub(super) fn clear(&mut self) {
        self.gross.clear();
        self.net.clear();
    }

    /// Takes over what does not depend on the window from another tally, of the same candidates.
    pub(super) fn reach_as_far_as(&mut self, other: &Self) {
        for pay in PayBasis::ALL {
            let (own, other) = (self.of_mut(*pay), other.of(*pay));
            own.years = other.years;
            own.oldest = other.oldest;
        }
    }
}

impl ByPay<Count> {
    /// Numbers of counted offers in the window.
    fn offers(&self) -> ByPay<u64> {
        ByPay {
            gross: self.gross.all.total(),
            net: self.net.all.total(),
        }
    }

    /// The pay basis with the most counted offers in the window, gross on a tie; `None` without any.
    pub(super) fn fullest(&self) -> Option<PayBasis> {
        self.offers().fullest()
    }

    /// Whether adding a candidate would change anything.
    fn changes_by(&self, contribution: &Contribution) -> bool {
        self.of(contribution.pay).tally.changes_by(contribution)
    }

    /// Adds a candidate but for the counted offers.
    fn add(&mut self, contribution: &Contribution) {
        self.of_mut(contribution.pay).tally.add(contribution);
    }

    /// Adds counted offers of the window, those with the lowest salary first.
    fn extend(&mut self, counted: impl IntoIterator<Item = Counted>) {
        for counted in counted {
            self.of_mut(counted.pay()).push(counted);
        }
    }

    /// Is the count of another selection from now on: of its tally, in whose place an old one is left, and its counted offers,
    /// those with the lowest salary first.
    pub(super) fn turn_to(
        &mut self,
        tally: &mut ByPay<Tally>,
        counted: impl IntoIterator<Item = Counted>,
    ) {
        self.gross.begin(&mut tally.gross);
        self.net.begin(&mut tally.net);
        self.extend(counted);
    }

    /// The findings of a pay basis. `asked` says whether it was asked for: then it counts as a filter, and choices are
    /// those of its own offers.
    pub(super) fn findings(&self, frame: Frame, pay: PayBasis, asked: bool) -> Findings {
        let met = |dimension: usize| {
            let of = |count: &Count| count.tally.met.get(dimension).copied().unwrap_or_default();
            let mut met = of(self.of(pay));
            if !asked {
                met.join(of(self.of(other(pay))));
            }
            met.values()
        };
        let years = |pay| self.of(pay).tally.years;
        let more_years = if asked { years(pay) } else { years(other(pay)) };
        let with_offers = PayBasis::ALL
            .iter()
            .filter(|pay| *self.offers().of(**pay) > 0);
        let choices = Choices {
            values: [met(0), met(1), met(2), met(3)],
            pay: with_offers.copied().collect(),
            years: years(pay).newest_first(more_years),
        };
        Findings {
            choices,
            ..self.of(pay).findings(frame, pay)
        }
    }
}

/// The other pay basis.
pub(super) const fn other(pay: PayBasis) -> PayBasis {
    match pay {
        PayBasis::Gross => PayBasis::Net,
        PayBasis::Net => PayBasis::Gross,
    }
}

/// What is counted of one technology.
#[derive(Clone, Debug, Default)]
struct TechnologyCount {
    offers: usize,
    candidates: u64,
    former: Former,
}

/// What is counted of all technologies that candidates know. An offer is kept once, with who received it: kept for each
/// technology that its recipient knows, millions of them would need several times the memory.
#[derive(Clone, Debug, Default)]
struct TechnologyCounts {
    places: HashMap<TechnologyId, usize>,
    counts: Vec<(TechnologyId, ByPay<TechnologyCount>)>,
    oldest: ByPay<Oldest>,
    /// Counted offers of the window, each with the place of who received it among the recipients.
    offers: Vec<(Counted, u32)>,
    /// The places of technologies that recipients know, as variable numbers.
    skills: Vec<u8>,
    skills_end: Vec<u32>,
}

impl TechnologyCounts {
    /// The place of a technology among the counts.
    fn place(&mut self, technology: TechnologyId) -> usize {
        *self.places.entry(technology).or_insert_with(|| {
            self.counts.push((technology, ByPay::default()));
            self.counts.len() - 1
        })
    }

    /// Adds a candidate with those counted offers, who knows the technologies at these places.
    fn add(
        &mut self,
        contribution: &Contribution,
        counted: &[Counted],
        skills: impl Iterator<Item = usize>,
    ) {
        let pay = contribution.pay;
        let oldest = self.oldest.of_mut(pay);
        *oldest = contribution.oldest.min(*oldest);
        // Of other years nothing else counts.
        if !contribution.is_there && !contribution.was_there {
            return;
        }
        for place in skills {
            if let Some((_, counts)) = self.counts.get_mut(place) {
                let count = counts.of_mut(pay);
                count.offers += counted.len();
                count.candidates += u64::from(contribution.is_there);
                count.former.candidates += u64::from(contribution.was_there);
                count.former.offers += u64::from(contribution.former_offers);
            }
            if !counted.is_empty() {
                write_number(&mut self.skills, place);
            }
        }
        if !counted.is_empty() {
            let recipient = number(self.skills_end.len());
            self.skills_end.push(number(self.skills.len()));
            let received = counted.iter().map(|counted| (*counted, recipient));
            self.offers.extend(received);
        }
    }

    /// The parts of a pay basis, those with the most counted offers first.
    fn parts(mut self, frame: Frame, pay: PayBasis) -> Vec<TechnologyPart> {
        let all = self.counts.iter();
        let mut quartiles: Vec<Quartiles> = all
            .map(|(_, counts)| Quartiles::of(counts.of(pay).offers))
            .collect();
        self.offers.sort_unstable_by_key(|(counted, _)| *counted);
        for &(counted, recipient) in &self.offers {
            if counted.pay() != pay {
                continue;
            }
            let mut skills = slice(&self.skills, &self.skills_end, recipient as usize);
            while let Some(place) = read_number(&mut skills) {
                if let Some(quartiles) = quartiles.get_mut(place) {
                    quartiles.pass(counted.salary());
                }
            }
        }
        let oldest = *self.oldest.of(pay);
        let parts = self.counts.iter().zip(&quartiles);
        let mut parts: Vec<TechnologyPart> = parts
            .filter_map(|((technology, counts), quartiles)| {
                let count = counts.of(pay);
                let spread = Spread::of_passed(quartiles, count.offers);
                technology_part(
                    *technology,
                    count.candidates,
                    spread,
                    count.former,
                    frame,
                    oldest,
                )
            })
            .collect();
        by_offers(&mut parts);
        parts
    }
}

/// One question, asked of the role's facts block after block.
pub struct Survey {
    frame: Frame,
    technology: Option<TechnologyId>,
    asked_pay: Option<PayBasis>,
    conditions: Conditions,
    selection: ByPay<Count>,
    /// Counted offers of the selection in the window, in any order.
    counted: Vec<Counted>,
    /// Those of the candidate at hand.
    of_candidate: Vec<Counted>,
    but_for: Vec<ButFor>,
    technologies: TechnologyCounts,
}

/// A dimension with a condition, and its values among those who meet the others.
#[derive(Debug)]
struct ButFor {
    dimension: Dimension,
    others: Conditions,
    met: ByPay<Met>,
}

impl Survey {
    /// Asks for a selection of the role, maybe with a technology, in a window.
    #[must_use]
    pub fn new(
        technology: Option<TechnologyId>,
        filters: &Filters,
        window: Option<Window>,
    ) -> Self {
        let wanted = Profile::new(
            filters.seniority,
            filters.experience,
            filters.english,
            filters.country,
        );
        let conditioned = Dimension::ALL
            .into_iter()
            .filter(|dimension| wanted.value(*dimension) != 0);
        let conditions = Conditions::of(filters);
        Self {
            frame: Frame { window },
            technology,
            asked_pay: filters.pay,
            conditions,
            selection: ByPay::default(),
            counted: Vec::new(),
            of_candidate: Vec::new(),
            but_for: conditioned
                .map(|dimension| ButFor {
                    dimension,
                    others: conditions.but_for(dimension),
                    met: ByPay::default(),
                })
                .collect(),
            technologies: TechnologyCounts::default(),
        }
    }

    /// Asks the candidates of a block.
    pub fn add(&mut self, block: &Facts<'_>) {
        let wanted = self
            .technology
            .map(|technology| block.technologies.binary_search(&technology).ok());
        let places: Vec<usize> = block
            .technologies
            .iter()
            .map(|technology| self.technologies.place(*technology))
            .collect();
        for group in block.groups() {
            let Some(&(source, pay)) = block.sources.get(group.source) else {
                continue;
            };
            let profile = group.profile;
            let meets_all = self.conditions.are_met_by(profile);
            let may_add_a_choice = self.may_add_a_choice(profile, pay);
            // Of millions of candidates most can be told apart without looking at them, and most others without their skills.
            if !meets_all && !may_add_a_choice {
                continue;
            }
            for candidate in group.candidates() {
                self.of_candidate.clear();
                let contribution = meets_all.then(|| {
                    let offers = candidate.offers();
                    let counted = &mut self.of_candidate;
                    Contribution::of(self.frame, (source, pay), profile, offers, counted)
                });
                let counts =
                    contribution.filter(|contribution| self.selection.changes_by(contribution));
                let is_asked = || {
                    wanted.is_none_or(|wanted| {
                        wanted.is_some_and(|wanted| candidate.skills().any(|skill| skill == wanted))
                    })
                };
                if (may_add_a_choice || counts.is_some()) && is_asked() {
                    self.choose(&candidate, profile, pay);
                    if let Some(contribution) = counts {
                        self.selection.add(&contribution);
                        self.counted.extend_from_slice(&self.of_candidate);
                    }
                }
                if let Some(contribution) = contribution {
                    let known = candidate
                        .skills()
                        .filter_map(|skill| places.get(skill).copied());
                    self.technologies
                        .add(&contribution, &self.of_candidate, known);
                }
            }
        }
    }

    /// Whether a candidate with that profile may have a value that no other one left as a choice so far.
    fn may_add_a_choice(&self, profile: Profile, pay: PayBasis) -> bool {
        self.but_for.iter().any(|but_for| {
            but_for.others.are_met_by(profile)
                && !but_for.met.of(pay).has(profile.value(but_for.dimension))
        })
    }

    /// Adds the values of a candidate of the role (and technology) to the choices that they would leave.
    fn choose(&mut self, candidate: &Packed<'_>, profile: Profile, pay: PayBasis) {
        let frame = self.frame;
        let is_offered = |offer: Offer| offer.is_counted() && frame.place(offer.month()).is_some();
        for but_for in &mut self.but_for {
            let (value, met) = (profile.value(but_for.dimension), but_for.met.of_mut(pay));
            if but_for.others.are_met_by(profile)
                && !met.has(value)
                && candidate.offers().any(is_offered)
            {
                met.add(value);
            }
        }
    }

    /// The pay basis that the selection has where none is asked for: the one with the most counted offers. `None` where
    /// there is no offer; then it is that of the selection without filters.
    #[must_use]
    pub fn fullest(&self) -> Option<PayBasis> {
        let mut offers = ByPay::<u64>::default();
        for counted in &self.counted {
            *offers.of_mut(counted.pay()) += 1;
        }
        offers.fullest()
    }

    /// The findings, once all of the role's blocks are added; of the pay basis that was asked for, else of the one given.
    #[must_use]
    pub fn findings(mut self, by_default: PayBasis) -> Findings {
        self.counted.sort_unstable();
        self.selection.extend(self.counted);
        let pay = self.asked_pay.unwrap_or(by_default);
        let asked = self.asked_pay.is_some();
        let mut findings = self.selection.findings(self.frame, pay, asked);
        for ButFor { dimension, met, .. } in self.but_for {
            let mut values = *met.of(pay);
            if !asked {
                values.join(*met.of(other(pay)));
            }
            findings.choices.set(dimension, &values.values());
        }
        findings.technologies = Some(self.technologies.parts(self.frame, pay));
        findings
    }
}

/// Change from one count to another in whole percent, rounded half away from zero. `None` from 0.
pub(super) fn percent_change(from: u64, to: u64) -> Option<i64> {
    let (from, to) = (i64::try_from(from).ok()?, i64::try_from(to).ok()?);
    let rounding = (to - from).signum() * from / 2;
    ((to - from) * 100 + rounding).checked_div(from)
}

/// Orders technologies for readers: the one with the most counted offers first.
pub(super) fn by_offers(technologies: &mut [TechnologyPart]) {
    technologies.sort_unstable_by_key(|technology| {
        let offers = technology.part.spread.map_or(0, |spread| spread.offers);
        (Reverse(offers), technology.part.of)
    });
}
