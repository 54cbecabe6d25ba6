//! The model behind the demo's market.
//!
//! A group is a primary technology of a role in one year on one pay basis. Its number of counted offers and their
//! median stand in the [`super::catalogue`]; the candidates are drawn around that median, so that as many counted
//! offers lie below it as above, and one or two on it. Whatever the seed, the figures of a group are therefore
//! those of the catalogue, and everything else is chance: people, places, amounts and days.
//!
//! All arithmetic is on integers, and every group has its own stream of a specified generator: the same size and
//! seed give the same market on every machine.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::catalogue::{
    ACCEPTED_PERCENT, COUNTRIES, CURRENCIES, Country, ENGLISH_AT_HOME, ENGLISH_PAY, LEAST_PAY,
    LEVELS, NET_PERCENT, OFFERS_OF_A_CANDIDATE, RAISED_PERCENT, REJECTED_PERCENT, ROLES, Role,
    SEARCH_DAYS, SURVEYED_PERCENT, SURVEYED_WEIGHT, Stack, YEARS, day_weight,
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
    pay: PayBasis,
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
        let plans = role.stacks.iter().flat_map(move |stack| {
            let figures = stack.offers.into_iter().zip(stack.medians);
            let years = YEARS.into_iter().zip(figures);
            years.map(move |(year, (offers, median))| Self {
                pay: PayBasis::Gross,
                role,
                stack,
                year,
                counted: divide(offers * size, DEFAULT_OFFERS.cast_signed()),
                median,
                candidates: 0,
                middle,
            })
        });
        plans.flat_map(|plan| [plan.with_waiting_candidates(), plan.surveyed()])
    }

    /// The plan with the candidates who wait for their first offer. They have no year, so the last one counts them.
    fn with_waiting_candidates(self) -> Self {
        if YEARS.last() == Some(&self.year) {
            let candidates = divide(self.counted * 100, self.stack.proposals);
            Self { candidates, ..self }
        } else {
            self
        }
    }

    /// The plan of the same group in the net survey, where everybody has one offer.
    fn surveyed(self) -> Self {
        Self {
            pay: PayBasis::Net,
            counted: divide(self.counted * self.role.survey, 100),
            median: nearest(self.median * NET_PERCENT / 100, 50),
            ..self
        }
    }

    fn candidate(
        &self,
        dice: &mut Dice,
        profile: &Profile,
        expectation: i64,
        offers: Vec<DemoOffer>,
    ) -> Option<DemoCandidate> {
        Some(DemoCandidate {
            pay: self.pay,
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
            let asked_for = self.pay == PayBasis::Gross || percent >= SURVEYED_PERCENT;
            if asked_for && dice.percent(percent) && !chosen.contains(&technology) {
                chosen.push(technology);
            }
        }
        chosen
    }

    fn number_of_offers(&self, dice: &mut Dice) -> Option<usize> {
        match self.pay {
            PayBasis::Gross => dice.pick(OFFERS_OF_A_CANDIDATE),
            PayBasis::Net => Some(1),
        }
    }

    fn status(&self, dice: &mut Dice, is_last: bool) -> OfferStatus {
        if self.pay == PayBasis::Net {
            OfferStatus::Open
        } else if is_last && dice.percent(ACCEPTED_PERCENT) {
            OfferStatus::Accepted
        } else if dice.percent(REJECTED_PERCENT) {
            OfferStatus::Rejected
        } else {
            OfferStatus::Open
        }
    }

    /// A profile and the amount it asks for, drawn until the amount lies in the part of the group.
    fn ask(&self, dice: &mut Dice, part: Ordering) -> Option<(Profile, i64)> {
        loop {
            let profile = Profile::draw(self.role, self.pay, dice)?;
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
        let number = plan.number_of_offers(dice)?;
        let days = part.calendar.draw_search(dice, number)?;
        let mut offers = Vec::with_capacity(number);
        for (place, offered_on) in (1..).zip(days) {
            let status = plan.status(dice, place == number);
            if status == OfferStatus::Open {
                if part.open == 0 {
                    continue;
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

    /// A candidate who never received an offer: more often one who starts out.
    fn without_offers(&mut self) -> Option<DemoCandidate> {
        let Self { plan, dice, .. } = self;
        let one = Profile::draw(plan.role, plan.pay, dice)?;
        let other = Profile::draw(plan.role, plan.pay, dice)?;
        let profile = if one.pay < other.pay { one } else { other };
        let amount = plan.amount(dice, &profile)?;
        plan.candidate(dice, &profile, amount, Vec::new())
    }
}

impl Iterator for Group {
    type Item = DemoCandidate;

    fn next(&mut self) -> Option<DemoCandidate> {
        let candidate = if self.open() > 0 {
            self.with_offers()
        } else if self.made < self.plan.candidates {
            self.without_offers()
        } else {
            None
        };
        self.made += 1;
        candidate
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
    fn draw(role: &Role, pay: PayBasis, dice: &mut Dice) -> Option<Self> {
        let level = dice.pick(LEVELS.iter().zip(role.mix))?;
        let reached =
            |country: &Country| pay == PayBasis::Gross || country.weight >= SURVEYED_WEIGHT;
        let countries = COUNTRIES.iter().filter(|country| reached(country));
        let country = dice.pick(countries.map(|country| (country, country.weight)))?;
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
            .filter_map(|_| Profile::draw(role, PayBasis::Gross, &mut dice))
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
        let x = (0..4).map(|_| self.below(301) - 150).sum::<i64>();
        let (even, odd) = (12_000_000 + x * x, 6_000 * x);
        let factor = 1000 * (even + odd) / (even - odd);
        if self.below(70) == 0 {
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
