//! The facts of a block of candidates of one role, packed into bytes: all that figures ask, and nothing else. Pure.
//!
//! A block is what the database keeps for figures (`facts.packed`), so that a page with any combination of filters is
//! computed from a few bytes a candidate instead of from rows. Columns follow one another, numbers in little-endian order:
//!
//! | column | bytes |
//! | --- | --- |
//! | head: technologies, sources, bytes of groups, bytes of people, offers | 5 x 4 |
//! | technologies: keys, ascending | 8 each |
//! | sources: key, pay basis, ascending | 9 each |
//! | groups of candidates with the same [`Profile`] and source: the profile | 4 |
//! | and: the source's place in the list, the group's bytes of people, its offers | variable |
//! | people: of each candidate the offers, the bytes of skills, and the skills: places in the list of technologies | variable |
//! | offers: [`Offer`] after [`Offer`] | 4 each |
//!
//! Of a combination of filters most groups can be passed over as a whole.
//!
//! Variable numbers have seven bits in a byte, the lowest first, and a high bit where another byte follows. The same facts
//! always make the same bytes.

use std::fmt;

use smallvec::SmallVec;

use super::filter::Filters;
use super::window::Month;
use crate::ids::{SourceId, TechnologyId};
use crate::market::{Country, English, ExperienceBand, PayBasis, Seniority};
use crate::money::MonthlyUsd;

/// What figures ask of one candidate. Short lists are part of it: an import makes one for each row and soon drops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the candidate came from.
    pub source: SourceId,
    /// The source's pay basis.
    pub pay: PayBasis,
    /// What filters ask.
    pub profile: Profile,
    /// Known technologies, each once.
    pub technologies: SmallVec<[TechnologyId; 8]>,
    /// Offers in any order.
    pub offers: SmallVec<[Offer; 4]>,
}

/// What filters ask of a candidate, in 19 bits: seniority, experience and English with three bits each and a country
/// with ten, all from 1; 0 is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Profile(u32);

/// A filter that a [`Profile`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Seniority.
    Seniority,
    /// Experience.
    Experience,
    /// Level of English.
    English,
    /// Country.
    Country,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Seniority,
        Self::Experience,
        Self::English,
        Self::Country,
    ];

    const fn shift(self) -> u32 {
        match self {
            Self::Seniority => 0,
            Self::Experience => 3,
            Self::English => 6,
            Self::Country => 9,
        }
    }

    const fn mask(self) -> u32 {
        match self {
            Self::Seniority | Self::Experience | Self::English => 0b111 << self.shift(),
            Self::Country => 0x3ff << self.shift(),
        }
    }
}

impl Profile {
    /// The profile of a candidate of whom so much is known.
    #[must_use]
    pub fn new(
        seniority: Option<Seniority>,
        experience: Option<ExperienceBand>,
        english: Option<English>,
        country: Option<Country>,
    ) -> Self {
        let fields = [
            (Dimension::Seniority, place(Seniority::ALL, seniority)),
            (
                Dimension::Experience,
                place(ExperienceBand::ALL, experience),
            ),
            (Dimension::English, place(English::ALL, english)),
            (Dimension::Country, country.map_or(0, country_number)),
        ];
        let bits = fields.map(|(dimension, value)| value << dimension.shift());
        Self(bits.iter().sum())
    }

    /// Its value in a dimension: from 1, below 1,024; 0 is unknown.
    #[must_use]
    pub const fn value(self, dimension: Dimension) -> u32 {
        (self.0 & dimension.mask()) >> dimension.shift()
    }
}

fn place<T: PartialEq + Copy>(all: &[T], value: Option<T>) -> u32 {
    let found = all
        .iter()
        .zip(1..)
        .find(|(known, _)| Some(**known) == value);
    found.map_or(0, |(_, place)| place)
}

/// The word of a dimension's value.
#[must_use]
pub fn word<T: Copy>(all: &[T], value: u32) -> Option<T> {
    all.get(usize::try_from(value).ok()?.checked_sub(1)?)
        .copied()
}

/// Two letters as a number of two digits to the base of 32.
fn country_number(country: Country) -> u32 {
    let letters = country.as_str().bytes();
    letters.fold(0, |number, letter| {
        number * 32 + u32::from(letter.saturating_sub(b'@'))
    })
}

/// The country of a value of [`Dimension::Country`].
#[must_use]
pub fn country(value: u32) -> Option<Country> {
    let letter = |digit: u32| char::from(b'@' + u8::try_from(digit).unwrap_or(0));
    let code: String = [letter(value / 32), letter(value % 32)].iter().collect();
    code.parse().ok()
}

/// The conditions of filters on a [`Profile`].
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    mask: u32,
    wanted: u32,
}

impl Conditions {
    /// Those of the filters.
    #[must_use]
    pub fn of(filters: &Filters) -> Self {
        let wanted = Profile::new(
            filters.seniority,
            filters.experience,
            filters.english,
            filters.country,
        );
        let asked = Dimension::ALL
            .into_iter()
            .filter(|dimension| wanted.value(*dimension) != 0);
        Self {
            mask: asked.map(Dimension::mask).sum(),
            wanted: wanted.0,
        }
    }

    /// Whether a profile meets them all.
    #[must_use]
    pub const fn are_met_by(self, profile: Profile) -> bool {
        (profile.0 ^ self.wanted) & self.mask == 0
    }

    /// All of them but the one in that dimension.
    #[must_use]
    pub const fn but_for(self, dimension: Dimension) -> Self {
        Self {
            mask: self.mask & !dimension.mask(),
            ..self
        }
    }
}

/// One offer, in 32 bits: 20 of the salary, 11 of the month since January 1990, and one that says whether it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer(u32);

/// The earliest month of an offer.
pub const FIRST_MONTH: Month = Month::new(1990, 1);
const MONTH_BITS: u32 = 11;

impl Offer {
    /// An offer at a salary in a month; counted where its status is open.
    #[must_use]
    pub fn new(salary: MonthlyUsd, month: Month, counted: bool) -> Self {
        let month = month.since(FIRST_MONTH).clamp(0, (1 << MONTH_BITS) - 1);
        let salary = salary.dollars().cast_unsigned();
        Self(salary << (MONTH_BITS + 1) | month.cast_unsigned() << 1 | u32::from(counted))
    }

    /// The candidate's salary expectation of the day.
    #[must_use]
    pub fn salary(self) -> MonthlyUsd {
        let dollars = (self.0 >> (MONTH_BITS + 1)).cast_signed();
        MonthlyUsd::new(dollars).unwrap_or(MonthlyUsd::LEAST)
    }

    /// The month of the offer.
    #[must_use]
    pub const fn month(self) -> Month {
        FIRST_MONTH.plus((self.0 >> 1 & ((1 << MONTH_BITS) - 1)).cast_signed())
    }

    /// Whether it is counted.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Bytes that are no packed facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the packed facts are damaged")
    }
}

impl std::error::Error for Damaged {}

/// Packs a block of candidates.
#[must_use]
pub fn pack(candidates: &[Candidate]) -> Vec<u8> {
    let technologies = Technologies::of(candidates);
    let sources = sorted(candidates.iter().map(|one| (one.source, one.pay)));
    let mut in_groups: Vec<&Candidate> = candidates.iter().collect();
    in_groups.sort_by_key(|one| (one.profile.0, one.source, one.pay));
    let (mut groups, mut people, mut offers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut known, mut skills) = (Vec::new(), Vec::new());
    for group in
        in_groups.chunk_by(|a, b| (a.profile, a.source, a.pay) == (b.profile, b.source, b.pay))
    {
        let (people_before, offers_before) = (people.len(), offers.len());
        for one in group {
            known.clear();
            let named = one.technologies.iter();
            known.extend(named.map(|technology| technologies.place(*technology)));
            known.sort_unstable();
            skills.clear();
            for place in &known {
                write_number(&mut skills, *place);
            }
            write_number(&mut people, one.offers.len());
            write_number(&mut people, skills.len());
            people.extend_from_slice(&skills);
            let first = offers.len();
            offers.extend_from_slice(&one.offers);
            if let Some(received) = offers.get_mut(first..) {
                received.sort_unstable();
            }
        }
        if let Some(one) = group.first() {
            groups.extend(one.profile.0.to_le_bytes());
            let source = sources.binary_search(&(one.source, one.pay)).unwrap_or(0);
            write_number(&mut groups, source);
            write_number(&mut groups, people.len() - people_before);
            write_number(&mut groups, offers.len() - offers_before);
        }
    }
    let head = [
        technologies.keys.len(),
        sources.len(),
        groups.len(),
        people.len(),
        offers.len(),
    ];
    let mut packed = Vec::new();
    for number in head {
        packed.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }
    for technology in &technologies.keys {
        packed.extend(technology.0.to_le_bytes());
    }
    for (source, pay) in &sources {
        packed.extend(source.0.to_le_bytes());
        packed.push(u8::from(*pay == PayBasis::Net));
    }
    packed.extend(groups);
    packed.extend(people);
    packed.extend(offers.iter().flat_map(|offer| offer.0.to_le_bytes()));
    packed
}

/// The technologies of a block's candidates.
struct Technologies {
    /// Their keys, ascending.
    keys: Vec<TechnologyId>,
    /// The places of keys in that list, one after the other from the lowest key on, where the keys lie close together.
    places: Vec<usize>,
}

impl Technologies {
    /// How far the keys may lie apart.
    const CLOSE: usize = 1 << 16;

    fn of(candidates: &[Candidate]) -> Self {
        let all = || candidates.iter().flat_map(|one| &one.technologies).copied();
        let lowest = all().min().unwrap_or(TechnologyId(0));
        let highest = all().max().unwrap_or(lowest);
        let span = usize::try_from(highest.0.abs_diff(lowest.0)).unwrap_or(usize::MAX);
        if span >= Self::CLOSE {
            return Self {
                keys: sorted(all()),
                places: Vec::new(),
            };
        }
        let distance = |key: TechnologyId| usize::try_from(key.0.abs_diff(lowest.0));
        let mut is_there = vec![false; span + 1];
        for place in all().filter_map(|key| distance(key).ok()) {
            if let Some(is_there) = is_there.get_mut(place) {
                *is_there = true;
            }
        }
        let mut technologies = Self {
            keys: Vec::new(),
            places: Vec::with_capacity(span + 1),
        };
        for (key, is_there) in (lowest.0..).zip(is_there) {
            technologies.places.push(technologies.keys.len());
            if is_there {
                technologies.keys.push(TechnologyId(key));
            }
        }
        technologies
    }

    /// The place of one of them.
    fn place(&self, technology: TechnologyId) -> usize {
        let known = self.keys.first().and_then(|lowest| {
            let distance = usize::try_from(technology.0.abs_diff(lowest.0)).ok()?;
            self.places.get(distance).copied()
        });
        known.unwrap_or_else(|| self.keys.binary_search(&technology).unwrap_or(0))
    }
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// A part of a column, by the ends of all parts.
pub(super) fn slice<'c, T>(column: &'c [T], ends: &[u32], place: usize) -> &'c [T] {
    let from = match place.checked_sub(1) {
        None => 0,
        Some(before) => ends.get(before).copied().unwrap_or(0),
    };
    let to = ends.get(place).copied().unwrap_or(from);
    column.get(from as usize..to as usize).unwrap_or_default()
}

/// A place or an end in columns of at most four billion entries.
pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Writes a variable number.
pub(super) fn write_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
}

/// Reads a variable number off; `None` where there is none.
pub(super) fn read_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A packed block, opened.
#[derive(Clone, Debug)]
pub struct Facts<'b> {
    /// Technologies that anyone in the block knows.
    pub technologies: Vec<TechnologyId>,
    /// Sources of the block's candidates.
    pub sources: Vec<(SourceId, PayBasis)>,
    groups: &'b [u8],
    people: &'b [u8],
    offers: &'b [u8],
}

/// Candidates of a packed block who share what filters ask.
#[derive(Clone, Copy, Debug)]
pub struct Group<'b> {
    /// What filters ask.
    pub profile: Profile,
    /// Place of the source in [`Facts::sources`].
    pub source: usize,
    people: &'b [u8],
    offers: &'b [u8],
}

/// A candidate of a packed block.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'b> {
    skills: &'b [u8],
    offers: &'b [u8],
}

impl<'b> Facts<'b> {
    /// Opens packed facts without copying them.
    ///
    /// # Errors
    /// [`Damaged`] where the columns are not as long as the head says.
    pub fn open(bytes: &'b [u8]) -> Result<Self, Damaged> {
        let mut rest = bytes;
        let mut numbers = [0; 5];
        for number in &mut numbers {
            let word = take(&mut rest, 4)?.try_into().map_err(|_| Damaged)?;
            *number = u32::from_le_bytes(word) as usize;
        }
        let [technologies, sources, groups, people, offers] = numbers;
        let key = |bytes: &[u8]| bytes.try_into().map_or(0, i64::from_le_bytes);
        let technologies = take(&mut rest, technologies * 8)?
            .chunks_exact(8)
            .map(|bytes| TechnologyId(key(bytes)))
            .collect();
        let sources = take(&mut rest, sources * 9)?
            .chunks_exact(9)
            .filter_map(|bytes| bytes.split_last())
            .map(|(pay, bytes)| {
                let pay = if *pay == 0 {
                    PayBasis::Gross
                } else {
                    PayBasis::Net
                };
                (SourceId(key(bytes)), pay)
            })
            .collect();
        let facts = Self {
            technologies,
            sources,
            groups: take(&mut rest, groups)?,
            people: take(&mut rest, people)?,
            offers: take(&mut rest, offers * 4)?,
        };
        if rest.is_empty() {
            Ok(facts)
        } else {
            Err(Damaged)
        }
    }

    /// The groups, by profile and source.
    pub fn groups(&self) -> impl Iterator<Item = Group<'b>> + use<'b> {
        let (mut groups, mut people, mut offers) = (self.groups, self.people, self.offers);
        std::iter::from_fn(move || {
            let profile = take(&mut groups, 4).ok()?.try_into().ok()?;
            let source = read_number(&mut groups)?;
            let bytes_of_people = read_number(&mut groups)?;
            let received = read_number(&mut groups)?;
            Some(Group {
                profile: Profile(u32::from_le_bytes(profile)),
                source,
                people: take(&mut people, bytes_of_people).ok()?,
                offers: take(&mut offers, received * 4).ok()?,
            })
        })
    }
}

impl<'b> Group<'b> {
    /// The candidates, in the order in which they were packed.
    pub fn candidates(&self) -> impl Iterator<Item = Packed<'b>> + use<'b> {
        let (mut people, mut offers) = (self.people, self.offers);
        std::iter::from_fn(move || {
            let received = read_number(&mut people)?;
            let known = read_number(&mut people)?;
            Some(Packed {
                skills: take(&mut people, known).ok()?,
                offers: take(&mut offers, received * 4).ok()?,
            })
        })
    }
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Result<&'b [u8], Damaged> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Damaged)?;
    *bytes = rest;
    Ok(taken)
}

impl<'b> Packed<'b> {
    /// The offers, those with the lowest salary first.
    pub fn offers(&self) -> impl Iterator<Item = Offer> + use<'b> {
        self.offers
            .chunks_exact(4)
            .map(|bytes| Offer(bytes.try_into().map_or(0, u32::from_le_bytes)))
    }

    /// Known technologies, by their places in [`Facts::technologies`], ascending.
    pub fn skills(&self) -> impl Iterator<Item = usize> + use<'b> {
        let mut skills = self.skills;
        std::iter::from_fn(move || read_number(&mut skills))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(source: i64, technologies: &[i64], offers: &[(i32, i32, bool)]) -> Candidate {
        Candidate {
            source: SourceId(source),
            pay: PayBasis::Net,
            profile: Profile::new(
                Some(Seniority::Expert),
                None,
                Some(English::C2),
                Some("UA".parse().unwrap()),
            ),
            technologies: technologies.iter().copied().map(TechnologyId).collect(),
            offers: offers
                .iter()
                .map(|&(salary, month, counted)| {
                    let salary = MonthlyUsd::new(salary).unwrap();
                    Offer::new(salary, Month::new(2024, month), counted)
                })
                .collect(),
        }
    }

    #[test]
    fn what_is_packed_comes_back_in_order() {
        let many: Vec<i64> = (1..=300).map(|key| key * 1_000_000_007).collect();
        let all = [
            candidate(7, &many, &[(999_999, 12, true), (1, 1, false)]),
            candidate(3, &[], &[]),
            candidate(7, &[1_000_000_007], &[(4_500, 6, true)]),
        ];
        let packed = pack(&all);
        let facts = Facts::open(&packed).unwrap();
        let opened: Vec<(Group<'_>, Packed<'_>)> = facts
            .groups()
            .flat_map(|group| group.candidates().map(move |one| (group, one)))
            .collect();
        assert_eq!((facts.groups().count(), opened.len()), (2, 3));
        // Those of a lower source come first.
        for ((group, opened), one) in opened.iter().zip([&all[1], &all[0], &all[2]]) {
            assert_eq!(group.profile, one.profile);
            assert_eq!(facts.sources[group.source], (one.source, one.pay));
            let skills: Vec<TechnologyId> = opened
                .skills()
                .map(|skill| facts.technologies[skill])
                .collect();
            assert_eq!(skills, one.technologies.to_vec());
            let mut offers = one.offers.clone();
            offers.sort_unstable();
            assert_eq!(opened.offers().collect::<Vec<_>>(), offers.to_vec());
        }
        let offer = opened[1].1.offers().last().unwrap();
        assert_eq!(offer.salary().dollars(), 999_999);
        assert_eq!(offer.month(), Month::new(2024, 12));
        assert!(offer.is_counted());
    }

    #[test]
    fn the_order_of_rows_makes_no_difference() {
        let one = candidate(1, &[5, 2], &[(100, 1, true), (90, 2, true)]);
        let other = candidate(1, &[2, 5], &[(90, 2, true), (100, 1, true)]);
        assert_eq!(pack(&[one]), pack(&[other]));
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let packed = pack(&[candidate(1, &[5], &[(100, 1, true)])]);
        assert_eq!(Facts::open(&packed[..10]).err(), Some(Damaged));
        assert_eq!(
            Facts::open(&packed[..packed.len() - 8]).err(),
            Some(Damaged)
        );
        assert!(Facts::open(&[]).is_err());
        assert!(Facts::open(&[packed, vec![0]].concat()).is_err());
    }

    #[test]
    fn a_profile_holds_every_value() {
        for code in ["AD", "ZW", "UA"] {
            let profile = Profile::new(None, None, None, Some(code.parse().unwrap()));
            let value = profile.value(Dimension::Country);
            assert_eq!(country(value).unwrap().as_str(), code);
        }
        for seniority in Seniority::ALL {
            let value =
                Profile::new(Some(*seniority), None, None, None).value(Dimension::Seniority);
            assert_eq!(word(Seniority::ALL, value), Some(*seniority));
        }
        assert_eq!(word(Seniority::ALL, 0), None);
    }

    #[test]
    fn conditions_are_met_each_or_but_for_one() {
        let filters = Filters {
            seniority: Some(Seniority::Senior),
            country: Some("UA".parse().unwrap()),
            ..Filters::default()
        };
        let conditions = Conditions::of(&filters);
        let profile = |seniority, code: &str| {
            Profile::new(
                Some(seniority),
                None,
                Some(English::B2),
                Some(code.parse().unwrap()),
            )
        };
        assert!(conditions.are_met_by(profile(Seniority::Senior, "UA")));
        assert!(!conditions.are_met_by(profile(Seniority::Junior, "UA")));
        let others = conditions.but_for(Dimension::Seniority);
        assert!(others.are_met_by(profile(Seniority::Junior, "UA")));
        assert!(!others.are_met_by(profile(Seniority::Junior, "PL")));
    }
}
