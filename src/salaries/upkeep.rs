//! Keeps the derived tables in step with the rows they derive from, in the same transaction.
//!
//! Candidates are taken in blocks of 16,384 keys. New ones are packed as they are written; a block in which anything else
//! changed is packed again from its rows. Then everything that is kept of roles whose packed facts changed is derived anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::mpsc;
use std::thread;

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use smallvec::SmallVec;

use super::derive::{History, Kept, derive};
use super::facts::{Candidate, Offer, Profile, pack};
use super::role_facts::RoleFacts;
use super::window::{Month, Window};
use crate::db::{Conn, insert_all, on_either};
use crate::ids::{CandidateId, RoleId, SourceId, TechnologyId};
use crate::market::{Country, English, ExperienceBand, OfferStatus, PayBasis, Seniority, Skills};
use crate::money::MonthlyUsd;
use crate::schema::{candidates, facts, offers, reports, role_sources, sources, trends};

/// Candidates whose keys share all but the last fourteen bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block(i64);

const BITS: u32 = 14;

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.keys();
        write!(f, "rows {} to {}", first.0, last.0)
    }
}

/// Derived rows that are written together.
const BATCH: usize = 256;

/// Candidates whose facts are held in memory at a time, some 60 bytes each, where reports are derived beside other work.
const HELD_CANDIDATES: usize = 1_000_000;

impl Block {
    /// The bits of a key that its block leaves out.
    pub const BITS: u32 = BITS;

    /// The block of a candidate.
    #[must_use]
    pub const fn of(candidate: CandidateId) -> Self {
        Self(candidate.0 >> BITS)
    }

    /// The first and the last key.
    #[must_use]
    pub const fn keys(self) -> (CandidateId, CandidateId) {
        let first = self.0 << BITS;
        (CandidateId(first), CandidateId(first + (1 << BITS) - 1))
    }
}

/// The derived tables while rows are written.
#[derive(Debug, Default)]
pub struct Upkeep {
    /// Blocks up to this one held candidates before.
    former: Option<Block>,
    /// Blocks whose candidates are all new and may still come.
    open: BTreeMap<Block, OpenBlock>,
    /// Blocks that are packed from their rows in the end.
    stale: BTreeSet<Block>,
    /// Roles whose packed facts changed.
    changed: BTreeSet<RoleId>,
}

/// New candidates whose keys follow one another.
#[derive(Debug, Default)]
struct OpenBlock {
    first: i64,
    candidates: Vec<(RoleId, Candidate)>,
}

impl OpenBlock {
    fn candidate(&mut self, id: CandidateId) -> Option<&mut Candidate> {
        let place = usize::try_from(id.0 - self.first).ok()?;
        let (_, candidate) = self.candidates.get_mut(place)?;
        Some(candidate)
    }
}

impl Upkeep {
    /// Goes on where the candidates' keys go up to `last`. Blocks above it that are known to have changed are empty now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn after(mut self, conn: &mut Conn, last: CandidateId) -> QueryResult<Self> {
        let first_empty = Block(if last.0 > 0 { Block::of(last).0 + 1 } else { 0 });
        for block in self.stale.split_off(&first_empty) {
            for role in kept_facts(conn, block)?.into_keys() {
                delete_facts(conn, role, block)?;
                self.changed.insert(role);
            }
        }
        self.former = (last.0 > 0).then(|| Block::of(last));
        Ok(self)
    }

    /// Takes a new candidate, whose key follows the last one.
    pub fn add(&mut self, id: CandidateId, role: RoleId, candidate: Candidate) {
        let block = Block::of(id);
        if self.former.is_some_and(|former| block <= former) {
            self.stale.insert(block);
        } else {
            let open = self.open.entry(block).or_insert_with(|| OpenBlock {
                first: id.0,
                candidates: Vec::new(),
            });
            open.candidates.push((role, candidate));
        }
    }

    /// Takes a new offer.
    pub fn add_offer(&mut self, id: CandidateId, offer: Offer) {
        let block = Block::of(id);
        let open = self.open.get_mut(&block);
        match open.and_then(|open| open.candidate(id)) {
            Some(candidate) => candidate.offers.push(offer),
            None => self.changed(block),
        }
    }

    /// Hears that rows of a block changed, came or went.
    pub fn changed(&mut self, block: Block) {
        self.open.remove(&block);
        self.stale.insert(block);
    }

    /// Whether it reads rows in the end.
    #[must_use]
    pub fn will_read_rows(&self) -> bool {
        !self.stale.is_empty()
    }

    /// Packs the blocks before the last one but one, of which little can be expected any more. What still comes is
    /// taken in the end.
    #[must_use]
    pub fn settle(&mut self) -> Packed {
        self.pack_but(2)
    }

    /// Packs the open blocks but for so many of the last ones.
    fn pack_but(&mut self, left: usize) -> Packed {
        let mut packed = Packed::default();
        while self.open.len() > left
            && let Some((block, open)) = self.open.pop_first()
        {
            if self.stale.contains(&block) {
                continue;
            }
            let by_role = packed_by_role(open.candidates.into_iter());
            self.changed.extend(by_role.keys());
            for (role_id, facts) in by_role {
                packed.0.push(FactsRow::of(role_id, block, facts));
            }
        }
        packed
    }

    /// Brings everything up to date, and says which roles' figures may have changed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn finish(mut self, conn: &mut Conn) -> QueryResult<BTreeSet<RoleId>> {
        self.pack_all(conn)?;
        for role in &self.changed {
            write_derived(conn, *role)?;
        }
        self.finish_trends(conn)
    }

    /// The same beside other work on the database, which leaves rows as they are: reports are derived while it is done, and written
    /// as they come after it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn finish_beside(
        mut self,
        conn: &mut Conn,
        work: impl FnOnce(&mut Conn) -> QueryResult<()>,
    ) -> QueryResult<BTreeSet<RoleId>> {
        self.pack_all(conn)?;
        let facts = first_facts(conn, &self.changed)?;
        let others = self.changed.iter().skip(facts.len());
        thread::scope(|scope| {
            let (give, derived) = mpsc::channel();
            scope.spawn(move || {
                for (role, facts) in facts {
                    let derived = derive_at_once(role, &facts);
                    if give.send((role, derived)).is_err() {
                        break;
                    }
                }
            });
            work(conn)?;
            for (role, derived) in derived {
                let (sources, reports) = derived?;
                delete_derived(conn, role)?;
                insert_all!(conn, role_sources::table, &sources[..]);
                insert_all!(conn, reports::table, &reports[..]);
            }
            Ok::<_, diesel::result::Error>(())
        })?;
        for role in others {
            write_derived(conn, *role)?;
        }
        self.finish_trends(conn)
    }

    /// Packs every block that is open or has changed.
    fn pack_all(&mut self, conn: &mut Conn) -> QueryResult<()> {
        self.pack_but(0).write(conn)?;
        let mut stale = std::mem::take(&mut self.stale).into_iter();
        stale.try_for_each(|block| self.pack_again(conn, block))
    }

    fn finish_trends(self, conn: &mut Conn) -> QueryResult<BTreeSet<RoleId>> {
        if !self.changed.is_empty() {
            write_trends(conn)?;
        }
        Ok(self.changed)
    }

    /// Packs a block from its rows, and replaces what is not the same.
    fn pack_again(&mut self, conn: &mut Conn, block: Block) -> QueryResult<()> {
        let fresh = packed_from_rows(conn, block)?;
        let kept = kept_facts(conn, block)?;
        for role in kept.keys().filter(|role| !fresh.contains_key(role)) {
            delete_facts(conn, *role, block)?;
            self.changed.insert(*role);
        }
        for (role, packed) in fresh {
            let before = kept.get(&role);
            if before == Some(&packed) {
                continue;
            }
            if before.is_some() {
                delete_facts(conn, role, block)?;
            }
            Packed(vec![FactsRow::of(role, block, packed)]).write(conn)?;
            self.changed.insert(role);
        }
        Ok(())
    }
}

/// A row of `facts`.
#[derive(Debug, Insertable)]
#[diesel(table_name = facts)]
#[diesel(treat_none_as_default_value = false)]
struct FactsRow {
    role_id: RoleId,
    block: i64,
    packed: Vec<u8>,
}

impl FactsRow {
    const fn of(role_id: RoleId, block: Block, packed: Vec<u8>) -> Self {
        Self {
            role_id,
            block: block.0,
            packed,
        }
    }
}

/// Packed facts that are not written yet.
#[derive(Debug, Default)]
pub struct Packed(Vec<FactsRow>);

impl Packed {
    /// Writes them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn write(&self, conn: &mut Conn) -> QueryResult<()> {
        insert_all!(conn, facts::table, &self.0[..]);
        Ok(())
    }
}

/// The packed facts of a block, role by role.
type PackedFacts = BTreeMap<RoleId, Vec<u8>>;

fn packed_by_role(candidates: impl Iterator<Item = (RoleId, Candidate)>) -> PackedFacts {
    let mut by_role = BTreeMap::<RoleId, Vec<Candidate>>::new();
    for (role, candidate) in candidates {
        by_role.entry(role).or_default().push(candidate);
    }
    let packed = by_role.into_iter();
    packed.map(|(role, all)| (role, pack(&all))).collect()
}

type CandidateRow = (
    CandidateId,
    RoleId,
    SourceId,
    Option<Seniority>,
    Option<f64>,
    Option<Country>,
    Option<English>,
    Skills,
);

/// Packs a block from its rows.
///
/// # Errors
/// When the database fails.
pub fn packed_from_rows(conn: &mut Conn, block: Block) -> QueryResult<PackedFacts> {
    let (first, last) = block.keys();
    let pays: HashMap<SourceId, PayBasis> = sources::table
        .select((sources::id, sources::pay))
        .load(conn)?
        .into_iter()
        .collect();
    // Not joined with their sources: SQLite might go through all candidates of each source, and not to those of the block.
    let rows: Vec<CandidateRow> = candidates::table
        .filter(candidates::id.between(first, last))
        .order(candidates::id)
        .select((
            candidates::id,
            candidates::role_id,
            candidates::source_id,
            candidates::seniority,
            candidates::experience_years,
            candidates::country,
            candidates::english,
            candidates::technologies,
        ))
        .load(conn)?;
    let received: Vec<(CandidateId, MonthlyUsd, NaiveDate, OfferStatus)> = offers::table
        .filter(offers::candidate_id.between(first, last))
        .order((offers::candidate_id, offers::number))
        .select((
            offers::candidate_id,
            offers::monthly_usd,
            offers::offered_on,
            offers::status,
        ))
        .load(conn)?;
    let mut received = received.into_iter().peekable();
    let people = rows.into_iter().filter_map(
        |(id, role, source, seniority, years, country, english, skills)| {
            let mut of_candidate = SmallVec::new();
            while let Some((_, salary, day, status)) = received.next_if(|(of, ..)| *of == id) {
                let counted = status == OfferStatus::Open;
                of_candidate.push(Offer::new(salary, Month::of(day), counted));
            }
            let candidate = Candidate {
                source,
                pay: *pays.get(&source)?,
                profile: Profile::new(seniority, years.map(ExperienceBand::of), english, country),
                technologies: skills.technologies().into(),
                offers: of_candidate,
            };
            Some((role, candidate))
        },
    );
    Ok(packed_by_role(people))
}

/// The packed facts that the database holds of a block.
///
/// # Errors
/// When the database fails.
pub fn kept_facts(conn: &mut Conn, block: Block) -> QueryResult<PackedFacts> {
    let kept: Vec<(RoleId, Vec<u8>)> = facts::table
        .filter(facts::block.eq(block.0))
        .select((facts::role_id, facts::packed))
        .load(conn)?;
    Ok(kept.into_iter().collect())
}

fn delete_facts(conn: &mut Conn, role: RoleId, block: Block) -> QueryResult<()> {
    let kept = facts::table
        .filter(facts::role_id.eq(role))
        .filter(facts::block.eq(block.0));
    diesel::delete(kept).execute(conn)?;
    Ok(())
}

/// The blocks that hold candidates of a source.
///
/// # Errors
/// When the database fails.
pub fn blocks_of_source(conn: &mut Conn, source: SourceId) -> QueryResult<BTreeSet<Block>> {
    // One walk along the source's candidates: asked for the next one after each block, SQLite would walk along them anew.
    let blocks: Vec<i64> = candidates::table
        .filter(candidates::source_id.eq(source))
        .select(sql::<BigInt>(&format!("id >> {BITS}")))
        .distinct()
        .load(conn)?;
    Ok(blocks.into_iter().map(Block).collect())
}

/// The blocks that hold candidates of a role.
///
/// # Errors
/// When the database fails.
pub fn blocks_of_role(conn: &mut Conn, role: RoleId) -> QueryResult<BTreeSet<Block>> {
    let blocks: Vec<i64> = facts::table
        .filter(facts::role_id.eq(role))
        .select(facts::block)
        .load(conn)?;
    Ok(blocks.into_iter().map(Block).collect())
}

/// Every block that holds candidates or packed facts.
///
/// # Errors
/// When the database fails.
pub fn all_blocks(conn: &mut Conn) -> QueryResult<Vec<Block>> {
    let last_candidate: Option<i64> = candidates::table
        .select(diesel::dsl::max(candidates::id))
        .first(conn)?;
    let last_kept: Option<i64> = facts::table
        .select(diesel::dsl::max(facts::block))
        .first(conn)?;
    let last = last_candidate.map(|id| Block::of(CandidateId(id)).0);
    Ok((0..=last.max(last_kept).unwrap_or(-1)).map(Block).collect())
}

/// All packed facts of a role, joined.
///
/// # Errors
/// When the database fails, or holds packed facts that are damaged.
pub fn facts_of_role(conn: &mut Conn, role: RoleId) -> QueryResult<RoleFacts> {
    let mut all = RoleFacts::default();
    super::queries::for_each_block(conn, role, |packed| all.add(packed))?;
    Ok(all)
}

/// A row of `reports`.
#[derive(Clone, Debug, PartialEq, Eq, Insertable, Queryable)]
#[diesel(table_name = reports)]
#[diesel(treat_none_as_default_value = false)]
pub struct ReportRow {
    /// The role.
    pub role_id: RoleId,
    /// The technology; 0 for none.
    pub technology_id: TechnologyId,
    /// The filter as a query string.
    pub filter: String,
    /// Candidates.
    pub candidates: i64,
    /// Counted offers.
    pub offers: i64,
    findings: Vec<u8>,
    extent: Option<Vec<u8>>,
    history: Option<Vec<u8>>,
}

impl ReportRow {
    /// The row of something that is kept ready.
    ///
    /// # Errors
    /// When it cannot be packed.
    pub fn of(role: RoleId, kept: &Kept) -> QueryResult<Self> {
        let findings = &kept.findings;
        let (extent, history) = match &kept.unfiltered {
            Some((extent, history)) => (Some(to_bytes(extent)?), Some(to_bytes(history)?)),
            None => (None, None),
        };
        let offers = findings
            .figures
            .as_ref()
            .map_or(0, |figures| figures.offers);
        Ok(Self {
            role_id: role,
            technology_id: kept.technology.unwrap_or(NO_TECHNOLOGY),
            filter: kept.filters.query_string(),
            candidates: findings.candidates.cast_signed(),
            offers: offers.cast_signed(),
            findings: to_bytes(findings)?,
            extent,
            history,
        })
    }
}

/// A row of `role_sources`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Insertable, Queryable)]
#[diesel(table_name = role_sources)]
#[diesel(treat_none_as_default_value = false)]
pub struct RoleSourceRow {
    /// The role.
    pub role_id: RoleId,
    /// The source.
    pub source_id: SourceId,
    candidates: i64,
    offers: i64,
    newest_month: Option<NaiveDate>,
}

impl RoleSourceRow {
    /// The rows of a role.
    #[must_use]
    pub fn all(role_id: RoleId, facts: &RoleFacts) -> Vec<Self> {
        let sources = facts.by_source().into_iter();
        let rows = sources.map(|(source_id, of_source)| Self {
            role_id,
            source_id,
            candidates: (of_source.candidates as u64).cast_signed(),
            offers: (of_source.offers as u64).cast_signed(),
            newest_month: of_source.newest_month.and_then(Month::first_day),
        });
        rows.collect()
    }
}

/// What stands for no technology in `reports`.
pub const NO_TECHNOLOGY: TechnologyId = TechnologyId(0);

fn to_bytes(value: &impl serde::Serialize) -> QueryResult<Vec<u8>> {
    postcard::to_stdvec(value)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

/// Reads back what [`ReportRow`] packed.
pub(super) fn from_bytes<'b, T: serde::Deserialize<'b>>(bytes: &'b [u8]) -> QueryResult<T> {
    postcard::from_bytes(bytes)
        .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}

/// The facts of roles, from the first one on, as far as they are of no more candidates than memory is meant for.
fn first_facts(conn: &mut Conn, roles: &BTreeSet<RoleId>) -> QueryResult<Vec<(RoleId, RoleFacts)>> {
    let mut first = Vec::new();
    let mut candidates = 0;
    for role in roles {
        let facts = facts_of_role(conn, *role)?;
        candidates += facts.candidates();
        if candidates > HELD_CANDIDATES {
            break;
        }
        first.push((*role, facts));
    }
    Ok(first)
}

/// Derives what is kept of a role.
fn derive_at_once(
    role: RoleId,
    facts: &RoleFacts,
) -> QueryResult<(Vec<RoleSourceRow>, Vec<ReportRow>)> {
    let mut reports = Vec::new();
    each_report(role, facts, &mut |row| {
        reports.push(row);
        Ok(())
    })?;
    Ok((RoleSourceRow::all(role, facts), reports))
}

fn each_report(
    role: RoleId,
    facts: &RoleFacts,
    keep: &mut impl FnMut(ReportRow) -> QueryResult<()>,
) -> QueryResult<()> {
    derive(facts, &mut |kept| keep(ReportRow::of(role, &kept)?))
}

/// Derives what is kept of a role anew.
fn write_derived(conn: &mut Conn, role: RoleId) -> QueryResult<()> {
    delete_derived(conn, role)?;
    let facts = facts_of_role(conn, role)?;
    let sources = RoleSourceRow::all(role, &facts);
    insert_all!(conn, role_sources::table, &sources[..]);
    let mut rows = Vec::with_capacity(BATCH);
    each_report(role, &facts, &mut |row| {
        rows.push(row);
        if rows.len() == BATCH {
            insert_all!(conn, reports::table, &rows[..]);
            rows.clear();
        }
        Ok(())
    })?;
    insert_all!(conn, reports::table, &rows[..]);
    Ok(())
}

fn delete_derived(conn: &mut Conn, role: RoleId) -> QueryResult<()> {
    diesel::delete(role_sources::table.filter(role_sources::role_id.eq(role))).execute(conn)?;
    diesel::delete(reports::table.filter(reports::role_id.eq(role))).execute(conn)?;
    Ok(())
}

/// A row of `trends`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Insertable, Queryable)]
#[diesel(table_name = trends)]
#[diesel(treat_none_as_default_value = false)]
pub struct TrendRow {
    /// The technology.
    pub technology_id: TechnologyId,
    /// Counted offers.
    pub offers: i64,
    /// Candidates who received them.
    pub candidates: i64,
    /// Counted offers in the twelve months before, where the data reaches back so far.
    pub former_offers: Option<i64>,
    /// Candidates who received those.
    pub former_candidates: Option<i64>,
}

/// The trends of the reports that the database holds, by technology.
///
/// # Errors
/// When the database fails.
pub fn derive_trends(conn: &mut Conn) -> QueryResult<Vec<TrendRow>> {
    let kept: Vec<(TechnologyId, Option<Vec<u8>>)> = reports::table
        .filter(reports::filter.eq(""))
        .select((reports::technology_id, reports::history))
        .load(conn)?;
    let mut histories = BTreeMap::<TechnologyId, Vec<History>>::new();
    for (technology, history) in kept {
        let history = history.as_deref().map(from_bytes::<History>).transpose()?;
        histories.entry(technology).or_default().extend(history);
    }
    let roles = histories.remove(&NO_TECHNOLOGY).unwrap_or_default();
    let Some(newest) = roles.iter().filter_map(History::newest).max() else {
        return Ok(Vec::new());
    };
    let window = Window::ending(newest);
    let oldest = roles.iter().filter_map(History::oldest).min();
    let reaches_back = oldest.is_some_and(|oldest| oldest <= window.before().from);
    let within = |histories: &[History], window| {
        let sums = histories.iter().map(|history| history.within(window));
        let (offers, candidates) = sums.fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1));
        (offers.cast_signed(), candidates.cast_signed())
    };
    let rows = histories
        .into_iter()
        .filter_map(|(technology_id, histories)| {
            let (offers, candidates) = within(&histories, window);
            let former = reaches_back.then(|| within(&histories, window.before()));
            (offers > 0).then(|| TrendRow {
                technology_id,
                offers,
                candidates,
                former_offers: former.map(|(offers, _)| offers),
                former_candidates: former.map(|(_, candidates)| candidates),
            })
        });
    Ok(rows.collect())
}

fn write_trends(conn: &mut Conn) -> QueryResult<()> {
    diesel::delete(trends::table).execute(conn)?;
    let rows = derive_trends(conn)?;
    for batch in rows.chunks(BATCH) {
        on_either!(conn, conn => {
            diesel::insert_into(trends::table).values(batch).execute(conn)?
        });
    }
    Ok(())
}

/// Whether there are candidates of whom nothing is derived yet, as after the migration that added the derived tables.
///
/// # Errors
/// When the database fails.
pub fn is_missing(conn: &mut Conn) -> QueryResult<bool> {
    let kept: Option<RoleId> = facts::table.select(facts::role_id).first(conn).optional()?;
    Ok(kept.is_none() && !all_blocks(conn)?.is_empty())
}

/// Derives everything anew from the rows, and says which roles' figures may be others now.
///
/// # Errors
/// When the database fails.
pub fn derive_all(conn: &mut Conn) -> QueryResult<BTreeSet<RoleId>> {
    let mut upkeep = Upkeep::default();
    for block in all_blocks(conn)? {
        upkeep.changed(block);
    }
    upkeep.finish(conn)
}
