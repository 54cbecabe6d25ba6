//! Writing rows: candidates and their offers, batch by batch, with keys counted up here.
//!
//! A batch is put together in memory and written as a whole, while the next one is put together. Rows of which the database
//! may hold the candidate or the offer are set aside until they are a batch of their own, which is looked up as a whole.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, VecDeque};
use std::iter;
use std::sync::Arc;
use std::thread;

use diesel::prelude::*;
use diesel::result::Error;
use fastbloom::BloomFilter;
use foldhash::fast::RandomState;
use foldhash::{HashMap, HashSet};
use smallvec::SmallVec;

use super::desk::Desk;
use super::journal::{self, Change, Changes};
use super::queries::{self, CandidateRow, NewRole, NewTechnology, OfferRow};
use super::report::Written;
use super::row::{Row, RowName, RowOffer};
use crate::db::{Conn, PutOff, settle};
use crate::ids::{CandidateId, ImportId, RoleId, SourceId, TechnologyId};
use crate::market::{ExperienceBand, OfferStatus, Skills, Source, SourceKey};
use crate::salaries::{Block, Candidate, Month, Offer, Packed, Profile, Upkeep};
use crate::slug::Slug;

/// Rows that are written together, and a few more where they belong to one candidate.
const BATCH: usize = 20_000;
const MORE: usize = 1_000;

/// Rows that are set aside at most as long as indexes are put off, some 150 bytes each: few enough to be looked up in the end
/// without an index.
const MANY_ASIDE: usize = 50_000;

/// What was written.
pub(super) struct Finished<T> {
    /// What the giver of the rows answered.
    pub(super) given: T,
    pub(super) written: Written,
    /// The keys of the candidates that were added: the first and the last; the last is lower where there was none.
    pub(super) added: (CandidateId, CandidateId),
    /// Roles whose figures may be others now.
    pub(super) changed_roles: BTreeSet<RoleId>,
}

/// Writes about so many rows, which `give` gives, into a source, and brings everything up to date that derives from them.
/// `upkeep` may know of changes already. For an import, it is written down what happens to rows that were there before.
pub(super) fn write<T, E: From<diesel::result::Error>>(
    conn: &mut Conn,
    source: Source,
    upkeep: Upkeep,
    expected_rows: u64,
    import: Option<ImportId>,
    give: impl FnOnce(&mut Writer) -> Result<T, E>,
) -> Result<Finished<T>, E> {
    queries::begin(conn)?;
    let start = Start::new(conn, source, upkeep, expected_rows)?;
    let first = CandidateId(start.last_candidate.0 + 1);
    let journal = import.map(|import| Changes::of(import, start.last_candidate));
    let (given, left) = thread::scope(|scope| {
        let mut writer = Writer::new(start, journal, Desk::open(scope, conn));
        let given = give(&mut writer);
        let given = given.and_then(|given| Ok((given, writer.flush()?)));
        let (left, desk) = writer.into_parts();
        // What failed there is why something failed here.
        desk.close()?;
        let (given, ()) = given?;
        Ok::<_, E>((given, left))
    })?;
    let Left {
        written,
        last_candidate,
        put_off,
        bereft,
        mut upkeep,
        mut journal,
    } = left;
    for candidate in bereft {
        let removed = queries::delete_bereft(conn, candidate)?;
        if let (Some(removed), Some(journal)) = (&removed, &mut journal) {
            journal.candidate_removed(removed)?;
        }
        upkeep.changed(Block::of(candidate));
    }
    if let Some(mut journal) = journal {
        journal::write(conn, &journal.take())?;
    }
    // Where rows are read once more, they are found by the indexes.
    let changed_roles = if put_off.is_nothing() || upkeep.will_read_rows() {
        put_off.build(conn)?;
        let changed = upkeep.finish(conn)?;
        settle(conn, &["candidates", "offers", "facts", "reports"])?;
        changed
    } else {
        let changed = upkeep.finish_beside(conn, |conn| {
            put_off.build(conn)?;
            settle(conn, &["candidates", "offers", "facts"])
        })?;
        settle(conn, &["reports"])?;
        changed
    };
    Ok(Finished {
        given,
        written,
        added: (first, last_candidate),
        changed_roles,
    })
}

/// What the writing of the rows leaves to be done after the last one.
struct Left {
    written: Written,
    last_candidate: CandidateId,
    put_off: PutOff,
    /// Candidates from whom a row took an offer away.
    bereft: BTreeSet<CandidateId>,
    upkeep: Upkeep,
    journal: Option<Changes>,
}

/// What the database knows before the first row.
struct Start {
    source: Source,
    roles: HashMap<Slug, RoleId>,
    technologies: HashMap<Slug, TechnologyId>,
    known_keys: KnownKeys,
    last_candidate: CandidateId,
    put_off: PutOff,
    upkeep: Upkeep,
}

impl Start {
    fn new(
        conn: &mut Conn,
        source: Source,
        upkeep: Upkeep,
        expected_rows: u64,
    ) -> QueryResult<Self> {
        let last_candidate = queries::last_candidate(conn)?;
        Ok(Self {
            roles: queries::roles_by_slug(conn)?,
            technologies: queries::technologies_by_slug(conn)?,
            known_keys: KnownKeys::new(queries::is_empty(conn, source.id)?, expected_rows),
            put_off: if last_candidate.0 == 0 {
                queries::put_off_indexes(conn)?
            } else {
                PutOff::default()
            },
            last_candidate,
            upkeep: upkeep.after(conn, last_candidate)?,
            source,
        })
    }
}

/// Writes the rows of one source. Only one writer is at work at a time.
pub(super) struct Writer<'scope> {
    desk: Desk<'scope>,
    source: Source,
    roles: HashMap<Slug, RoleId>,
    technologies: HashMap<Slug, TechnologyId>,
    role_keys: Keys,
    technology_keys: Keys,
    new_roles: Vec<NewRole>,
    new_technologies: Vec<NewTechnology>,
    known_keys: KnownKeys,
    /// Indexes that are built after the last row, or when many are looked up.
    put_off: PutOff,
    /// Candidates up to this key were there before.
    former_candidates: CandidateId,
    last_candidate: CandidateId,
    /// Rows of which the database knows neither the candidate nor the offer.
    fresh: Vec<PendingRow>,
    /// Whether the last row is one of them.
    last_is_fresh: bool,
    /// Rows of which it may know one, and later rows with a key of theirs: fresh rows with such a key came before them all,
    /// and are written before them.
    aside: Vec<PendingRow>,
    /// The last list of technologies, and what it means.
    last_list: (Arc<[Arc<RowName>]>, Arc<Skills>),
    /// Candidates from whom a row took an offer away.
    bereft: BTreeSet<CandidateId>,
    upkeep: Upkeep,
    written: Written,
    /// What happens to rows that were there before, where it is written down.
    journal: Option<Changes>,
}

/// A row with its role and technologies found.
struct PendingRow {
    role: RoleId,
    skills: Arc<Skills>,
    row: Row,
}

/// Roles or technologies that are not there yet, as they are named first.
#[derive(Default)]
struct Missing {
    in_order: Vec<Arc<RowName>>,
    slugs: HashSet<Slug>,
}

impl Missing {
    fn add<K>(&mut self, named: &Arc<RowName>, known: &HashMap<Slug, K>) {
        if !known.contains_key(&named.slug) && self.slugs.insert(named.slug.clone()) {
            self.in_order.push(Arc::clone(named));
        }
    }
}

/// Keys of a table for rows to come.
struct Keys {
    table: &'static str,
    ahead: VecDeque<i64>,
    /// The last one that was reserved, and how many were.
    last: i64,
    reserved: usize,
}

impl Keys {
    const fn of(table: &'static str) -> Self {
        Self {
            table,
            ahead: VecDeque::new(),
            last: 0,
            reserved: 0,
        }
    }

    /// Sees that there are so many: first as many as are asked for, then ever more at a time, as each time has to wait for the
    /// database.
    fn have(&mut self, how_many: usize, desk: &Desk<'_>) -> QueryResult<()> {
        if self.ahead.len() < how_many {
            let (table, last, more) = (self.table, self.last, how_many + self.reserved);
            let keys =
                desk.ask_first(move |conn| queries::reserve_keys(conn, table, last, more))?;
            self.last = keys.iter().copied().fold(last, i64::max);
            self.reserved += keys.len();
            self.ahead.extend(keys);
        }
        Ok(())
    }
}

impl Iterator for Keys {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        self.ahead.pop_front()
    }
}

/// Which of the source's own keys the database may hold, or rows that are set aside name.
enum KnownKeys {
    /// Any.
    Any,
    /// Those that came so far, and by mistake a few others.
    Came {
        candidates: BloomFilter<RandomState>,
        offers: BloomFilter<RandomState>,
    },
}

impl KnownKeys {
    /// Of a source with or without rows, for about so many rows.
    fn new(is_empty: bool, expected_rows: u64) -> Self {
        if !is_empty {
            return Self::Any;
        }
        let expected = usize::try_from(expected_rows).unwrap_or(usize::MAX);
        let nothing = || {
            BloomFilter::with_false_pos(0.02)
                .hasher(RandomState::default())
                .expected_items(expected.max(1_000))
        };
        Self::Came {
            candidates: nothing(),
            offers: nothing(),
        }
    }

    /// `before` is the row before it, where that was not held.
    fn may_hold_any_of(&self, row: &Row, before: Option<&Row>) -> bool {
        match self {
            Self::Any => true,
            Self::Came { candidates, offers } => {
                row.candidate_key_after(before)
                    .is_some_and(|key| candidates.contains(key))
                    || row.offer_key().is_some_and(|key| offers.contains(key))
            }
        }
    }

    /// `before` is the row before it, where that was added.
    fn add_those_of(&mut self, row: &Row, before: Option<&Row>) {
        if let Self::Came { candidates, offers } = self {
            if let Some(key) = row.candidate_key_after(before) {
                candidates.insert(key);
            }
            if let Some(key) = row.offer_key() {
                offers.insert(key);
            }
        }
    }
}

impl<'scope> Writer<'scope> {
    fn new(start: Start, journal: Option<Changes>, desk: Desk<'scope>) -> Self {
        Self {
            desk,
            source: start.source,
            roles: start.roles,
            technologies: start.technologies,
            role_keys: Keys::of("roles"),
            technology_keys: Keys::of("technologies"),
            new_roles: Vec::new(),
            new_technologies: Vec::new(),
            known_keys: start.known_keys,
            put_off: start.put_off,
            former_candidates: start.last_candidate,
            last_candidate: start.last_candidate,
            fresh: Vec::with_capacity(BATCH),
            last_is_fresh: false,
            aside: Vec::new(),
            last_list: (Arc::new([]), Arc::new(Skills::default())),
            bereft: BTreeSet::new(),
            upkeep: start.upkeep,
            written: Written::default(),
            journal,
        }
    }

    fn into_parts(self) -> (Left, Desk<'scope>) {
        let left = Left {
            written: self.written,
            last_candidate: self.last_candidate,
            put_off: self.put_off,
            bereft: self.bereft,
            upkeep: self.upkeep,
            journal: self.journal,
        };
        (left, self.desk)
    }

    /// Writes rows, sooner or later.
    ///
    /// # Errors
    /// When the database fails, as everywhere here.
    pub(super) fn add_all(&mut self, rows: Vec<Row>) -> QueryResult<()> {
        let mut rows = rows.into_iter();
        while let Some(row) = rows.next() {
            let mut meaning = self.meaning_of(&row);
            if meaning.is_none() {
                self.give_keys(iter::once(&row).chain(rows.as_slice()))?;
                meaning = self.meaning_of(&row);
            }
            self.add(row, meaning.ok_or(Error::NotFound)?)?;
        }
        Ok(())
    }

    fn add(&mut self, row: Row, (role, skills): (RoleId, Arc<Skills>)) -> QueryResult<()> {
        if self.is_enough_before(&row) {
            self.flush_fresh()?;
        }
        let before = self.fresh.last().filter(|_| self.last_is_fresh);
        let before = before.map(|last| &last.row);
        let is_known = self.known_keys.may_hold_any_of(&row, before);
        if is_known {
            self.known_keys.add_those_of(&row, None);
        }
        let pending = PendingRow { role, skills, row };
        self.last_is_fresh = !is_known;
        if !is_known {
            self.fresh.push(pending);
            return Ok(());
        }
        self.aside.push(pending);
        if self.put_off.is_nothing() {
            if self.aside.len() >= BATCH {
                self.flush()?;
            }
        } else if self.aside.len() >= MANY_ASIDE {
            self.build_indexes()?;
            self.flush()?;
        }
        Ok(())
    }

    /// Whether the fresh rows are a batch. Rows of one candidate that follow each other stay together.
    fn is_enough_before(&self, next: &Row) -> bool {
        let last = self.fresh.last();
        let continues = || last.is_some_and(|last| last.row.continues(next));
        self.fresh.len() >= BATCH && (self.fresh.len() >= BATCH + MORE || !continues())
    }

    /// The role and technologies that a row names; `None` where one of them is not there yet.
    fn meaning_of(&mut self, row: &Row) -> Option<(RoleId, Arc<Skills>)> {
        let role = *self.roles.get(&row.role.slug)?;
        if !Arc::ptr_eq(&row.technologies, &self.last_list.0) {
            let mut keys = SmallVec::<[TechnologyId; 8]>::new();
            for named in row.technologies.iter() {
                keys.push(*self.technologies.get(&named.slug)?);
            }
            self.last_list = (Arc::clone(&row.technologies), Arc::new(Skills::of(keys)));
        }
        Some((role, Arc::clone(&self.last_list.1)))
    }

    /// Gives keys to the roles and technologies that rows name and that are not there yet: they are created with the next batch.
    fn give_keys<'r>(&mut self, rows: impl Iterator<Item = &'r Row>) -> QueryResult<()> {
        let (mut roles, mut technologies) = (Missing::default(), Missing::default());
        for row in rows {
            roles.add(&row.role, &self.roles);
            for technology in row.technologies.iter() {
                technologies.add(technology, &self.technologies);
            }
        }
        self.role_keys.have(roles.in_order.len(), &self.desk)?;
        for (named, key) in roles.in_order.iter().zip(&mut self.role_keys) {
            let (slug, id) = (named.slug.clone(), RoleId(key));
            self.roles.insert(slug.clone(), id);
            self.written.new_roles.push(slug.to_string());
            let (name, job_title) = named.role_names();
            self.new_roles.push(NewRole {
                id,
                slug,
                name,
                job_title,
            });
        }
        self.technology_keys
            .have(technologies.in_order.len(), &self.desk)?;
        for (named, key) in technologies.in_order.iter().zip(&mut self.technology_keys) {
            let (slug, id) = (named.slug.clone(), TechnologyId(key));
            self.technologies.insert(slug.clone(), id);
            self.written.new_technologies.push(slug.to_string());
            let name = named.technology_name();
            self.new_technologies.push(NewTechnology { id, slug, name });
        }
        Ok(())
    }

    /// Writes all rows that came so far.
    fn flush(&mut self) -> QueryResult<()> {
        self.flush_fresh()?;
        let mut rows = std::mem::take(&mut self.aside);
        while !rows.is_empty() {
            let later = rows.split_off(rows.len().min(BATCH));
            let batch = self.known(&rows)?;
            if !batch.offers.is_empty() {
                self.build_indexes()?;
            }
            self.put_together(batch, std::mem::replace(&mut rows, later))?;
        }
        Ok(())
    }

    /// Builds the indexes that are put off, before offers that are there are changed one by one.
    fn build_indexes(&mut self) -> QueryResult<()> {
        let put_off = std::mem::take(&mut self.put_off);
        if put_off.is_nothing() {
            return Ok(());
        }
        self.desk.later(move |conn| put_off.build(conn))
    }

    fn flush_fresh(&mut self) -> QueryResult<()> {
        let rows = std::mem::replace(&mut self.fresh, Vec::with_capacity(BATCH));
        let mut before = None;
        for PendingRow { row, .. } in &rows {
            self.known_keys.add_those_of(row, before);
            before = Some(row);
        }
        self.put_together(Batch::default(), rows)
    }

    /// Puts rows into a batch, and writes it.
    fn put_together(&mut self, mut batch: Batch, rows: Vec<PendingRow>) -> QueryResult<()> {
        batch.reserve(rows.len());
        for row in rows {
            self.take(&mut batch, row);
        }
        let writes = self.writes(batch)?;
        self.desk.later(move |conn| writes.write(conn))
    }

    /// What the database knows of the candidates and offers that rows name.
    fn known(&self, rows: &[PendingRow]) -> QueryResult<Batch> {
        let source = self.source.id;
        let distinct = |key: fn(&Row) -> Option<&SourceKey>| {
            let keys = rows.iter().filter_map(|pending| key(&pending.row));
            let distinct: BTreeSet<&SourceKey> = keys.collect();
            distinct.into_iter().cloned().collect::<Vec<_>>()
        };
        let candidate_keys = distinct(|row| row.candidate_key.as_ref());
        let offer_keys = distinct(Row::offer_key);
        self.desk
            .ask(move |conn| Batch::load(conn, source, &candidate_keys, &offer_keys))
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
            Some(key) => batch.find(key, role),
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

    /// What a batch writes into the database, of which the derived tables and the journal hear.
    fn writes(&mut self, batch: Batch) -> QueryResult<Writes> {
        let mut writes = Writes {
            new_roles: std::mem::take(&mut self.new_roles),
            new_technologies: std::mem::take(&mut self.new_technologies),
            new_candidates: Vec::with_capacity(batch.candidates.len()),
            new_offers: Vec::with_capacity(batch.offers.len()),
            ..Writes::default()
        };
        for mut candidate in batch.candidates {
            if let Some(skills) = candidate.skills {
                candidate.row.technologies = Arc::unwrap_or_clone(skills);
            }
            let row = candidate.row;
            match &candidate.stored {
                None => {
                    self.upkeep.add(row.id, row.role_id, self.facts(&row));
                    writes.new_candidates.push(row);
                }
                Some(stored) if **stored != row => {
                    self.journal(|journal| journal.candidate_changed(stored))?;
                    if !are_alike(stored, &row) {
                        self.upkeep.changed(Block::of(row.id));
                    }
                    writes.candidates.push(row);
                }
                Some(_) => {}
            }
        }
        for OfferState { row, stored } in batch.offers {
            match stored {
                None => writes.new_offers.push(row),
                Some(stored) if *stored == row => {}
                Some(stored) => {
                    self.upkeep.changed(Block::of(stored.candidate_id));
                    self.upkeep.changed(Block::of(row.candidate_id));
                    if stored.candidate_id == row.candidate_id {
                        self.journal(|journal| journal.offer_changed(&stored))?;
                        writes.offers.push(row);
                    } else {
                        self.journal(|journal| journal.offer_removed(&stored))?;
                        writes
                            .gone_offers
                            .push((stored.candidate_id, stored.number));
                        writes.new_offers.push(row);
                    }
                }
            }
        }
        for row in &writes.new_offers {
            let counted = row.status == OfferStatus::Open;
            let offer = Offer::new(row.monthly_usd, Month::of(row.offered_on), counted);
            self.upkeep.add_offer(row.candidate_id, offer);
        }
        if let Some(journal) = &mut self.journal {
            journal.offers_added(&writes.new_offers);
            writes.changes = journal.take();
        }
        writes.packed = self.upkeep.settle();
        Ok(writes)
    }

    fn journal(&mut self, note: impl FnOnce(&mut Changes) -> QueryResult<()>) -> QueryResult<()> {
        self.journal.as_mut().map_or(Ok(()), note)
    }

    /// What figures ask of a candidate, the offers left out.
    fn facts(&self, row: &CandidateRow) -> Candidate {
        Candidate {
            source: self.source.id,
            pay: self.source.pay,
            profile: profile(row),
            technologies: row.technologies.technologies().into(),
            offers: SmallVec::new(),
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

/// Rows of the database that come, change and go, and what comes with them.
#[derive(Default)]
struct Writes {
    new_roles: Vec<NewRole>,
    new_technologies: Vec<NewTechnology>,
    candidates: Vec<CandidateRow>,
    new_candidates: Vec<CandidateRow>,
    offers: Vec<OfferRow>,
    gone_offers: Vec<(CandidateId, i64)>,
    new_offers: Vec<OfferRow>,
    changes: Vec<Change>,
    packed: Packed,
}

impl Writes {
    fn write(&self, conn: &mut Conn) -> QueryResult<()> {
        queries::create_roles(conn, &self.new_roles)?;
        queries::create_technologies(conn, &self.new_technologies)?;
        for row in &self.candidates {
            queries::update_candidate(conn, row)?;
        }
        queries::insert_candidates(conn, &self.new_candidates)?;
        for row in &self.offers {
            queries::update_offer(conn, row)?;
        }
        for (candidate, number) in &self.gone_offers {
            queries::delete_offer(conn, *candidate, *number)?;
        }
        queries::insert_offers(conn, &self.new_offers)?;
        journal::write(conn, &self.changes)?;
        self.packed.write(conn)
    }
}

/// The candidates and offers that some rows are about.
#[derive(Default)]
struct Batch {
    /// Those that the database knows, then new ones, whose keys follow one another.
    candidates: Vec<CandidateState>,
    /// Places of those that the database knows.
    by_id: HashMap<CandidateId, usize>,
    by_key: HashMap<(SourceKey, RoleId), usize>,
    offers: Vec<OfferState>,
    offers_by_key: HashMap<SourceKey, usize>,
}

impl Batch {
    /// What the database knows of candidates and offers with those keys, and of whose the offers are.
    fn load(
        conn: &mut Conn,
        source: SourceId,
        candidate_keys: &[SourceKey],
        offer_keys: &[SourceKey],
    ) -> QueryResult<Self> {
        let mut batch = Self::default();
        for offer in queries::offers_by_key(conn, source, offer_keys)? {
            batch.add_offer(OfferState::stored(offer));
        }
        for candidate in queries::candidates_by_key(conn, source, candidate_keys)? {
            batch.add_stored(candidate);
        }
        let owners = batch.offers.iter().map(|offer| offer.row.candidate_id);
        let owners: BTreeSet<CandidateId> = owners
            .filter(|owner| !batch.by_id.contains_key(owner))
            .collect();
        let owners: Vec<CandidateId> = owners.into_iter().collect();
        for candidate in queries::candidates_by_id(conn, &owners)? {
            batch.add_stored(candidate);
        }
        let stored: Vec<CandidateId> = batch.by_id.keys().copied().collect();
        let last_numbers = queries::last_numbers(conn, &stored)?;
        for candidate in &mut batch.candidates {
            let last = last_numbers.get(&candidate.row.id);
            candidate.last_number = last.copied().unwrap_or(0);
        }
        Ok(batch)
    }

    /// Makes room for so many rows.
    fn reserve(&mut self, rows: usize) {
        self.candidates.reserve(rows);
        self.by_key.reserve(rows);
        self.offers.reserve(rows);
        self.offers_by_key.reserve(rows);
    }

    /// The candidate of that key: rows of one candidate tend to follow one another.
    fn find(&self, key: &SourceKey, role: RoleId) -> Option<usize> {
        let last = self.candidates.len().checked_sub(1);
        let last = last.filter(|last| {
            let last = self.candidates.get(*last).map(|candidate| &candidate.row);
            last.is_some_and(|row| row.role_id == role && row.source_key.as_ref() == Some(key))
        });
        last.or_else(|| self.by_key.get(&(key.clone(), role)).copied())
    }

    fn add_stored(&mut self, candidate: CandidateRow) {
        let id = candidate.id;
        let place = self.add_candidate(CandidateState::stored(candidate));
        self.by_id.insert(id, place);
    }

    fn add_candidate(&mut self, candidate: CandidateState) -> usize {
        let place = self.candidates.len();
        if let Some(key) = &candidate.row.source_key {
            self.by_key
                .insert((key.clone(), candidate.row.role_id), place);
        }
        self.candidates.push(candidate);
        place
    }

    fn place_of_new(&self, id: CandidateId) -> Option<usize> {
        let first = self.by_id.len();
        let first_id = self.candidates.get(first)?.row.id;
        Some(first + usize::try_from(id.0 - first_id.0).ok()?)
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
        let stored = self.by_id.get(&owner).copied();
        let place = stored.or_else(|| self.place_of_new(owner))?;
        let row = &self.candidates.get(place)?.row;
        (row.source_key.is_none() || row.role_id == role).then_some(place)
    }
}

/// A candidate as the rows leave it.
struct CandidateState {
    row: CandidateRow,
    /// As the database has it; `None` for a new one.
    stored: Option<Box<CandidateRow>>,
    /// The technologies that a row named, where one did.
    skills: Option<Arc<Skills>>,
    /// Number of the newest offer.
    last_number: i64,
}

impl CandidateState {
    fn stored(row: CandidateRow) -> Self {
        Self {
            stored: Some(Box::new(row.clone())),
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
    fn take(&mut self, row: &Row, role: RoleId, skills: Arc<Skills>) {
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
    stored: Option<Box<OfferRow>>,
}

impl OfferState {
    fn stored(row: OfferRow) -> Self {
        Self {
            stored: Some(Box::new(row.clone())),
            row,
        }
    }

    fn take(&mut self, offer: &RowOffer) {
        self.row.monthly_usd = offer.salary;
        self.row.offered_on = offer.offered_on;
        self.row.status = offer.status;
    }
}
