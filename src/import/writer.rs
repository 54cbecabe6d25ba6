//! Writing rows: candidates and their offers, batch by batch, with keys counted up here.
//!
//! A batch is looked up as a whole, put together in memory, and written as a whole.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

use diesel::prelude::*;
use fastbloom::BloomFilter;
use foldhash::HashMap;
use foldhash::fast::RandomState;

use super::journal::Changes;
use super::queries::{self, CandidateRow, OfferRow};
use super::report::Written;
use super::row::{Row, RowName, RowOffer};
use crate::db::{Conn, settle};
use crate::ids::{CandidateId, ImportId, RoleId, TechnologyId};
use crate::market::{self, ExperienceBand, OfferStatus, Skills, Source, SourceKey};
use crate::salaries::{Block, Candidate, Month, Offer, Profile, Upkeep};
use crate::slug::Slug;

/// Rows that are looked up and written together.
const BATCH: usize = 10_000;

/// Writes the rows of one source. Only one writer is at work at a time.
pub(super) struct Writer<'c> {
    conn: &'c mut Conn,
    source: Source,
    roles: HashMap<Slug, RoleId>,
    technologies: HashMap<Slug, TechnologyId>,
    candidate_keys: Keys,
    offer_keys: Keys,
    /// Candidates up to this key were there before.
    former_candidates: CandidateId,
    last_candidate: CandidateId,
    rows: Vec<PendingRow>,
    /// The last list of technologies, and what it means.
    last_list: (Arc<[Arc<RowName>]>, Rc<Skills>),
    /// Candidates from whom a row took an offer away.
    bereft: BTreeSet<CandidateId>,
    upkeep: Upkeep,
    written: Written,
    /// What happens to rows that were there before, where it is written down.
    changes: Option<Changes>,
}

/// What was written.
pub(super) struct Finished {
    pub(super) written: Written,
    /// The keys of the candidates that were added: the first and the last; the last is lower where there was none.
    pub(super) added: (CandidateId, CandidateId),
    /// Roles whose figures may be others now.
    pub(super) changed_roles: BTreeSet<RoleId>,
}

/// A row with its role and technologies found.
struct PendingRow {
    role: RoleId,
    skills: Rc<Skills>,
    row: Row,
}

/// Which of the source's own keys the database may hold already.
enum Keys {
    /// Any.
    Any,
    /// Those that were written so far, and by mistake a few others.
    Written(BloomFilter<RandomState>),
}

impl Keys {
    /// Of a source with or without rows, for about so many keys.
    fn new(is_empty: bool, expected: u64) -> Self {
        if !is_empty {
            return Self::Any;
        }
        let expected = usize::try_from(expected).unwrap_or(usize::MAX).max(1_000);
        Self::Written(
            BloomFilter::with_false_pos(0.02)
                .hasher(RandomState::default())
                .expected_items(expected),
        )
    }

    fn may_hold(&self, key: &SourceKey) -> bool {
        match self {
            Self::Any => true,
            Self::Written(written) => written.contains(key),
        }
    }

    fn add(&mut self, key: &SourceKey) {
        if let Self::Written(written) = self {
            written.insert(key);
        }
    }
}

impl<'c> Writer<'c> {
    /// Starts writing about so many rows into a source. `upkeep` may know of changes already. For an import, it is written
    /// down what happens to rows that were there before.
    pub(super) fn new(
        conn: &'c mut Conn,
        source: Source,
        upkeep: Upkeep,
        expected_rows: u64,
        import: Option<ImportId>,
    ) -> QueryResult<Self> {
        queries::begin(conn)?;
        let is_empty = queries::is_empty(conn, source.id)?;
        let last_candidate = queries::last_candidate(conn)?;
        Ok(Self {
            roles: queries::roles_by_slug(conn)?,
            technologies: queries::technologies_by_slug(conn)?,
            candidate_keys: Keys::new(is_empty, expected_rows),
            offer_keys: Keys::new(is_empty, expected_rows),
            former_candidates: last_candidate,
            last_candidate,
            rows: Vec::with_capacity(BATCH),
            last_list: (Arc::new([]), Rc::new(Skills::default())),
            bereft: BTreeSet::new(),
            upkeep: upkeep.after(conn, last_candidate)?,
            written: Written::default(),
            changes: import.map(|import| Changes::of(import, last_candidate)),
            source,
            conn,
        })
    }

    /// Writes one row, sooner or later.
    pub(super) fn add(&mut self, row: Row) -> QueryResult<()> {
        let role = self.role(&row.role)?;
        if !Arc::ptr_eq(&row.technologies, &self.last_list.0) {
            let technologies = row.technologies.iter();
            let keys = technologies
                .map(|technology| self.technology(technology))
                .collect::<QueryResult<_>>()?;
            self.last_list = (Arc::clone(&row.technologies), Rc::new(Skills::of(keys)));
        }
        let skills = Rc::clone(&self.last_list.1);
        self.rows.push(PendingRow { role, skills, row });
        if self.rows.len() == BATCH {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is left, and brings everything up to date that derives from the rows.
    pub(super) fn finish(mut self) -> QueryResult<Finished> {
        self.flush()?;
        for candidate in &self.bereft {
            let removed = queries::delete_bereft(self.conn, *candidate)?;
            if let (Some(removed), Some(changes)) = (&removed, &mut self.changes) {
                changes.candidate_removed(removed)?;
            }
            self.upkeep.changed(Block::of(*candidate));
        }
        if let Some(changes) = &mut self.changes {
            changes.write(self.conn)?;
        }
        let changed_roles = self.upkeep.finish(self.conn)?;
        settle(self.conn, &["candidates", "offers", "facts", "reports"])?;
        Ok(Finished {
            written: self.written,
            added: (
                CandidateId(self.former_candidates.0 + 1),
                self.last_candidate,
            ),
            changed_roles,
        })
    }

    fn role(&mut self, named: &RowName) -> QueryResult<RoleId> {
        if let Some(id) = self.roles.get(&named.slug) {
            return Ok(*id);
        }
        let (name, job_title) = named.role_names();
        let id = market::queries::create_role(self.conn, &named.slug, &name, &job_title)?;
        self.roles.insert(named.slug.clone(), id);
        self.written.new_roles.push(named.slug.to_string());
        Ok(id)
    }

    fn technology(&mut self, named: &RowName) -> QueryResult<TechnologyId> {
        if let Some(id) = self.technologies.get(&named.slug) {
            return Ok(*id);
        }
        let id =
            market::queries::create_technology(self.conn, &named.slug, &named.technology_name())?;
        self.technologies.insert(named.slug.clone(), id);
        self.written.new_technologies.push(named.slug.to_string());
        Ok(id)
    }

    fn flush(&mut self) -> QueryResult<()> {
        let rows = std::mem::take(&mut self.rows);
        let mut batch = self.known(&rows)?;
        for row in rows {
            self.take(&mut batch, row);
        }
        self.write(batch)?;
        self.upkeep.settle(self.conn)
    }

    /// What the database knows of the candidates and offers that rows name.
    fn known(&mut self, rows: &[PendingRow]) -> QueryResult<Batch> {
        let source = self.source.id;
        let of_rows = |key: fn(&Row) -> Option<&SourceKey>, keys: &Keys| {
            let keys = rows
                .iter()
                .filter_map(|pending| key(&pending.row))
                .filter(|key| keys.may_hold(key));
            let distinct: BTreeSet<&SourceKey> = keys.collect();
            distinct.into_iter().cloned().collect::<Vec<_>>()
        };
        let candidate_keys = of_rows(|row| row.candidate_key.as_ref(), &self.candidate_keys);
        let offer_keys = of_rows(
            |row| row.offer.as_ref().and_then(|offer| offer.key.as_ref()),
            &self.offer_keys,
        );
        let mut batch = Batch::default();
        for offer in queries::offers_by_key(self.conn, source, &offer_keys)? {
            batch.add_offer(OfferState::stored(offer));
        }
        for candidate in queries::candidates_by_key(self.conn, source, &candidate_keys)? {
            batch.add_candidate(CandidateState::stored(candidate));
        }
        let owners: BTreeSet<CandidateId> = batch
            .offers
            .iter()
            .map(|offer| offer.row.candidate_id)
            .filter(|owner| !batch.by_id.contains_key(owner))
            .collect();
        let owners: Vec<CandidateId> = owners.into_iter().collect();
        for candidate in queries::candidates_by_id(self.conn, &owners)? {
            batch.add_candidate(CandidateState::stored(candidate));
        }
        let stored: Vec<CandidateId> = batch.by_id.keys().copied().collect();
        let last_numbers = queries::last_numbers(self.conn, &stored)?;
        for candidate in &mut batch.candidates {
            let last = last_numbers.get(&candidate.row.id);
            candidate.last_number = last.copied().unwrap_or(0);
        }
        Ok(batch)
    }

    /// Puts a row into the batch.
    fn take(&mut self, batch: &mut Batch, pending: PendingRow) {
        let PendingRow {
            role,
            skills,
            mut row,
        } = pending;
        let offer = row.offer.take();
        let known_offer = offer
            .as_ref()
            .and_then(|offer| offer.key.as_ref())
            .and_then(|key| batch.offers_by_key.get(key).copied());
        let owner = known_offer
            .and_then(|place| batch.offers.get(place))
            .map(|offer| offer.row.candidate_id);
        let known = match &row.candidate_key {
            Some(key) => batch.by_key.get(&(key.clone(), role)).copied(),
            None => owner.and_then(|owner| batch.owner_in_role(owner, role)),
        };
        let place =
            known.unwrap_or_else(|| self.new_candidate(batch, row.candidate_key.take(), role));
        let Some(candidate) = batch.candidates.get_mut(place) else {
            return;
        };
        candidate.take(&row, role, skills);
        let id = candidate.row.id;
        if known.is_some() && id <= self.former_candidates {
            self.written.candidates_updated += 1;
        }
        let Some(offer) = offer else {
            return;
        };
        if let Some(known) = known_offer.and_then(|place| batch.offers.get_mut(place)) {
            self.written.offers_updated += 1;
            if known.row.candidate_id != id {
                self.bereft.insert(known.row.candidate_id);
                known.row.candidate_id = id;
                known.row.number = candidate.next_number();
            }
            known.take(&offer);
            return;
        }
        self.written.offers_added += 1;
        let row = OfferRow {
            candidate_id: id,
            number: candidate.next_number(),
            source_id: self.source.id,
            source_key: offer.key,
            monthly_usd: offer.salary,
            offered_on: offer.offered_on,
            status: offer.status,
        };
        batch.add_offer(OfferState { row, stored: None });
    }

    fn new_candidate(&mut self, batch: &mut Batch, key: Option<SourceKey>, role: RoleId) -> usize {
        self.last_candidate.0 += 1;
        self.written.candidates_added += 1;
        batch.add_candidate(CandidateState {
            row: CandidateRow {
                id: self.last_candidate,
                source_id: self.source.id,
                role_id: role,
                source_key: key,
                seniority: None,
                experience_years: None,
                country: None,
                english: None,
                monthly_usd: None,
                technologies: Skills::default(),
            },
            stored: None,
            skills: None,
            last_number: 0,
        })
    }

    fn write(&mut self, batch: Batch) -> QueryResult<()> {
        let mut new_candidates = Vec::new();
        for mut candidate in batch.candidates {
            if let Some(skills) = candidate.skills {
                candidate.row.technologies = Rc::unwrap_or_clone(skills);
            }
            match &candidate.stored {
                None => new_candidates.push(candidate.row),
                Some(stored) if *stored != candidate.row => {
                    queries::update_candidate(self.conn, &candidate.row)?;
                    if let Some(changes) = &mut self.changes {
                        changes.candidate_changed(stored)?;
                    }
                    if !are_alike(stored, &candidate.row) {
                        self.upkeep.changed(Block::of(candidate.row.id));
                    }
                }
                Some(_) => {}
            }
        }
        queries::insert_candidates(self.conn, &new_candidates)?;
        for row in new_candidates {
            if let Some(key) = &row.source_key {
                self.candidate_keys.add(key);
            }
            self.upkeep.add(row.id, row.role_id, self.facts(&row));
        }
        let mut new_offers = Vec::new();
        for offer in batch.offers {
            match &offer.stored {
                None => new_offers.push(offer.row),
                Some(stored) if *stored == offer.row => {}
                Some(stored) => {
                    self.upkeep.changed(Block::of(stored.candidate_id));
                    self.upkeep.changed(Block::of(offer.row.candidate_id));
                    if stored.candidate_id == offer.row.candidate_id {
                        queries::update_offer(self.conn, &offer.row)?;
                        if let Some(changes) = &mut self.changes {
                            changes.offer_changed(stored)?;
                        }
                    } else {
                        queries::delete_offer(self.conn, stored.candidate_id, stored.number)?;
                        if let Some(changes) = &mut self.changes {
                            changes.offer_removed(stored)?;
                        }
                        new_offers.push(offer.row);
                    }
                }
            }
        }
        queries::insert_offers(self.conn, &new_offers)?;
        if let Some(changes) = &mut self.changes {
            changes.offers_added(&new_offers);
            changes.write(self.conn)?;
        }
        for row in new_offers {
            if let Some(key) = &row.source_key {
                self.offer_keys.add(key);
            }
            let counted = row.status == OfferStatus::Open;
            let offer = Offer::new(row.monthly_usd, Month::of(row.offered_on), counted);
            self.upkeep.add_offer(row.candidate_id, offer);
        }
        Ok(())
    }

    /// What figures ask of a candidate, the offers left out.
    fn facts(&self, row: &CandidateRow) -> Candidate {
        Candidate {
            source: self.source.id,
            pay: self.source.pay,
            profile: profile(row),
            technologies: row.technologies.technologies().to_vec(),
            offers: Vec::new(),
        }
    }
}

/// Whether figures ask the same of both.
fn are_alike(one: &CandidateRow, other: &CandidateRow) -> bool {
    one.role_id == other.role_id
        && profile(one) == profile(other)
        && one.technologies == other.technologies
}

fn profile(row: &CandidateRow) -> Profile {
    Profile::new(
        row.seniority,
        row.experience_years.map(ExperienceBand::of),
        row.english,
        row.country,
    )
}

/// The candidates and offers that some rows are about.
#[derive(Default)]
struct Batch {
    candidates: Vec<CandidateState>,
    by_id: HashMap<CandidateId, usize>,
    by_key: HashMap<(SourceKey, RoleId), usize>,
    offers: Vec<OfferState>,
    offers_by_key: HashMap<SourceKey, usize>,
}

impl Batch {
    fn add_candidate(&mut self, candidate: CandidateState) -> usize {
        let place = self.candidates.len();
        self.by_id.insert(candidate.row.id, place);
        if let Some(key) = &candidate.row.source_key {
            self.by_key
                .insert((key.clone(), candidate.row.role_id), place);
        }
        self.candidates.push(candidate);
        place
    }

    fn add_offer(&mut self, offer: OfferState) {
        if let Some(key) = &offer.row.source_key
            && let Entry::Vacant(vacant) = self.offers_by_key.entry(key.clone())
        {
            vacant.insert(self.offers.len());
        }
        self.offers.push(offer);
    }

    /// The owner of an offer, for a row that does not name the candidate: the same person, unless a keyed candidate
    /// would have to change roles, which makes another candidate.
    fn owner_in_role(&self, owner: CandidateId, role: RoleId) -> Option<usize> {
        let place = self.by_id.get(&owner).copied()?;
        let row = &self.candidates.get(place)?.row;
        (row.source_key.is_none() || row.role_id == role).then_some(place)
    }
}

/// A candidate as the rows leave it.
struct CandidateState {
    row: CandidateRow,
    /// As the database has it; `None` for a new one.
    stored: Option<CandidateRow>,
    /// The technologies that a row named, where one did.
    skills: Option<Rc<Skills>>,
    /// Number of the newest offer.
    last_number: i64,
}

impl CandidateState {
    fn stored(row: CandidateRow) -> Self {
        Self {
            stored: Some(row.clone()),
            row,
            skills: None,
            last_number: 0,
        }
    }

    fn next_number(&mut self) -> i64 {
        self.last_number += 1;
        self.last_number
    }

    /// Takes over what a row says; what it leaves open stays as it is.
    fn take(&mut self, row: &Row, role: RoleId, skills: Rc<Skills>) {
        let own = &mut self.row;
        own.role_id = role;
        own.seniority = row.seniority.or(own.seniority);
        own.experience_years = row.experience_years.or(own.experience_years);
        own.country = row.country.or(own.country);
        own.english = row.english.or(own.english);
        own.monthly_usd = row.salary.or(own.monthly_usd);
        if !skills.technologies().is_empty() {
            self.skills = Some(skills);
        }
    }
}

/// An offer as the rows leave it.
struct OfferState {
    row: OfferRow,
    /// As the database has it; `None` for a new one.
    stored: Option<OfferRow>,
}

impl OfferState {
    fn stored(row: OfferRow) -> Self {
        Self {
            stored: Some(row.clone()),
            row,
        }
    }

    fn take(&mut self, offer: &RowOffer) {
        self.row.monthly_usd = offer.salary;
        self.row.offered_on = offer.offered_on;
        self.row.status = offer.status;
    }
}
