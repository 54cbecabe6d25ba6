//! The model behind the demo's market.
//!
//! A group is a primary technology of a role in one year. Its number of counted gross offers and their median stand
//! in the [`super::catalogue`]; the candidates are drawn around that median, so that as many counted offers lie below
//! it as above, and one or two on it. Whatever the seed, these figures of a group are therefore those of the
//! catalogue, and everything else is chance: people, places, amounts and days. Some of the candidates also answer a
//! survey of net pay.
//!
//! All arithmetic is on integers, and every group has its own stream of a specified generator: the same size and
//! seed give the same market on every machine.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::catalogue::{
    ACCEPTED_PERCENT, COUNTRIES, CURRENCIES, Country, ENGLISH_AT_HOME, ENGLISH_PAY,
    LEAST_NET_PERCENT, LEAST_PAY, LEVELS, OFFERS_OF_A_CANDIDATE, RAISED_PERCENT, REJECTED_PERCENT,
    ROLES, Role, SEARCH_DAYS, Stack, YEARS, day_weight,
};
use crate::market::words::{English, OfferStatus, PayBasis, Seniority};
use crate::money::MonthlyUsd;

/// Offers of the default demo: all of them, counted and not, of both pay bases. The demo comes within 1 % of it.
pub const DEFAULT_OFFERS: u64 = 38_000;

/// Seed of the default demo.
pub const DEFAULT_SEED: u64 = 1;

/// The largest market, in offers.
const MOST_OFFERS: u64 = 1_000_000_000;

/// A candidate of the demo with the offers that came to them, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoCandidate {
    /// Gross for the demo's marketplace, net for its smaller survey.
    pub pay: PayBasis,
    /// Slug of the role.
    pub role: &'static str,
    /// Slugs of the technologies, the primary one first, none twice.
    pub technologies: Vec<&'static str>,
    /// How far the candidate has come.
    pub seniority: Seniority,
    /// Experience in years, a multiple of a half.
    pub experience_years: f64,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country: &'static str,
    /// Command of English.
    pub english: English,
    /// What the candidate asks for now.
    pub expectation: MonthlyUsd,
    /// The offers, by day.
    pub offers: Vec<DemoOffer>,
}

/// An offer to a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOffer {
    /// What the candidate asked for on that day.
    pub monthly_usd: MonthlyUsd,
    /// The day.
    pub offered_on: NaiveDate,
    /// What became of it.
    pub status: OfferStatus,
}

/// The market of about so many offers of every status, at most a billion, candidate by candidate.
///
/// It is made while it is read and holds one group's state at a time, whatever its size. A market of fewer than
/// about 2,000 offers lacks some of the smaller groups.
pub fn market(offers: u64, seed: u64) -> impl Iterator<Item = DemoCandidate> {
    let size = offers.min(MOST_OFFERS).cast_signed();
    let plans = ROLES.iter().flat_map(move |role| Plan::of_role(role, size));
    (1..)
        .zip(plans)
        .flat_map(move |(stream, plan)| Group::new(plan, Dice::new(seed, stream)))
}

/// What a group must come to.
#[derive(Clone, Copy)]
struct Plan {
    role: &'static Role,
    stack: &'static Stack,
    year: i32,
    /// Counted offers.
    counted: i64,
    /// Their median, USD a month.
    median: i64,
    /// Least number of candidates; those beyond the ones with offers have none.
    candidates: i64,
    /// Relative pay of the role's middle candidate, see [`Profile::pay`].
    middle: i64,
}

impl Plan {
    fn of_role(role: &'static Role, size: i64) -> impl Iterator<Item = Self> {
        let middle = Profile::middle_pay(role);
        role.stacks.iter().flat_map(move |stack| {
            let figures = stack.offers.into_iter().zip(stack.medians);
            let years = YEARS.into_iter().zip(figures);
            years.map(move |(year, (offers, median))| {
                let counted = divide(offers * size, DEFAULT_OFFERS.cast_signed());
                // Who waits for a first offer has no year; the last one counts them.
                let candidates = if YEARS.last() == Some(&year) {
                    divide(counted * 100, stack.proposals)
                } else {
                    0
                };
                Self {
                    role,
                    stack,
                    year,
                    counted,
                    median,
                    candidates,
                    middle,
                }
            })
        })
    }

    fn candidate(
        &self,
        dice: &mut Dice,
        profile: &Profile,
        expectation: i64,
        offers: Vec<DemoOffer>,
    ) -> Option<DemoCandidate> {
        Some(DemoCandidate {
            pay: PayBasis::Gross,
            role: self.role.slug,
            technologies: self.technologies(dice),
            seniority: profile.seniority,
            experience_years: f64::from(i32::try_from(profile.half_years).ok()?) / 2.0,
            country: profile.country.code,
            english: profile.english,
            expectation: usd(expectation)?,
            offers,
        })
    }

    fn technologies(&self, dice: &mut Dice) -> Vec<&'static str> {
        let mut chosen = vec![self.stack.technology];
        for &(technology, percent) in self.stack.companions.iter().chain(self.role.companions) {
            if dice.percent(percent) && !chosen.contains(&technology) {
                chosen.push(technology);
            }
        }
        chosen
    }

    /// A profile and the amount it asks for, drawn until the amount lies in the part of the group.
    fn ask(&self, dice: &mut Dice, part: Ordering) -> Option<(Profile, i64)> {
        loop {
            let profile = Profile::draw(self.role, dice)?;
            let amount = self.amount(dice, &profile)?;
            if part == Ordering::Equal && (amount - self.median).abs() * 10 <= self.median {
                return Some((profile, self.median));
            }
            if part != Ordering::Equal && part == amount.cmp(&self.median) {
                return Some((profile, amount));
            }
        }
    }

    fn amount(&self, dice: &mut Dice, profile: &Profile) -> Option<i64> {
        asked_amount(dice, self.median * profile.pay / self.middle)
    }
}

/// A group in the making.
struct Group {
    plan: Plan,
    dice: Dice,
    parts: [Part; 3],
    /// Candidates made so far.
    made: i64,
    /// What the newest of them answered to the survey.
    answer: Option<DemoCandidate>,
}

/// The part of a group below, on or above its median.
struct Part {
    place: Ordering,
    /// Counted offers that are still to be made.
    open: i64,
    calendar: Calendar,
}

impl Group {
    fn new(plan: Plan, dice: Dice) -> Self {
        let on_median = (2 - plan.counted % 2).min(plan.counted);
        let beside = (plan.counted - on_median) / 2;
        let parts = [
            (Ordering::Less, beside),
            (Ordering::Equal, on_median),
            (Ordering::Greater, beside),
        ];
        Self {
            plan,
            dice,
            parts: parts.map(|(place, open)| Part {
                place,
                open,
                calendar: Calendar::new(plan.year, place),
            }),
            made: 0,
            answer: None,
        }
    }

    /// Counted offers that are still to be made.
    fn open(&self) -> i64 {
        self.parts.iter().map(|part| part.open).sum()
    }

    /// A candidate with offers, in a part where counted offers are still to be made.
    fn with_offers(&mut self) -> Option<DemoCandidate> {
        let mut ticket = self.dice.below(self.open());
        let Self { plan, dice, .. } = self;
        let part = self.parts.iter_mut().find(|part| {
            ticket -= part.open;
            ticket < 0
        })?;

        let (profile, mut amount) = plan.ask(dice, part.place)?;
        let number = dice.pick(OFFERS_OF_A_CANDIDATE)?;
        let days = part.calendar.draw_search(dice, number)?;
        let mut offers = Vec::with_capacity(number);
        for (place, offered_on) in (1..).zip(days) {
            let status = draw_status(dice, place == number);
            if status == OfferStatus::Open {
                if part.open == 0 {
                    break;
                }
                part.open -= 1;
            }
            if !offers.is_empty() && dice.percent(RAISED_PERCENT) {
                let more = raised(dice, amount);
                if part.place == more.cmp(&plan.median) {
                    amount = more;
                }
            }
            offers.push(DemoOffer {
                monthly_usd: usd(amount)?,
                offered_on,
                status,
            });
        }
        plan.candidate(dice, &profile, amount, offers)
    }

    /// The same person in the net survey: only of those with several counted offers, so that gross offers outnumber
    /// net ones in every selection.
    fn survey(&mut self, candidate: &DemoCandidate) -> Option<DemoCandidate> {
        let is_counted = |offer: &&DemoOffer| offer.status == OfferStatus::Open;
        let mut counted = candidate.offers.iter().filter(is_counted);
        let (_, newest) = (counted.next()?, counted.next_back()?);
        if !self.dice.percent(self.plan.role.survey) {
            return None;
        }
        let percent = LEAST_NET_PERCENT + self.dice.below(10);
        let net = i64::from(candidate.expectation.dollars()) * percent / 100;
        let monthly_usd = usd(asked_amount(&mut self.dice, net)?)?;
        Some(DemoCandidate {
            pay: PayBasis::Net,
            expectation: monthly_usd,
            offers: vec![DemoOffer {
                monthly_usd,
                ..*newest
            }],
            ..candidate.clone()
        })
    }

    /// A candidate who never received an offer: more often one who starts out.
    fn without_offers(&mut self) -> Option<DemoCandidate> {
        let Self { plan, dice, .. } = self;
        let one = Profile::draw(plan.role, dice)?;
        let other = Profile::draw(plan.role, dice)?;
        let profile = if one.pay < other.pay { one } else { other };
        let amount = plan.amount(dice, &profile)?;
        plan.candidate(dice, &profile, amount, Vec::new())
    }
}

impl Iterator for Group {
    type Item = DemoCandidate;

    fn next(&mut self) -> Option<DemoCandidate> {
        if self.answer.is_some() {
            return self.answer.take();
        }
        let candidate = if self.open() > 0 {
            self.with_offers()?
        } else if self.made < self.plan.candidates {
            self.without_offers()?
        } else {
            return None;
        };
        self.made += 1;
        self.answer = self.survey(&candidate);
        Some(candidate)
    }
}

/// What decides about a candidate's pay.
struct Profile {
    seniority: Seniority,
    half_years: i64,
    country: &'static Country,
    english: English,
    /// The product of all factors of pay, thousandths.
    pay: i64,
}

impl Profile {
    fn draw(role: &Role, dice: &mut Dice) -> Option<Self> {
        let level = dice.pick(LEVELS.iter().zip(role.mix))?;
        let country = dice.pick(COUNTRIES.iter().map(|country| (country, country.weight)))?;
        let weights = if country.speaks_english {
            ENGLISH_AT_HOME
        } else {
            level.english
        };
        let languages = English::ALL.iter().copied().zip(ENGLISH_PAY);
        let (english, english_pay) = dice.pick(languages.zip(weights))?;

        let (least, most) = level.half_years;
        let span = most - least;
        let above_least = i64::midpoint(dice.below(span + 1), dice.below(span + 1));
        let experience_pay = 940 + 120 * above_least / span;

        let factors = [country.pay, english_pay, experience_pay, dice.luck()];
        Some(Self {
            seniority: level.seniority,
            half_years: least + above_least,
            country,
            english,
            pay: factors
                .iter()
                .fold(level.pay, |pay, factor| pay * factor / 1000),
        })
    }

    /// Relative pay of the middle one of many candidates of the role.
    fn middle_pay(role: &Role) -> i64 {
        let mut dice = Dice::new(DEFAULT_SEED, 0);
        let mut pays: Vec<i64> = (0..999)
            .filter_map(|_| Profile::draw(role, &mut dice))
            .map(|profile| profile.pay)
            .collect();
        pays.sort_unstable();
        pays.get(pays.len() / 2).copied().unwrap_or(1000)
    }
}

/// The amount that somebody worth so much asks for: a round one, unless they reckon by the year or in another currency.
fn asked_amount(dice: &mut Dice, pay: i64) -> Option<i64> {
    let amount = match dice.below(100) {
        0..26 if pay >= 3000 => nearest(pay, 500),
        0..70 => nearest(pay, 100),
        70..86 => nearest(pay, 50),
        86..94 => divide(nearest(pay * 12, 1000), 12),
        _ => {
            let (rate, step) = dice.pick(CURRENCIES)?;
            divide(nearest(pay * 1000 / rate, step) * rate, 1000)
        }
    };
    Some(amount.max(LEAST_PAY))
}

fn draw_status(dice: &mut Dice, is_last: bool) -> OfferStatus {
    if is_last && dice.percent(ACCEPTED_PERCENT) {
        OfferStatus::Accepted
    } else if dice.percent(REJECTED_PERCENT) {
        OfferStatus::Rejected
    } else {
        OfferStatus::Open
    }
}

/// The amount and 2 to 5 % more, at least $50.
fn raised(dice: &mut Dice, amount: i64) -> i64 {
    amount + nearest(amount * (2 + dice.below(4)) / 100, 50).max(50)
}

/// The days of a year, each as likely as an offer on it.
struct Calendar {
    /// Each day with the weight of all days up to it.
    days: Vec<(i64, NaiveDate)>,
    /// The weight of all days, below 2^31.
    total: i64,
}

impl Calendar {
    /// The days of offers in one part of a group. Pay rises: offers below the median come a little earlier in the
    /// year, those above a little later. Those on the median come in December, so no group ends before its year.
    fn new(year: i32, part: Ordering) -> Self {
        let mut total = 0;
        let days = (1..=366)
            .filter_map(|ordinal| NaiveDate::from_yo_opt(year, ordinal))
            .map(|day| {
                let from_midyear = 2 * i64::from(day.month()) - 13;
                let share = match part {
                    Ordering::Less => 200 - from_midyear,
                    Ordering::Equal => i64::from(day.month() == 12),
                    Ordering::Greater => 200 + from_midyear,
                };
                total += day_weight(day) * share;
                (total, day)
            })
            .collect();
        Self { days, total }
    }

    fn draw(&self, dice: &mut Dice) -> Option<NaiveDate> {
        let ticket = dice.below(self.total);
        let place = self.days.partition_point(|(weights, _)| *weights <= ticket);
        self.days.get(place).map(|(_, day)| *day)
    }

    /// The days of the offers in one search for work, in order.
    fn draw_search(&self, dice: &mut Dice, offers: usize) -> Option<Vec<NaiveDate>> {
        let first = self.draw(dice)?;
        let mut days = vec![first];
        while days.len() < offers {
            let day = self.draw(dice)?;
            if (day - first).num_days().abs() <= SEARCH_DAYS {
                days.push(day);
            }
        }
        days.sort_unstable();
        Some(days)
    }
}

/// A source of chance whose results stay the same between versions of its library.
struct Dice(ChaCha8Rng);

impl Dice {
    fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// A number from 0 to `bound - 1`; `bound` is at most 2^31.
    fn below(&mut self, bound: i64) -> i64 {
        (i64::from(self.0.next_u32()) * bound) >> 32
    }

    fn percent(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    /// One of the items by their weights; `None` of an empty table.
    fn pick<T, I>(&mut self, table: I) -> Option<T>
    where
        I: IntoIterator<Item = (T, i64)>,
        I::IntoIter: Clone,
    {
        let table = table.into_iter();
        let total = table.clone().map(|(_, weight)| weight).sum();
        let mut ticket = self.below(total);
        table.into_iter().find_map(|(item, weight)| {
            ticket -= weight;
            (ticket < 0).then_some(item)
        })
    }

    /// A factor of pay in thousandths: `e^x` of a nearly normal `x`, and rarely half as much again.
    fn luck(&mut self) -> i64 {
        let x = (0..4).map(|_| self.below(251) - 125).sum::<i64>();
        let (even, odd) = (12_000_000 + x * x, 6_000 * x);
        let factor = 1000 * (even + odd) / (even - odd);
        if self.below(100) == 0 {
            factor * 3 / 2
        } else {
            factor
        }
    }
}

/// `numerator / denominator`, rounded half up, for positive numbers.
const fn divide(numerator: i64, denominator: i64) -> i64 {
    (2 * numerator + denominator) / (2 * denominator)
}

/// The multiple of the step nearest to the amount.
const fn nearest(amount: i64, step: i64) -> i64 {
    divide(amount, step) * step
}

fn usd(amount: i64) -> Option<MonthlyUsd> {
    MonthlyUsd::new(i32::try_from(amount).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::LazyLock;

    use super::*;

    static DEMO: LazyLock<Vec<DemoCandidate>> =
        LazyLock::new(|| market(DEFAULT_OFFERS, DEFAULT_SEED).collect());

    /// Counted offers of candidates: the day and the dollars.
    fn counted<'c>(
        candidates: impl IntoIterator<Item = &'c DemoCandidate>,
    ) -> Vec<(NaiveDate, i32)> {
        let offers = candidates
            .into_iter()
            .flat_map(|candidate| &candidate.offers);
        offers
            .filter(|offer| offer.status == OfferStatus::Open)
            .map(|offer| (offer.offered_on, offer.monthly_usd.dollars()))
            .collect()
    }

    /// Twice the median, which is then whole.
    fn doubled_median(amounts: impl IntoIterator<Item = i32>) -> i32 {
        let mut amounts: Vec<i32> = amounts.into_iter().collect();
        amounts.sort_unstable();
        let at = |place: usize| amounts.get(place).copied().unwrap_or_default();
        at(amounts.len().saturating_sub(1) / 2) + at(amounts.len() / 2)
    }

    fn number_of_offers(candidates: &[DemoCandidate]) -> usize {
        candidates
            .iter()
            .map(|candidate| candidate.offers.len())
            .sum()
    }

    fn is_about(number: usize, expected: u64, tolerance_percent: u64) -> bool {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        number.abs_diff(expected) * 100 <= expected * tolerance_percent
    }

    /// All that a candidate is, in a line that no change of a type's own formatting touches.
    fn line(one: &DemoCandidate) -> String {
        let (pay, seniority, english) = (
            one.pay.as_str(),
            one.seniority.as_str(),
            one.english.as_str(),
        );
        let (role, technologies, country) = (one.role, one.technologies.join(","), one.country);
        let (years, expectation) = (one.experience_years, one.expectation.dollars());
        let offers = one.offers.iter().map(|offer| {
            let (dollars, day) = (offer.monthly_usd.dollars(), offer.offered_on);
            format!("{dollars} {day} {}", offer.status.as_str())
        });
        let offers: Vec<String> = offers.collect();
        let offers = offers.join(",");
        format!(
            "{pay} {role} {technologies} {seniority} {years} {country} {english} {expectation} {offers}"
        )
    }

    /// FNV-1a.
    fn hash(lines: &[String]) -> u64 {
        let bytes = lines.iter().flat_map(|line| line.bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    #[test]
    fn the_same_size_and_seed_give_the_same_market() {
        let again: Vec<_> = market(DEFAULT_OFFERS, DEFAULT_SEED).collect();
        assert!(again == *DEMO);
        let first: Vec<String> = DEMO.iter().take(1000).map(line).collect();
        assert_eq!(hash(&first), 0xe885_cba1_0937_f6f6);
        let other: Vec<String> = market(DEFAULT_OFFERS, 2)
            .take(1000)
            .map(|one| line(&one))
            .collect();
        assert_ne!(first, other);
    }

    #[test]
    fn django_in_back_end_web_has_the_figures_of_the_catalogue() {
        for seed in 1..=3 {
            let candidates: Vec<_> = market(DEFAULT_OFFERS, seed)
                .filter(|one| one.pay == PayBasis::Gross && one.role == "back-end-web")
                .filter(|one| one.technologies.contains(&"django"))
                .collect();
            let in_window = |day: NaiveDate| day.year() == 2024;

            let offers = counted(&candidates);
            let newest = offers
                .iter()
                .map(|(day, _)| (day.year(), day.month()))
                .max();
            assert_eq!(newest, Some((2024, 12)));
            let offers: Vec<_> = offers
                .into_iter()
                .filter(|(day, _)| in_window(*day))
                .collect();
            assert_eq!(offers.len(), 571);
            assert_eq!(
                doubled_median(offers.into_iter().map(|(_, dollars)| dollars)),
                2 * 7707
            );

            let present = |one: &&DemoCandidate| {
                one.offers.is_empty() || one.offers.iter().any(|offer| in_window(offer.offered_on))
            };
            let present = candidates.iter().filter(present).count();
            assert!(
                (560..=582).contains(&present),
                "{present} candidates, seed {seed}"
            );
        }
    }

    #[test]
    fn every_gross_group_has_the_offers_and_the_median_of_the_catalogue() {
        for (size, seed) in [
            (DEFAULT_OFFERS, DEFAULT_SEED),
            (2_000, 7),
            (150_000, u64::MAX),
        ] {
            let mut groups: BTreeMap<_, Vec<i32>> = BTreeMap::new();
            for one in market(size, seed).filter(|one| one.pay == PayBasis::Gross) {
                for (day, dollars) in counted([&one]) {
                    let group = (one.role, one.technologies.first().copied(), day.year());
                    groups.entry(group).or_default().push(dollars);
                }
            }
            for plan in ROLES
                .iter()
                .flat_map(|role| Plan::of_role(role, size.cast_signed()))
            {
                if plan.counted == 0 {
                    continue;
                }
                let group = (plan.role.slug, Some(plan.stack.technology), plan.year);
                let amounts = groups.remove(&group).unwrap_or_default();
                assert_eq!(i64::try_from(amounts.len()), Ok(plan.counted), "{group:?}");
                assert_eq!(
                    i64::from(doubled_median(amounts)),
                    2 * plan.median,
                    "{group:?}"
                );
            }
            assert!(groups.is_empty());
        }
    }

    #[test]
    fn the_market_is_as_large_as_asked_for() {
        assert!(is_about(number_of_offers(&DEMO), DEFAULT_OFFERS, 1));
        for (size, seed) in [(2_000, 1), (DEFAULT_OFFERS, 2), (300_000, 1)] {
            let candidates: Vec<_> = market(size, seed).collect();
            assert!(is_about(number_of_offers(&candidates), size, 5), "{size}");
        }
        assert_eq!(market(0, 1).count(), 0);
    }

    #[test]
    fn the_market_is_wide_and_every_role_lasts_to_the_end() {
        let technologies = DEMO.iter().flat_map(|one| &one.technologies);
        let countries = DEMO.iter().map(|one| one.country);
        let days = DEMO
            .iter()
            .flat_map(|one| &one.offers)
            .map(|offer| offer.offered_on);
        let months: BTreeSet<_> = days.map(|day| (day.year(), day.month())).collect();
        assert!(technologies.collect::<BTreeSet<_>>().len() >= 40);
        assert!(countries.collect::<BTreeSet<_>>().len() >= 30);
        assert_eq!(months.len(), 24);
        assert_eq!(months.first(), Some(&(2023, 1)));
        assert_eq!(months.last(), Some(&(2024, 12)));

        let mut newest = BTreeMap::new();
        for one in market(2_000, 5) {
            for (day, _) in counted([&one]) {
                let newest: &mut NaiveDate = newest.entry(one.role).or_insert(day);
                *newest = day.max(*newest);
            }
        }
        assert_eq!(newest.len(), ROLES.len());
        assert!(
            newest
                .values()
                .all(|day| (day.year(), day.month()) == (2024, 12))
        );
    }

    #[test]
    fn seniority_pays() {
        for role in ROLES {
            let median = |seniority: &Seniority| {
                let candidates = DEMO.iter().filter(|one| {
                    one.pay == PayBasis::Gross
                        && (one.role, one.seniority) == (role.slug, *seniority)
                });
                doubled_median(counted(candidates).into_iter().map(|(_, dollars)| dollars))
            };
            let medians: Vec<i32> = Seniority::ALL.iter().map(median).collect();
            assert!(
                medians.is_sorted_by(|low, high| low * 11 < high * 10),
                "{} {medians:?}",
                role.slug
            );
        }
    }

    #[test]
    fn the_survey_is_the_smaller_source_with_one_open_offer_each() {
        for role in ROLES.iter().filter(|role| role.survey > 0) {
            let of_role = DEMO.iter().filter(|one| one.role == role.slug);
            let (net, gross): (Vec<_>, Vec<_>) = of_role.partition(|one| one.pay == PayBasis::Net);
            assert!(
                net.iter()
                    .all(|one| one.offers.len() == 1 && counted([*one]).len() == 1)
            );
            let rows = net.len() + gross.iter().map(|one| one.offers.len()).sum::<usize>();
            assert!((7..13).contains(&(net.len() * 100 / rows)), "{}", role.slug);
        }
    }

    #[test]
    fn a_candidate_is_consistent() {
        for one in DEMO.iter() {
            let distinct: BTreeSet<_> = one.technologies.iter().collect();
            assert_eq!(distinct.len(), one.technologies.len());
            assert!(
                one.offers
                    .is_sorted_by_key(|offer| (offer.offered_on, offer.monthly_usd))
            );
            let now = one
                .offers
                .last()
                .map_or(one.expectation, |offer| offer.monthly_usd);
            assert_eq!(one.expectation, now);
            assert!((one.experience_years * 2.0).fract() == 0.0);
        }
    }

    #[test]
    fn django_is_never_a_companion() {
        let stacks = ROLES.iter().flat_map(|role| role.stacks);
        let of_stacks = stacks.flat_map(|stack| stack.companions);
        let mut all = ROLES
            .iter()
            .flat_map(|role| role.companions)
            .chain(of_stacks);
        assert!(all.all(|(technology, _)| *technology != "django"));
    }
}
