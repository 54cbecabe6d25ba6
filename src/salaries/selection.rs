//! From the facts of a role to the figures of a selection: window, pay basis, filters and parts. Pure: no HTTP, no SQL.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{CountedOffer, Distribution, Figures};
use super::filter::Filters;
use super::window::{Month, Window};
use crate::ids::{SourceId, TechnologyId};
use crate::market::{Country, English, ExperienceBand, PayBasis, Seniority};
use crate::money::{HalfUsd, MonthlyUsd};

/// Everything about one role that its figures need: all its candidates, their offers and their technologies.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The candidates. Others refer to them by their place in this list.
    pub candidates: Vec<Candidate>,
    /// Their offers, in any order.
    pub offers: Vec<Offer>,
    /// Which candidate knows which technology, in any order.
    pub technologies: Vec<(usize, TechnologyId)>,
}

/// What filters and parts ask of a candidate.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Where the candidate came from.
    pub source: SourceId,
    /// The source's pay basis.
    pub pay: PayBasis,
    /// Seniority, where known.
    pub seniority: Option<Seniority>,
    /// Experience, where known.
    pub experience: Option<ExperienceBand>,
    /// Country, where known.
    pub country: Option<Country>,
    /// English, where known.
    pub english: Option<English>,
}

/// One offer.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// Place of the candidate in [`Facts::candidates`].
    pub candidate: usize,
    /// The candidate's salary expectation of the day.
    pub salary: MonthlyUsd,
    /// The month of the offer.
    pub month: Month,
    /// Whether the offer is counted: its status is open.
    pub counted: bool,
}

/// A year was asked for in which the role, or the role with the technology, has no counted offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownYear(
    /// The year.
    pub i32,
);

/// A role, maybe with a technology and filters, over the facts of the role.
pub struct Selection<'facts> {
    facts: &'facts Facts,
    filters: Filters,
    min_candidates: u64,
    /// The months that the figures come from; `None` where no offer was ever counted.
    pub window: Option<Window>,
    /// The pay basis of the figures.
    pub pay: PayBasis,
    /// The calendar years with counted offers of the role (and technology), newest first.
    pub years: Vec<i32>,
    /// Whether the year that was asked for is the window that the page shows anyway.
    pub year_is_default: bool,
    /// Whether the pay basis that was asked for is the one that the page shows anyway.
    pub pay_is_default: bool,
    /// For each candidate: has the technology.
    has_technology: Vec<bool>,
    /// For each candidate: passes all filters, and is of the pay basis.
    matches: Vec<bool>,
    /// For each candidate: has an offer, of any time and status.
    has_offers: Vec<bool>,
}

/// The figures of a part of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartFigures {
    /// Counted offers.
    pub offers: u64,
    /// Candidates of the part.
    pub candidates: u64,
    /// Median salary.
    pub median: HalfUsd,
    /// Lower quartile.
    pub p25: HalfUsd,
    /// Upper quartile.
    pub p75: HalfUsd,
}

/// A part of a selection: one seniority, month or technology. Without figures where it is too small to publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<T> {
    /// Which part.
    pub of: T,
    /// Its figures.
    pub figures: Option<PartFigures>,
}

/// A technology of the role, with how its offers changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TechnologyPart {
    /// The part.
    pub part: Part<TechnologyId>,
    /// Change of its counted offers against the twelve months before, whole percent; where both can be published and
    /// the data reaches back so far.
    pub change: Option<i64>,
}

/// For each filter, how many counted offers each of its values would leave, the other filters kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// By seniority.
    pub seniority: BTreeMap<Seniority, u64>,
    /// By country.
    pub country: BTreeMap<Country, u64>,
    /// By level of English.
    pub english: BTreeMap<English, u64>,
    /// By experience.
    pub experience: BTreeMap<ExperienceBand, u64>,
    /// By pay basis.
    pub pay: BTreeMap<PayBasis, u64>,
    /// By calendar year.
    pub year: BTreeMap<i32, u64>,
}

impl<'facts> Selection<'facts> {
    /// Selects the candidates with the technology that pass the filters, and settles window and pay basis.
    ///
    /// The window ends with the newest counted offer of the role (and technology), filters not regarded. The pay basis
    /// is the one with the most counted offers that pass the filters in the window; where none does, the one with
    /// the most without the filters; gross on a tie.
    ///
    /// # Errors
    /// [`UnknownYear`] where the filters ask for a year without counted offers.
    pub fn of(
        facts: &'facts Facts,
        technology: Option<TechnologyId>,
        filters: &Filters,
        min_candidates: u64,
    ) -> Result<Self, UnknownYear> {
        let has_technology = has_technology(facts, technology);
        let months: BTreeSet<Month> = facts
            .offers
            .iter()
            .filter(|offer| offer.counted && is_set(&has_technology, offer.candidate))
            .map(|offer| offer.month)
            .collect();
        let years: BTreeSet<i32> = months.iter().map(|month| month.year()).collect();
        let latest = months.last().copied().map(Window::ending);
        let window = match filters.year {
            Some(year) if !years.contains(&year) => return Err(UnknownYear(year)),
            Some(year) => Some(Window::calendar_year(year)),
            None => latest,
        };
        let passes: Vec<bool> = facts
            .candidates
            .iter()
            .zip(&has_technology)
            .map(|(candidate, &has)| has && filters.mismatches(candidate).is_none())
            .collect();
        let pay_by_default = fullest_pay(facts, window, &passes)
            .or_else(|| fullest_pay(facts, window, &has_technology))
            .unwrap_or(PayBasis::Gross);
        let pay = filters.pay.unwrap_or(pay_by_default);
        let mut has_offers = vec![false; facts.candidates.len()];
        for offer in &facts.offers {
            if let Some(has) = has_offers.get_mut(offer.candidate) {
                *has = true;
            }
        }
        let mut selection = Self {
            facts,
            filters: *filters,
            min_candidates,
            window,
            pay,
            years: years.into_iter().rev().collect(),
            year_is_default: filters.year.is_some() && window == latest,
            pay_is_default: filters.pay == Some(pay_by_default),
            has_technology,
            matches: Vec::new(),
            has_offers,
        };
        selection.matches = facts
            .candidates
            .iter()
            .map(|candidate| selection.is_of_pay_and_filters(candidate))
            .collect();
        Ok(selection)
    }

    fn is_of_pay_and_filters(&self, candidate: &Candidate) -> bool {
        candidate.pay == self.pay && self.filters.mismatches(candidate).is_none()
    }

    /// Whether the role (with the technology) has any candidate at all, filters not regarded.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.has_technology.contains(&true)
    }

    /// The figures of the selection; `None` where they are not published: fewer candidates than the site publishes
    /// figures for, or no counted offer.
    #[must_use]
    pub fn figures(&self) -> Option<Figures> {
        let window = self.window?;
        let members = self.members();
        let candidates = self.candidates(window, &members, true);
        if candidates < self.min_candidates {
            return None;
        }
        Figures::of(&self.counted(window, &members), candidates)
    }

    /// The selection's parts by seniority, the lowest first; those with any candidate.
    #[must_use]
    pub fn by_seniority(&self) -> Vec<Part<Seniority>> {
        let Some(window) = self.window else {
            return Vec::new();
        };
        let parts = Seniority::ALL.iter().filter_map(|&seniority| {
            let members = self.members_where(|candidate| candidate.seniority == Some(seniority));
            let candidates = self.candidates(window, &members, true);
            (candidates > 0).then(|| Part {
                of: seniority,
                figures: self.part_figures(window, &members, candidates),
            })
        });
        parts.collect()
    }

    /// The selection's parts by month, the twelve of the window. A month's candidates are those with an offer in it.
    #[must_use]
    pub fn by_month(&self) -> Vec<Part<Month>> {
        let members = self.members();
        let months = self.window.into_iter().flat_map(Window::months);
        let parts = months.map(|month| {
            let month_alone = Window {
                from: month,
                to: month,
            };
            let candidates = self.candidates(month_alone, &members, false);
            Part {
                of: month,
                figures: self.part_figures(month_alone, &members, candidates),
            }
        });
        parts.collect()
    }

    /// The role's technologies under the same filters, whatever technology is selected: the one with the most counted
    /// offers first, those without figures last.
    #[must_use]
    pub fn by_technology(&self) -> Vec<TechnologyPart> {
        let Some(window) = self.window else {
            return Vec::new();
        };
        let mut offers_of = vec![Vec::new(); self.facts.candidates.len()];
        for offer in &self.facts.offers {
            if let Some(offers) = offers_of.get_mut(offer.candidate) {
                offers.push(offer);
            }
        }
        let mut candidates_of = BTreeMap::<TechnologyId, Vec<usize>>::new();
        for &(candidate, technology) in &self.facts.technologies {
            if is_set(&self.matches, candidate) {
                candidates_of.entry(technology).or_default().push(candidate);
            }
        }
        let before = window.before();
        let reaches_back = self.facts.offers.iter().any(|offer| {
            offer.counted && offer.month <= before.from && is_set(&self.matches, offer.candidate)
        });
        let part = |window: Window, candidates: &[usize]| {
            let mut salaries = Vec::new();
            let mut present = 0;
            for &candidate in candidates {
                let offers = offers_of.get(candidate).map_or(&[][..], Vec::as_slice);
                let mut within = offers
                    .iter()
                    .filter(|offer| window.contains(offer.month))
                    .peekable();
                present += u64::from(offers.is_empty() || within.peek().is_some());
                salaries.extend(
                    within
                        .filter(|offer| offer.counted)
                        .map(|offer| offer.salary),
                );
            }
            (present > 0).then(|| self.publish(salaries.into_iter(), present))
        };
        let mut parts: Vec<TechnologyPart> = candidates_of
            .into_iter()
            .filter_map(|(technology, candidates)| {
                let figures = part(window, &candidates)?;
                let former = part(before, &candidates).flatten().filter(|_| reaches_back);
                Some(TechnologyPart {
                    part: Part {
                        of: technology,
                        figures,
                    },
                    change: figures
                        .zip(former)
                        .and_then(|(now, former)| percent_change(former.offers, now.offers)),
                })
            })
            .collect();
        parts.sort_by_key(|technology| {
            let offers = technology.part.figures.map_or(0, |figures| figures.offers);
            (std::cmp::Reverse(offers), technology.part.of)
        });
        parts
    }

    /// The sources of the selection's counted offers.
    #[must_use]
    pub fn sources(&self) -> BTreeSet<SourceId> {
        let Some(window) = self.window else {
            return BTreeSet::new();
        };
        let members = self.members();
        let counted = self.counted(window, &members);
        let candidates = counted
            .iter()
            .filter_map(|offer| self.facts.candidates.get(offer.candidate));
        candidates.map(|candidate| candidate.source).collect()
    }

    /// What each filter's values would leave. The pay basis counts as a filter only where it was asked for.
    #[must_use]
    pub fn choices(&self) -> Choices {
        let mut choices = Choices::default();
        for offer in &self.facts.offers {
            let Some(candidate) = self.facts.candidates.get(offer.candidate) else {
                continue;
            };
            if !offer.counted || !is_set(&self.has_technology, offer.candidate) {
                continue;
            }
            let in_window = self
                .window
                .is_some_and(|window| window.contains(offer.month));
            let mismatches = self
                .filters
                .mismatches(candidate)
                .or_pay(&self.filters, candidate);
            if mismatches.is_none() {
                add(&mut choices.year, Some(offer.month.year()));
            }
            if !in_window {
                continue;
            }
            if mismatches.only_in(Mismatches::SENIORITY) {
                add(&mut choices.seniority, candidate.seniority);
            }
            if mismatches.only_in(Mismatches::COUNTRY) {
                add(&mut choices.country, candidate.country);
            }
            if mismatches.only_in(Mismatches::ENGLISH) {
                add(&mut choices.english, candidate.english);
            }
            if mismatches.only_in(Mismatches::EXPERIENCE) {
                add(&mut choices.experience, candidate.experience);
            }
            if mismatches.only_in(Mismatches::PAY) {
                add(&mut choices.pay, Some(candidate.pay));
            }
        }
        choices
    }

    /// The countries of the role's (and technology's) candidates, filters not regarded.
    #[must_use]
    pub fn countries(&self) -> BTreeSet<Country> {
        let candidates = self.facts.candidates.iter().zip(&self.has_technology);
        candidates
            .filter(|(_, has)| **has)
            .filter_map(|(candidate, _)| candidate.country)
            .collect()
    }

    fn members(&self) -> Vec<bool> {
        self.members_where(|_| true)
    }

    fn members_where(&self, condition: impl Fn(&Candidate) -> bool) -> Vec<bool> {
        let candidates = self.facts.candidates.iter();
        let selected = self.has_technology.iter().zip(&self.matches);
        candidates
            .zip(selected)
            .map(|(candidate, (&has, &matches))| has && matches && condition(candidate))
            .collect()
    }

    fn counted(&self, window: Window, members: &[bool]) -> Vec<CountedOffer> {
        let offers = self.facts.offers.iter();
        offers
            .filter(|offer| {
                offer.counted && window.contains(offer.month) && is_set(members, offer.candidate)
            })
            .map(|offer| CountedOffer {
                candidate: offer.candidate,
                salary: offer.salary,
            })
            .collect()
    }

    /// Distinct members with an offer in the window, counted or not; with those who never received one where asked.
    fn candidates(&self, window: Window, members: &[bool], with_never_offered: bool) -> u64 {
        let mut present: Vec<bool> = self
            .has_offers
            .iter()
            .map(|has_offers| with_never_offered && !has_offers)
            .collect();
        for offer in &self.facts.offers {
            if window.contains(offer.month)
                && let Some(present) = present.get_mut(offer.candidate)
            {
                *present = true;
            }
        }
        let present = present.iter().zip(members);
        present
            .filter(|(present, member)| **present && **member)
            .count() as u64
    }

    fn part_figures(
        &self,
        window: Window,
        members: &[bool],
        candidates: u64,
    ) -> Option<PartFigures> {
        let counted = self.counted(window, members);
        self.publish(counted.into_iter().map(|offer| offer.salary), candidates)
    }

    fn publish(
        &self,
        salaries: impl Iterator<Item = MonthlyUsd>,
        candidates: u64,
    ) -> Option<PartFigures> {
        if candidates < self.min_candidates {
            return None;
        }
        let distribution = Distribution::of(salaries);
        Some(PartFigures {
            offers: distribution.total(),
            candidates,
            median: distribution.median()?,
            p25: distribution.percentile(25)?,
            p75: distribution.percentile(75)?,
        })
    }
}

impl Filters {
    /// Which filters a candidate does not pass; pay and year left out.
    fn mismatches(&self, candidate: &Candidate) -> Mismatches {
        fn differs<T: PartialEq + Copy>(wanted: Option<T>, is: Option<T>) -> bool {
            wanted.is_some() && wanted != is
        }
        let mut mismatches = Mismatches(0);
        mismatches.set(
            Mismatches::SENIORITY,
            differs(self.seniority, candidate.seniority),
        );
        mismatches.set(
            Mismatches::COUNTRY,
            differs(self.country, candidate.country),
        );
        mismatches.set(
            Mismatches::ENGLISH,
            differs(self.english, candidate.english),
        );
        mismatches.set(
            Mismatches::EXPERIENCE,
            differs(self.experience, candidate.experience),
        );
        mismatches
    }
}

/// The set of filters that a candidate does not pass, a bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mismatches(u8);

impl Mismatches {
    const SENIORITY: u8 = 1;
    const COUNTRY: u8 = 2;
    const ENGLISH: u8 = 4;
    const EXPERIENCE: u8 = 8;
    const PAY: u8 = 16;

    fn set(&mut self, filter: u8, differs: bool) {
        if differs {
            self.0 |= filter;
        }
    }

    fn or_pay(mut self, filters: &Filters, candidate: &Candidate) -> Self {
        self.set(
            Self::PAY,
            filters.pay.is_some_and(|pay| pay != candidate.pay),
        );
        self
    }

    const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether no other filter than this one fails.
    const fn only_in(self, filter: u8) -> bool {
        self.0 & !filter == 0
    }
}

fn is_set(flags: &[bool], candidate: usize) -> bool {
    flags.get(candidate).copied().unwrap_or(false)
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, key: Option<K>) {
    if let Some(key) = key {
        *counts.entry(key).or_default() += 1;
    }
}

fn has_technology(facts: &Facts, technology: Option<TechnologyId>) -> Vec<bool> {
    let Some(technology) = technology else {
        return vec![true; facts.candidates.len()];
    };
    let mut has = vec![false; facts.candidates.len()];
    for &(candidate, known) in &facts.technologies {
        if known == technology
            && let Some(has) = has.get_mut(candidate)
        {
            *has = true;
        }
    }
    has
}

/// The pay basis with the most counted offers of the flagged candidates in the window; gross on a tie.
fn fullest_pay(facts: &Facts, window: Option<Window>, flags: &[bool]) -> Option<PayBasis> {
    let window = window?;
    let mut offers_of = BTreeMap::<PayBasis, u64>::new();
    for offer in &facts.offers {
        if offer.counted && window.contains(offer.month) && is_set(flags, offer.candidate) {
            let candidate = facts.candidates.get(offer.candidate);
            add(&mut offers_of, candidate.map(|candidate| candidate.pay));
        }
    }
    offers_of
        .into_iter()
        .max_by_key(|&(pay, offers)| (offers, std::cmp::Reverse(pay)))
        .map(|(pay, _)| pay)
}

/// Change from one count to another in whole percent, rounded half away from zero. `None` from 0.
pub(super) fn percent_change(from: u64, to: u64) -> Option<i64> {
    let (from, to) = (i64::try_from(from).ok()?, i64::try_from(to).ok()?);
    let rounding = (to - from).signum() * from / 2;
    ((to - from) * 100 + rounding).checked_div(from)
}
