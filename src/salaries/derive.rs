//! Everything that is kept ready of a role: the findings of the role and of each of its technologies, without filters and,
//! where the role is large, with each single filter. Pure.
//!
//! What is not kept ready is computed when it is asked for, by a [`Survey`](super::selection::Survey) of the same facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::counter::Counter;
use super::facts::{Dimension, FIRST_MONTH, country};
use super::filter::Filters;
use super::role_facts::RoleFacts;
use super::selection::{
    ByPay, Choices, Count, Findings, Frame, Met, Oldest, TechnologyPart, by_offers, other,
};
use super::window::{Month, Window};
use crate::ids::TechnologyId;
use crate::market::{Country, PayBasis};

/// Offers of a role from which on its findings with a single filter are kept ready. Below it, computing them takes less
/// time than reading them would save.
const LARGE: usize = 2_000;

/// What a role, maybe with a technology, reaches, filters not regarded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The calendar years with counted offers, newest first.
    pub years: Vec<i32>,
    /// The countries of its candidates.
    pub countries: Vec<Country>,
    /// Whether findings with each single filter are kept ready as well.
    pub with_filters: bool,
}

impl Extent {
    /// The years to ask about, where filters are asked about at all.
    fn years_to_ask(&self) -> Option<&[i32]> {
        self.with_filters.then_some(&self.years)
    }
}

/// Something that is kept ready.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The technology; `None` for the role as a whole.
    pub technology: Option<TechnologyId>,
    /// No filter, or a single one.
    pub filters: Filters,
    /// What was found.
    pub findings: Findings,
    /// Without filters: how far the selection reaches, and its months.
    pub unfiltered: Option<(Extent, History)>,
}

/// Derives everything that is kept ready of a role, and gives each piece to `keep`.
///
/// # Errors
/// Those of `keep`.
pub fn derive<E>(facts: &RoleFacts, keep: &mut impl FnMut(Kept) -> Result<(), E>) -> Result<(), E> {
    if facts.is_empty() {
        return Ok(());
    }
    let mut role = Role::new(facts);
    for (technology, who_know) in facts.technologies() {
        role.add(technology, who_know, keep)?;
    }
    role.finish(keep)
}

/// A role while its technologies are gone through.
struct Role<'f> {
    facts: &'f RoleFacts,
    frame: Frame,
    counter: Counter,
    unfiltered: (Extent, History),
    /// Findings of the role as a whole, without their technologies.
    own: HashMap<Filters, Findings>,
    /// The oldest counted offers under each filter.
    oldest: HashMap<Filters, ByPay<Oldest>>,
    /// The technologies under each filter, in the role's window or the filter's year.
    technologies: HashMap<Filters, ByPay<Vec<TechnologyPart>>>,
    /// The technologies without filters, in windows that only some technologies have.
    elsewhere: HashMap<Window, ByPay<Vec<TechnologyPart>>>,
    /// Findings of a technology under another pay basis than the role's own, which wait for their list of technologies.
    waiting: Vec<Kept>,
}

impl<'f> Role<'f> {
    fn new(facts: &'f RoleFacts) -> Self {
        let everyone = facts.everyone();
        let subject = Subject::of(facts, &everyone);
        let mut role = Self {
            facts,
            frame: subject.frame(),
            counter: Counter::default(),
            unfiltered: subject.extent(facts.number_of_offers() >= LARGE),
            own: HashMap::new(),
            oldest: HashMap::new(),
            technologies: HashMap::new(),
            elsewhere: HashMap::new(),
            waiting: Vec::new(),
        };
        let mut answers = Answers::default();
        role.counter.count_each(
            facts,
            &everyone,
            role.frame,
            role.unfiltered.0.years_to_ask(),
            |filters, frame, counts| {
                role.oldest.insert(filters, counts.oldest());
                role.technologies.insert(filters, ByPay::default());
                answers.add(filters, frame, counts);
            },
        );
        role.own = answers.0.into_iter().collect();
        role
    }

    /// Goes through those who know a technology.
    fn add<E>(
        &mut self,
        technology: TechnologyId,
        members: &[u32],
        keep: &mut impl FnMut(Kept) -> Result<(), E>,
    ) -> Result<(), E> {
        let subject = Subject::of(self.facts, members);
        let frame = subject.frame();
        let in_role_s_window = frame == self.frame;
        let mut answers = Answers::default();
        self.counter.count_each(
            self.facts,
            members,
            self.frame,
            self.unfiltered.0.years_to_ask(),
            |filters, frame, counts| {
                let list = self.technologies.get_mut(&filters);
                if let Some((oldest, list)) = self.oldest.get(&filters).zip(list) {
                    counts.list(technology, frame, oldest, list);
                }
                let has_year = filters
                    .year
                    .is_none_or(|year| subject.years.contains(&year));
                if in_role_s_window && has_year {
                    answers.add(filters, frame, counts);
                }
            },
        );
        if !in_role_s_window {
            self.counter.count(self.facts, members, frame, |counts| {
                answers.add(Filters::default(), frame, counts);
            });
        }
        let with_filters = in_role_s_window && self.unfiltered.0.with_filters;
        let mut unfiltered = Some(subject.extent(with_filters));
        for (filters, mut findings) in answers.0 {
            if !in_role_s_window {
                findings.technologies = Some(self.elsewhere(frame, findings.pay));
            }
            let is_as_in_role = self
                .own
                .get(&filters)
                .is_some_and(|own| own.pay == findings.pay);
            let kept = Kept {
                technology: Some(technology),
                unfiltered: unfiltered.take_if(|_| filters.is_empty()),
                filters,
                findings,
            };
            if is_as_in_role || !in_role_s_window {
                keep(kept)?;
            } else {
                self.waiting.push(kept);
            }
        }
        Ok(())
    }

    /// The role's technologies in a window that is not the role's.
    fn elsewhere(&mut self, frame: Frame, pay: PayBasis) -> Vec<TechnologyPart> {
        let Some(window) = frame.window else {
            return Vec::new();
        };
        let facts = self.facts;
        let lists = self.elsewhere.entry(window).or_insert_with(|| {
            let counter = &mut self.counter;
            let mut oldest = ByPay::default();
            counter.count(facts, &facts.everyone(), frame, |counts| {
                oldest = counts.oldest();
            });
            let mut lists = ByPay::<Vec<TechnologyPart>>::default();
            for (technology, who_know) in facts.technologies() {
                counter.count(facts, who_know, frame, |counts| {
                    counts.list(technology, frame, &oldest, &mut lists);
                });
            }
            lists.sort();
            lists
        });
        lists.of(pay).clone()
    }

    /// Gives away what waited for the lists of technologies, which are complete now.
    fn finish<E>(mut self, keep: &mut impl FnMut(Kept) -> Result<(), E>) -> Result<(), E> {
        for lists in self.technologies.values_mut() {
            lists.sort();
        }
        let mut unfiltered = Some(self.unfiltered);
        let of_role = self.own.into_iter().map(|(filters, findings)| Kept {
            technology: None,
            unfiltered: unfiltered.take_if(|_| filters.is_empty()),
            filters,
            findings,
        });
        for mut kept in self.waiting.into_iter().chain(of_role) {
            let listed = Filters {
                pay: None,
                ..kept.filters
            };
            let lists = self.technologies.get(&listed);
            let list = lists.map(|lists| lists.of(kept.findings.pay).clone());
            kept.findings.technologies = Some(list.unwrap_or_default());
            keep(kept)?;
        }
        Ok(())
    }
}

impl ByPay<Count> {
    fn oldest(&self) -> ByPay<Oldest> {
        ByPay {
            gross: self.gross.oldest(),
            net: self.net.oldest(),
        }
    }

    /// Puts those who know a technology on the lists of a role with that oldest month.
    fn list(
        &self,
        technology: TechnologyId,
        frame: Frame,
        oldest: &ByPay<Oldest>,
        lists: &mut ByPay<Vec<TechnologyPart>>,
    ) {
        for pay in PayBasis::ALL {
            let part = self
                .of(*pay)
                .as_technology(frame, technology, *oldest.of(*pay));
            lists.of_mut(*pay).extend(part);
        }
    }
}

impl ByPay<Vec<TechnologyPart>> {
    fn sort(&mut self) {
        for list in [&mut self.gross, &mut self.net] {
            by_offers(list);
        }
    }
}

/// The dimension of a single filter on candidates.
fn dimension_of(filters: &Filters) -> Option<Dimension> {
    let asked = [
        (filters.seniority.is_some(), Dimension::Seniority),
        (filters.experience.is_some(), Dimension::Experience),
        (filters.english.is_some(), Dimension::English),
        (filters.country.is_some(), Dimension::Country),
    ];
    let asked = asked.into_iter().find(|(asked, _)| *asked);
    asked.map(|(_, dimension)| dimension)
}

/// The findings of one subject, those without filters first, and their technologies not listed yet.
#[derive(Default)]
struct Answers(Vec<(Filters, Findings)>);

impl Answers {
    fn add(&mut self, filters: Filters, frame: Frame, counts: &ByPay<Count>) {
        let unfiltered = self.0.first().map(|(_, findings)| findings);
        let pay_of_all = unfiltered.map_or(PayBasis::Gross, |findings| findings.pay);
        let pay = counts.fullest().unwrap_or(pay_of_all);
        let mut findings = counts.findings(frame, pay, false);
        if let Some((dimension, unfiltered)) = dimension_of(&filters).zip(unfiltered) {
            let choices = unfiltered.choices.values(dimension);
            findings.choices.set(dimension, choices);
        }
        self.0.push((filters, findings));
        let other = other(pay);
        if filters.is_empty() && counts.of(other).has_candidates() {
            let filters = Filters {
                pay: Some(other),
                ..filters
            };
            self.0.push((filters, counts.findings(frame, other, true)));
        }
    }
}

impl Findings {
    /// The findings under a single filter on candidates that nobody passes, by those without filters.
    #[must_use]
    pub fn of_nobody(unfiltered: &Self, filters: &Filters) -> Self {
        let mut choices = Choices::default();
        if let Some(dimension) = dimension_of(filters) {
            choices.set(dimension, unfiltered.choices.values(dimension));
        }
        let mut findings = ByPay::<Count>::default().findings(
            Frame {
                window: unfiltered.window,
            },
            unfiltered.pay,
            false,
        );
        if filters.pay.is_some() {
            choices.pay.clone_from(&unfiltered.choices.pay);
            findings.pay = filters.pay.unwrap_or(findings.pay);
        }
        Self {
            choices,
            ..findings
        }
    }
}

/// Who is spoken of, filters not regarded.
struct Subject {
    years: Vec<i32>,
    countries: Vec<Country>,
    history: History,
}

impl Subject {
    fn of(facts: &RoleFacts, members: &[u32]) -> Self {
        let mut countries = Met::default();
        let mut months_so_far = HistoryCounter::default();
        let mut months = Vec::new();
        for &member in members {
            let member = member as usize;
            countries.add(facts.profile(member).value(Dimension::Country));
            let counted = facts
                .offers(member)
                .iter()
                .filter(|offer| offer.is_counted());
            months.clear();
            months.extend(counted.map(|offer| offer.month()));
            months_so_far.add(&mut months);
        }
        let history = months_so_far.history();
        let years: BTreeSet<i32> = history.0.keys().map(|month| month.year()).collect();
        Self {
            years: years.into_iter().rev().collect(),
            countries: countries.values().into_iter().filter_map(country).collect(),
            history,
        }
    }

    /// The twelve months up to the newest counted offer.
    fn frame(&self) -> Frame {
        Frame {
            window: self.history.newest().map(Window::ending),
        }
    }

    fn extent(self, with_filters: bool) -> (Extent, History) {
        let extent = Extent {
            years: self.years,
            countries: self.countries,
            with_filters,
        };
        (extent, self.history)
    }
}

/// Counted offers month by month, over both pay bases, and how many candidates received them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History(BTreeMap<Month, MonthHistory>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct MonthHistory {
    offers: u64,
    /// Candidates with a counted offer in the month by the months since their last one before: those of one month, of
    /// two, up to eleven, and those with none in that time. So candidates can be counted in every window of twelve
    /// months: each in the first of its months that has an offer.
    candidates_after: [u64; 12],
}

/// Counts months before they become a [`History`]: from [`FIRST_MONTH`] on, one after the other.
#[derive(Default)]
struct HistoryCounter(Vec<MonthHistory>);

impl HistoryCounter {
    /// Adds the months of one candidate's counted offers.
    fn add(&mut self, months: &mut [Month]) {
        months.sort_unstable();
        let mut last: Option<Month> = None;
        for &month in months.iter() {
            let place = usize::try_from(month.since(FIRST_MONTH)).unwrap_or(0);
            if self.0.len() <= place {
                self.0.resize_with(place + 1, MonthHistory::default);
            }
            if let Some(of_month) = self.0.get_mut(place) {
                of_month.offers += 1;
                let since = last.map_or(12, |last| month.since(last).min(12));
                // Another offer in the same month is no other candidate.
                let place = usize::try_from(since - 1).ok();
                if let Some(candidates) =
                    place.and_then(|place| of_month.candidates_after.get_mut(place))
                {
                    *candidates += 1;
                }
            }
            last = Some(month);
        }
    }

    fn history(self) -> History {
        let months = (0..).map(|later| FIRST_MONTH.plus(later)).zip(self.0);
        History(months.filter(|(_, of_month)| of_month.offers > 0).collect())
    }
}

impl History {
    /// The month of the newest counted offer.
    #[must_use]
    pub fn newest(&self) -> Option<Month> {
        self.0.keys().next_back().copied()
    }

    /// The month of the oldest counted offer.
    #[must_use]
    pub fn oldest(&self) -> Option<Month> {
        self.0.keys().next().copied()
    }

    /// Counted offers in a window, and the distinct candidates who received them.
    #[must_use]
    pub fn within(&self, window: Window) -> (u64, u64) {
        let mut sums = (0, 0);
        for (month, history) in &self.0 {
            if let Some(place) = window.place(*month) {
                sums.0 += history.offers;
                sums.1 += history.candidates_after.iter().skip(place).sum::<u64>();
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::facts::{Candidate, Facts, Offer, Profile, pack};
    use super::super::selection::Survey;
    use super::*;
    use crate::ids::SourceId;
    use crate::market::{English, ExperienceBand, Seniority};
    use crate::money::MonthlyUsd;

    /// A market of so many candidates that every number after it is made of `seed`.
    fn market(seed: u64, candidates: usize) -> Vec<Candidate> {
        let mut state = seed;
        let mut below = |bound: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % bound
        };
        let countries: [Country; 4] = ["UA", "PL", "US", "DE"].map(|code| code.parse().unwrap());
        let mut all = Vec::new();
        for _ in 0..candidates {
            let source = below(3);
            let technologies = (1..=6)
                .filter(|_| below(4) == 0)
                .map(TechnologyId)
                .collect();
            // The sixth technology was last asked for some months ago.
            let last = if below(5) == 0 { 20 } else { 30 };
            let offers = (0..below(6))
                .map(|_| {
                    let salary =
                        MonthlyUsd::new(i32::try_from(500 + 250 * below(40)).unwrap()).unwrap();
                    let month = Month::new(2022, 3).plus(i32::try_from(below(last)).unwrap());
                    Offer::new(salary, month, below(5) > 0)
                })
                .collect();
            all.push(Candidate {
                source: SourceId(i64::try_from(source).unwrap()),
                pay: if source == 2 {
                    PayBasis::Net
                } else {
                    PayBasis::Gross
                },
                profile: Profile::new(
                    Seniority::ALL.get(below(5)).copied(),
                    ExperienceBand::ALL.get(below(6)).copied(),
                    English::ALL.get(below(8)).copied(),
                    countries.get(below(5)).copied(),
                ),
                technologies,
                offers,
            });
        }
        for one in &mut all {
            if one.technologies.contains(&TechnologyId(6)) {
                one.offers
                    .retain(|offer| offer.month() < Month::new(2023, 12));
            }
        }
        all
    }

    fn kept(facts: &RoleFacts) -> Vec<Kept> {
        let mut all = Vec::new();
        derive(facts, &mut |kept| {
            all.push(kept);
            Ok::<_, ()>(())
        })
        .unwrap();
        all
    }

    fn assert_kept_is_what_a_survey_finds(candidates: &[Candidate]) -> usize {
        let blocks: Vec<Vec<u8>> = candidates.chunks(100).map(pack).collect();
        let mut facts = RoleFacts::default();
        for block in &blocks {
            facts.add(block).unwrap();
        }
        let all = kept(&facts);
        let find = |technology: Option<TechnologyId>, filters: &Filters| {
            all.iter()
                .find(|kept| kept.technology == technology && kept.filters == *filters)
                .map(|kept| &kept.findings)
        };
        for kept in &all {
            let Kept {
                technology,
                filters,
                findings,
                ..
            } = kept;
            let mut survey = Survey::new(*technology, filters, findings.window);
            for block in &blocks {
                survey.add(&Facts::open(block).unwrap());
            }
            let unfiltered = find(*technology, &Filters::default()).unwrap();
            let surveyed = survey.findings(findings.pay);
            let mut findings = findings.clone();
            if findings.technologies.is_none() {
                let own = find(None, filters).unwrap();
                findings.technologies.clone_from(&own.technologies);
            }
            assert_eq!(
                findings, surveyed,
                "{technology:?} {filters:?}, {:?}",
                unfiltered.pay
            );
        }
        all.len()
    }

    #[test]
    fn a_small_role_keeps_no_filter_but_that_on_pay() {
        let candidates = market(7, 300);
        assert_eq!(assert_kept_is_what_a_survey_finds(&candidates), 7 + 7);
    }

    #[test]
    fn nobody_is_what_a_survey_of_nobody_finds() {
        let candidates = market(11, 400);
        let block = pack(&candidates);
        let mut facts = RoleFacts::default();
        facts.add(&block).unwrap();
        let all = kept(&facts);
        let unfiltered = &all
            .iter()
            .find(|kept| kept.technology.is_none())
            .unwrap()
            .findings;
        let filters = Filters {
            country: Some("ZW".parse().unwrap()),
            ..Filters::default()
        };
        let mut survey = Survey::new(None, &filters, unfiltered.window);
        survey.add(&Facts::open(&block).unwrap());
        let nobody = Findings {
            technologies: Some(Vec::new()),
            ..Findings::of_nobody(unfiltered, &filters)
        };
        assert_eq!(nobody, survey.findings(unfiltered.pay));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn what_is_kept_ready_is_what_a_survey_finds(seed in any::<u64>()) {
            let candidates = market(seed, 1_200);
            prop_assert!(assert_kept_is_what_a_survey_finds(&candidates) > 100);
        }

        #[test]
        fn candidates_of_every_window_are_counted_once(seed in any::<u64>(), start in 0..30_i32) {
            let candidates = market(seed, 60);
            let window = Window::ending(Month::new(2022, 3).plus(start));
            let mut months_so_far = HistoryCounter::default();
            let mut expected = (0, 0);
            for one in &candidates {
                let counted = one.offers.iter().filter(|offer| offer.is_counted());
                let mut months: Vec<Month> = counted.map(|offer| offer.month()).collect();
                let within = months.iter().filter(|month| window.contains(**month)).count() as u64;
                expected.0 += within;
                expected.1 += u64::from(within > 0);
                months_so_far.add(&mut months);
            }
            prop_assert_eq!(months_so_far.history().within(window), expected);
        }
    }
}
