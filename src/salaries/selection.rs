//! From the facts of a role's candidates to the findings of a selection: window, pay basis, filters and parts. Pure: no
//! HTTP, no SQL.
//!
//! [`Survey`] asks one question of block after block; `derive` asks every question that is kept ready. Both count with
//! the same `Count`.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::facts::{Conditions, Dimension, Facts, Offer, Packed, Profile, word};
use super::figures::{Distribution, Figures, Spans};
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
    fn is_reached_by(self, oldest: Option<Month>) -> bool {
        self.window
            .zip(oldest)
            .is_some_and(|(window, oldest)| oldest <= window.before().from)
    }
}

/// Values below 1,024 that were met.
#[derive(Clone, Copy, Debug, Default)]
struct Met([u64; 16]);

impl Met {
    fn add(&mut self, value: u32) {
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
    fn values(&self) -> Vec<u32> {
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

/// Years since 1990, up to 2117, with counted offers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Years(u128);

const FIRST_YEAR: i32 = 1990;

impl Years {
    fn add(&mut self, year: i32) {
        self.0 |= 1 << (year - FIRST_YEAR).clamp(0, 127);
    }

    /// The newest first.
    pub(super) fn newest_first(self, other: Self) -> Vec<i32> {
        let both = self.0 | other.0;
        let years = (0..128).rev().filter(|year| both >> year & 1 == 1);
        years.map(|year| FIRST_YEAR + year).collect()
    }
}

/// What is counted of the candidates of a selection of one pay basis.
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    /// The counted offers of the window: salary, place of the month with four bits, seniority with three.
    counted: Vec<u32>,
    candidates: u64,
    of_month: [u64; 12],
    of_seniority: [u64; 8],
    /// Once sorted: the counted offers of the window, of each of its months, and of each seniority.
    all: Distribution,
    by_month: [Distribution; 12],
    by_seniority: [Distribution; 8],
    spans: Spans,
    /// Sources of counted offers in the window.
    sources: Vec<SourceId>,
    former: Former,
    oldest: Option<Month>,
    years: Years,
    /// Values of candidates with counted offers in the window, by dimension.
    met: [Met; 4],
}

impl Count {
    /// Adds a candidate. The offers come with the lowest salary first.
    pub(super) fn add(
        &mut self,
        frame: Frame,
        profile: Profile,
        source: SourceId,
        offers: impl Iterator<Item = Offer>,
    ) {
        let seniority = profile.value(Dimension::Seniority);
        let (mut has_offers, mut was_there) = (false, false);
        let mut months = 0_u16;
        let mut span: Option<(MonthlyUsd, MonthlyUsd)> = None;
        for offer in offers {
            has_offers = true;
            let month = offer.month();
            if offer.is_counted() {
                self.years.add(month.year());
                self.oldest = Some(self.oldest.map_or(month, |oldest| oldest.min(month)));
            }
            if let Some(place) = frame.place(month) {
                months |= 1 << place;
                if offer.is_counted() {
                    let salary = offer.salary();
                    self.counted.push(
                        salary.dollars().cast_unsigned() << 7
                            | u32::try_from(place).unwrap_or(0) << 3
                            | seniority,
                    );
                    span = Some((span.map_or(salary, |(lowest, _)| lowest), salary));
                }
            } else if frame.is_before(month) {
                was_there = true;
                self.former.offers += u64::from(offer.is_counted());
            }
        }
        if let Some((lowest, highest)) = span {
            self.spans.add(lowest, highest);
            if !self.sources.contains(&source) {
                self.sources.push(source);
            }
            for (met, dimension) in self.met.iter_mut().zip(Dimension::ALL) {
                met.add(profile.value(dimension));
            }
        }
        self.former.candidates += u64::from(was_there || !has_offers);
        if months == 0 && has_offers {
            return;
        }
        self.candidates += 1;
        if let Some(candidates) = self.of_seniority.get_mut(seniority as usize) {
            *candidates += 1;
        }
        for (place, candidates) in self.of_month.iter_mut().enumerate() {
            *candidates += u64::from(months >> place & 1);
        }
    }

    /// Counted offers in the window.
    fn offers(&self) -> usize {
        self.counted.len()
    }

    /// Makes room for another selection. Lists that have grown stay as large, so that they need not grow again.
    pub(super) fn clear(&mut self) {
        let mut former = std::mem::take(self);
        former.counted.clear();
        *self = Self {
            counted: former.counted,
            all: former.all.emptied(),
            by_month: former.by_month.map(Distribution::emptied),
            by_seniority: former.by_seniority.map(Distribution::emptied),
            spans: former.spans.emptied(),
            ..Self::default()
        };
    }

    /// Orders what was counted, once everyone is added.
    pub(super) fn sort(&mut self) {
        self.counted.sort_unstable();
        self.sources.sort_unstable();
        for counted in &self.counted {
            let salary = salary(*counted);
            self.all.push(salary);
            if let Some(month) = self.by_month.get_mut((counted >> 3 & 0xf) as usize) {
                month.push(salary);
            }
            if let Some(level) = self.by_seniority.get_mut((counted & 0x7) as usize) {
                level.push(salary);
            }
        }
    }

    /// Once sorted: the selection as a technology of a role whose counted offers reach back to `oldest`; `None` where
    /// nobody knows it.
    pub(super) fn as_technology(
        &self,
        frame: Frame,
        of: TechnologyId,
        oldest: Option<Month>,
    ) -> Option<TechnologyPart> {
        technology_part(of, self.candidates, &self.all, self.former, frame, oldest)
    }

    pub(super) const fn oldest(&self) -> Option<Month> {
        self.oldest
    }

    /// Whether anyone was added who is there in the window.
    pub(super) const fn has_candidates(&self) -> bool {
        self.candidates > 0
    }

    /// Once sorted: what was counted, without choices and technologies.
    fn findings(&self, frame: Frame, pay: PayBasis) -> Findings {
        let by_seniority = (0..)
            .zip(self.by_seniority.iter().zip(self.of_seniority))
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
            .zip(self.by_month.iter().zip(self.of_month))
            .map(|(of, (distribution, candidates))| Part {
                of,
                candidates,
                spread: Spread::of(distribution),
            });
        Findings {
            window: frame.window,
            pay,
            candidates: self.candidates,
            by_seniority: by_seniority.collect(),
            by_month: by_month.collect(),
            sources: self.sources.clone(),
            choices: Choices::default(),
            technologies: None,
            figures: Figures::of(&self.all, self.spans.clone(), self.candidates),
        }
    }
}

fn salary(counted: u32) -> MonthlyUsd {
    MonthlyUsd::new((counted >> 7).cast_signed()).unwrap_or(MonthlyUsd::LEAST)
}

fn technology_part(
    of: TechnologyId,
    candidates: u64,
    distribution: &Distribution,
    former: Former,
    frame: Frame,
    oldest: Option<Month>,
) -> Option<TechnologyPart> {
    (candidates > 0).then(|| TechnologyPart {
        part: Part {
            of,
            candidates,
            spread: Spread::of(distribution),
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

impl ByPay<Count> {
    /// The pay basis with the most counted offers in the window, gross on a tie; `None` without any.
    pub(super) fn fullest(&self) -> Option<PayBasis> {
        match (self.gross.offers(), self.net.offers()) {
            (0, 0) => None,
            (gross, net) if net > gross => Some(PayBasis::Net),
            _ => Some(PayBasis::Gross),
        }
    }

    /// Makes room for another selection.
    pub(super) fn clear(&mut self) {
        self.gross.clear();
        self.net.clear();
    }

    /// Orders what was counted, once everyone is added.
    pub(super) fn sort(&mut self) {
        self.gross.sort();
        self.net.sort();
    }

    /// Once sorted: the findings of a pay basis. `asked` says whether it was asked for: then it counts as a filter, and choices are
    /// those of its own offers.
    pub(super) fn findings(&self, frame: Frame, pay: PayBasis, asked: bool) -> Findings {
        let met = |dimension: usize| {
            let of = |count: &Count| count.met.get(dimension).copied().unwrap_or_default();
            let mut met = of(self.of(pay));
            if !asked {
                met.join(of(self.of(other(pay))));
            }
            met.values()
        };
        let years = |pay| self.of(pay).years;
        let more_years = if asked { years(pay) } else { years(other(pay)) };
        let with_offers = PayBasis::ALL
            .iter()
            .filter(|pay| self.of(**pay).offers() > 0);
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
    salaries: Vec<MonthlyUsd>,
    candidates: u64,
    former: Former,
}

/// What is counted of all technologies that candidates know.
#[derive(Clone, Debug, Default)]
pub(super) struct TechnologyCounts {
    places: HashMap<TechnologyId, usize>,
    counts: Vec<(TechnologyId, ByPay<TechnologyCount>)>,
    oldest: ByPay<Option<Month>>,
    /// Salaries of the candidate at hand.
    salaries: Vec<MonthlyUsd>,
}

impl TechnologyCounts {
    /// The place of a technology among the counts.
    pub(super) fn place(&mut self, technology: TechnologyId) -> usize {
        *self.places.entry(technology).or_insert_with(|| {
            self.counts.push((technology, ByPay::default()));
            self.counts.len() - 1
        })
    }

    /// Adds a candidate who knows the technologies at these places.
    pub(super) fn add(
        &mut self,
        frame: Frame,
        pay: PayBasis,
        skills: impl Iterator<Item = usize>,
        offers: impl Iterator<Item = Offer>,
    ) {
        let (mut has_offers, mut is_there, mut was_there) = (false, false, false);
        let mut former_offers = 0;
        self.salaries.clear();
        for offer in offers {
            has_offers = true;
            let month = offer.month();
            if offer.is_counted() {
                let oldest = self.oldest.of_mut(pay);
                *oldest = Some(oldest.map_or(month, |oldest| oldest.min(month)));
            }
            if frame.place(month).is_some() {
                is_there = true;
                if offer.is_counted() {
                    self.salaries.push(offer.salary());
                }
            } else if frame.is_before(month) {
                was_there = true;
                former_offers += u64::from(offer.is_counted());
            }
        }
        for place in skills {
            if let Some((_, counts)) = self.counts.get_mut(place) {
                let count = counts.of_mut(pay);
                count.salaries.extend_from_slice(&self.salaries);
                count.candidates += u64::from(is_there || !has_offers);
                count.former.candidates += u64::from(was_there || !has_offers);
                count.former.offers += former_offers;
            }
        }
    }

    /// The parts of a pay basis, those with the most counted offers first.
    pub(super) fn parts(&self, frame: Frame, pay: PayBasis) -> Vec<TechnologyPart> {
        let oldest = *self.oldest.of(pay);
        let mut parts: Vec<TechnologyPart> = self
            .counts
            .iter()
            .filter_map(|(technology, counts)| {
                let count = counts.of(pay);
                let distribution = count.salaries.iter().copied().collect();
                technology_part(
                    *technology,
                    count.candidates,
                    &distribution,
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
            // Of millions of candidates most can be told apart without looking at them.
            if !meets_all && !self.may_add_a_choice(profile, pay) {
                continue;
            }
            for candidate in group.candidates() {
                let is_asked = wanted.is_none_or(|wanted| {
                    wanted.is_some_and(|wanted| candidate.skills().any(|skill| skill == wanted))
                });
                if is_asked {
                    self.add_asked(&candidate, profile, source, pay);
                }
                if meets_all {
                    let known = candidate
                        .skills()
                        .filter_map(|skill| places.get(skill).copied());
                    self.technologies
                        .add(self.frame, pay, known, candidate.offers());
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

    /// Adds a candidate of the role (and technology).
    fn add_asked(
        &mut self,
        candidate: &Packed<'_>,
        profile: Profile,
        source: SourceId,
        pay: PayBasis,
    ) {
        let frame = self.frame;
        if self.conditions.are_met_by(profile) {
            self.selection
                .of_mut(pay)
                .add(frame, profile, source, candidate.offers());
        }
        let is_offered = |offer: Offer| offer.is_counted() && frame.place(offer.month()).is_some();
        for but_for in &mut self.but_for {
            if but_for.others.are_met_by(profile) && candidate.offers().any(is_offered) {
                let value = profile.value(but_for.dimension);
                but_for.met.of_mut(pay).add(value);
            }
        }
    }

    /// The pay basis that the selection has where none is asked for: the one with the most counted offers. `None` where
    /// there is no offer; then it is that of the selection without filters.
    #[must_use]
    pub fn fullest(&self) -> Option<PayBasis> {
        self.selection.fullest()
    }

    /// The findings, once all of the role's blocks are added; of the pay basis that was asked for, else of the one given.
    #[must_use]
    pub fn findings(mut self, by_default: PayBasis) -> Findings {
        self.selection.sort();
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
