//! Counting candidates for all questions that are kept ready: without filters, with each single filter on candidates, and in
//! each calendar year, while they are gone through once. Pure.

use super::facts::{Dimension, Profile, country, word};
use super::filter::Filters;
use super::role_facts::RoleFacts;
use super::selection::{ByPay, Count, Counted, Frame, Tally};
use super::window::Window;
use crate::market::{English, ExperienceBand, Seniority};

/// Counts some candidates. The room that it takes is kept for the next ones.
#[derive(Default)]
pub(super) struct Counter {
    /// Those without filters.
    all: ByPay<Tally>,
    /// The counted offers of the window, each with the profile of who received it.
    counted: Vec<(Counted, Profile)>,
    by_value: [ByValue; 4],
    by_year: Vec<OfYear>,
    /// The counted offers of each part of a dimension.
    of_parts: Vec<Vec<Counted>>,
    /// The answer at hand.
    counts: ByPay<Count>,
}

/// Candidates by their value in a dimension.
#[derive(Default)]
struct ByValue {
    /// The place of each value among the parts, from 1; 0 where nobody has it.
    places: Vec<u16>,
    parts: Vec<ByPay<Tally>>,
    /// How many of them are in use.
    used: u16,
}

/// Candidates in a calendar year.
struct OfYear {
    year: i32,
    frame: Frame,
    tally: ByPay<Tally>,
    counted: Vec<Counted>,
}

impl ByValue {
    fn clear(&mut self) {
        self.places.clear();
        self.used = 0;
    }

    /// The place of a value that somebody has.
    fn place(&self, value: u32) -> usize {
        let place = self.places.get(value as usize);
        usize::from(place.copied().unwrap_or(0).saturating_sub(1))
    }

    /// Those with a value.
    fn part(&mut self, value: u32) -> Option<&mut ByPay<Tally>> {
        let value = value as usize;
        if self.places.len() <= value {
            self.places.resize(value + 1, 0);
        }
        let place = self.places.get_mut(value)?;
        if *place == 0 {
            self.used += 1;
            *place = self.used;
            if self.parts.len() < usize::from(self.used) {
                self.parts.push(ByPay::default());
            } else if let Some(part) = self.parts.get_mut(usize::from(self.used) - 1) {
                part.clear();
            }
        }
        self.parts.get_mut(usize::from(*place) - 1)
    }
}

impl Counter {
    /// Counts candidates without filters, and visits what it found.
    pub(super) fn count(
        &mut self,
        facts: &RoleFacts,
        members: &[u32],
        frame: Frame,
        visit: impl FnOnce(&ByPay<Count>),
    ) {
        self.go_through(facts, members, frame, None);
        self.finish_all(visit);
    }

    /// Counts candidates without filters and, where years are given, with each single filter on candidates and each year.
    /// Visits what it found one after the other.
    pub(super) fn count_each(
        &mut self,
        facts: &RoleFacts,
        members: &[u32],
        frame: Frame,
        years: Option<&[i32]>,
        mut visit: impl FnMut(Filters, Frame, &ByPay<Count>),
    ) {
        self.go_through(facts, members, frame, years);
        for of_year in &mut self.by_year {
            of_year.tally.reach_as_far_as(&self.all);
        }
        self.finish_all(|counts| visit(Filters::default(), frame, counts));
        for (dimension, by_value) in Dimension::ALL.into_iter().zip(&mut self.by_value) {
            let parts = usize::from(by_value.used);
            self.of_parts.iter_mut().for_each(Vec::clear);
            if self.of_parts.len() < parts {
                self.of_parts.resize_with(parts, Vec::new);
            }
            for (counted, profile) in &self.counted {
                let place = by_value.place(profile.value(dimension));
                if let Some(of_part) = self.of_parts.get_mut(place) {
                    of_part.push(*counted);
                }
            }
            for (value, place) in (0..).zip(&by_value.places) {
                let Some(place) = place.checked_sub(1).map(usize::from) else {
                    continue;
                };
                let part = by_value.parts.get_mut(place).zip(self.of_parts.get(place));
                if let Some(((tally, counted), filters)) = part.zip(single(dimension, value)) {
                    self.counts.turn_to(tally, counted.iter().copied());
                    visit(filters, frame, &self.counts);
                }
            }
        }
        for of_year in &mut self.by_year {
            of_year.counted.sort_unstable();
            let counted = of_year.counted.iter().copied();
            self.counts.turn_to(&mut of_year.tally, counted);
            let filters = Filters {
                year: Some(of_year.year),
                ..Filters::default()
            };
            visit(filters, of_year.frame, &self.counts);
        }
    }

    fn go_through(
        &mut self,
        facts: &RoleFacts,
        members: &[u32],
        frame: Frame,
        years: Option<&[i32]>,
    ) {
        self.all.clear();
        self.counted.clear();
        self.by_value.iter_mut().for_each(ByValue::clear);
        let mut former = std::mem::take(&mut self.by_year).into_iter();
        let of_years = years.unwrap_or_default().iter().filter_map(|year| {
            let of_year = Frame {
                window: Some(Window::calendar_year(*year)),
            };
            (of_year != frame).then(|| OfYear::new(*year, of_year, former.next()))
        });
        self.by_year = of_years.collect();
        let mut counted = Vec::new();
        for &member in members {
            let member = member as usize;
            counted.clear();
            let contribution = facts.contribution(member, frame, &mut counted);
            self.all.add(&contribution);
            let profile = facts.profile(member);
            self.counted
                .extend(counted.iter().map(|counted| (*counted, profile)));
            if years.is_none() {
                continue;
            }
            for (dimension, by_value) in Dimension::ALL.into_iter().zip(&mut self.by_value) {
                if let Some(part) = by_value.part(profile.value(dimension)) {
                    part.add(&contribution);
                }
            }
            for of_year in &mut self.by_year {
                if contribution.may_add_to(of_year.year) {
                    let contribution =
                        facts.contribution(member, of_year.frame, &mut of_year.counted);
                    of_year.tally.add(&contribution);
                }
            }
        }
        self.counted.sort_unstable_by_key(|(counted, _)| *counted);
    }

    /// Visits what was found without filters.
    fn finish_all(&mut self, visit: impl FnOnce(&ByPay<Count>)) {
        let counted = self.counted.iter().map(|(counted, _)| *counted);
        self.counts.turn_to(&mut self.all, counted);
        visit(&self.counts);
    }
}

impl OfYear {
    /// Nobody yet, in the room of another year.
    fn new(year: i32, frame: Frame, room: Option<Self>) -> Self {
        let (mut tally, mut counted) =
            room.map_or_else(Default::default, |room| (room.tally, room.counted));
        tally.clear();
        counted.clear();
        Self {
            year,
            frame,
            tally,
            counted,
        }
    }
}

/// The filter on one value; `None` for unknown.
fn single(dimension: Dimension, value: u32) -> Option<Filters> {
    let none = Filters::default();
    Some(match dimension {
        Dimension::Seniority => Filters {
            seniority: Some(word(Seniority::ALL, value)?),
            ..none
        },
        Dimension::Experience => Filters {
            experience: Some(word(ExperienceBand::ALL, value)?),
            ..none
        },
        Dimension::English => Filters {
            english: Some(word(English::ALL, value)?),
            ..none
        },
        Dimension::Country => Filters {
            country: Some(country(value)?),
            ..none
        },
    })
}
