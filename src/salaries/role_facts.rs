//! All facts of a role, for going through them again and again. Pure.

use std::collections::{BTreeMap, HashMap};

use super::facts::{Damaged, Facts, Offer, Profile, number, slice};
use super::selection::{Contribution, Counted, Frame};
use super::window::Month;
use crate::ids::{SourceId, TechnologyId};
use crate::market::PayBasis;

/// How much a role has of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfSource {
    /// Candidates.
    pub candidates: usize,
    /// Their offers, counted or not.
    pub offers: usize,
    /// The month of the newest of them.
    pub newest_month: Option<Month>,
}

/// All facts of a role, its blocks joined.
#[derive(Clone, Debug, Default)]
pub struct RoleFacts {
    technologies: Vec<TechnologyId>,
    /// For each technology, who knows it.
    who_know: Vec<Vec<u32>>,
    places: HashMap<TechnologyId, usize>,
    sources: Vec<(SourceId, PayBasis)>,
    profiles: Vec<Profile>,
    source_of: Vec<u32>,
    offers: Vec<Offer>,
    offers_end: Vec<u32>,
}

impl RoleFacts {
    /// Adds a packed block.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn add(&mut self, packed: &[u8]) -> Result<(), Damaged> {
        let block = Facts::open(packed)?;
        let technologies: Vec<usize> = block
            .technologies
            .iter()
            .map(|technology| self.technology(*technology))
            .collect();
        let sources: Vec<u32> = block
            .sources
            .iter()
            .map(|source| self.source(*source))
            .collect();
        for group in block.groups() {
            let source = sources.get(group.source).copied().ok_or(Damaged)?;
            for candidate in group.candidates() {
                let place = number(self.profiles.len());
                self.profiles.push(group.profile);
                self.source_of.push(source);
                self.offers.extend(candidate.offers());
                self.offers_end.push(number(self.offers.len()));
                for technology in candidate
                    .skills()
                    .filter_map(|skill| technologies.get(skill))
                {
                    if let Some(who_know) = self.who_know.get_mut(*technology) {
                        who_know.push(place);
                    }
                }
            }
        }
        Ok(())
    }

    fn technology(&mut self, technology: TechnologyId) -> usize {
        *self.places.entry(technology).or_insert_with(|| {
            self.technologies.push(technology);
            self.who_know.push(Vec::new());
            self.technologies.len() - 1
        })
    }

    fn source(&mut self, source: (SourceId, PayBasis)) -> u32 {
        let known = self.sources.iter().position(|known| *known == source);
        let place = known.unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        });
        number(place)
    }

    /// Whether the role has no candidate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }

    /// Number of the role's candidates.
    #[must_use]
    pub fn candidates(&self) -> usize {
        self.profiles.len()
    }

    /// What filters ask of a candidate.
    pub(super) fn profile(&self, candidate: usize) -> Profile {
        self.profiles.get(candidate).copied().unwrap_or_default()
    }

    fn source_and_pay(&self, candidate: usize) -> (SourceId, PayBasis) {
        let place = self.source_of.get(candidate).copied();
        let source = place.and_then(|place| self.sources.get(place as usize).copied());
        source.unwrap_or((SourceId(0), PayBasis::Gross))
    }

    /// How much there is of each source, by its key.
    #[must_use]
    pub fn by_source(&self) -> BTreeMap<SourceId, OfSource> {
        let mut sources = BTreeMap::<SourceId, OfSource>::new();
        for candidate in 0..self.candidates() {
            let (source, _) = self.source_and_pay(candidate);
            let of_source = sources.entry(source).or_default();
            let offers = self.offers(candidate);
            of_source.candidates += 1;
            of_source.offers += offers.len();
            let newest = offers.iter().map(|offer| offer.month()).max();
            of_source.newest_month = of_source.newest_month.max(newest);
        }
        sources
    }

    /// Offers of all candidates.
    pub(super) const fn number_of_offers(&self) -> usize {
        self.offers.len()
    }

    /// The technologies that anyone knows, each with those who know it.
    pub(super) fn technologies(&self) -> impl Iterator<Item = (TechnologyId, &[u32])> {
        let technologies = self.technologies.iter().copied();
        technologies.zip(self.who_know.iter().map(Vec::as_slice))
    }

    /// The offers of a candidate, those with the lowest salary first.
    pub(super) fn offers(&self, candidate: usize) -> &[Offer] {
        slice(&self.offers, &self.offers_end, candidate)
    }

    /// All candidates.
    pub(super) fn everyone(&self) -> Vec<u32> {
        (0..).take(self.profiles.len()).collect()
    }

    /// What a candidate adds to a selection. The counted offers of its window are added to a list.
    pub(super) fn contribution(
        &self,
        candidate: usize,
        frame: Frame,
        counted: &mut Vec<Counted>,
    ) -> Contribution {
        Contribution::of(
            frame,
            self.source_and_pay(candidate),
            self.profile(candidate),
            self.offers(candidate).iter().copied(),
            counted,
        )
    }
}
