//! Writing rows: candidates, their technologies and offers, in batches, with keys counted up here.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::profile::SourceProfile;
use super::report::Written;
use super::row::{Row, RowName, RowOffer};
use crate::db::{Conn, on_either};
use crate::ids::{CandidateId, OfferId, RoleId, SourceId, TechnologyId};
use crate::market::{self, Country, English, OfferStatus, PayBasis, Seniority, Source};
use crate::money::MonthlyUsd;
use crate::schema::{
    candidate_technologies, candidates, imports, offers, roles, sources, technologies,
};
use crate::slug::Slug;

/// Rows that are written with one statement.
const BATCH: usize = 500;

/// The source of that slug.
pub(super) fn source_by_slug(conn: &mut Conn, slug: &Slug) -> QueryResult<Option<Source>> {
    sources::table
        .filter(sources::slug.eq(slug))
        .first(conn)
        .optional()
}

/// Creates a source.
pub(super) fn create_source(conn: &mut Conn, profile: &SourceProfile) -> QueryResult<Source> {
    diesel::insert_into(sources::table)
        .values((
            sources::slug.eq(&profile.slug),
            sources::name.eq(&profile.name),
            sources::url.eq(&profile.url),
            sources::licence.eq(&profile.licence),
            sources::pay.eq(profile.pay.unwrap_or(PayBasis::Gross)),
        ))
        .returning(sources::all_columns)
        .get_result(conn)
}

/// When the same bytes were imported into the source; `None` where they were not, or were replaced since.
pub(super) fn earlier_import(
    conn: &mut Conn,
    source: SourceId,
    sha256: &str,
) -> QueryResult<Option<NaiveDateTime>> {
    imports::table
        .filter(imports::source_id.eq(source))
        .filter(imports::sha256.eq(sha256))
        .filter(imports::replaced_at.is_null())
        .select(imports::finished_at)
        .first(conn)
        .optional()
}

/// Removes every candidate and offer of the source, and marks its imports as replaced.
pub(super) fn clear_source(
    conn: &mut Conn,
    source: SourceId,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::delete(offers::table.filter(offers::source_id.eq(source))).execute(conn)?;
    diesel::delete(candidates::table.filter(candidates::source_id.eq(source))).execute(conn)?;
    diesel::update(
        imports::table
            .filter(imports::source_id.eq(source))
            .filter(imports::replaced_at.is_null()),
    )
    .set(imports::replaced_at.eq(now))
    .execute(conn)?;
    Ok(())
}

/// A finished import.
#[derive(Insertable)]
#[diesel(table_name = imports)]
pub(super) struct NewImport<'a> {
    pub(super) source_id: SourceId,
    pub(super) file_name: &'a str,
    pub(super) sha256: &'a str,
    pub(super) rows_read: i64,
    pub(super) accepted: i64,
    pub(super) skipped: i64,
    pub(super) rejected: i64,
    pub(super) finished_at: NaiveDateTime,
}

impl NewImport<'_> {
    pub(super) fn record(&self, conn: &mut Conn) -> QueryResult<()> {
        diesel::insert_into(imports::table)
            .values(self)
            .execute(conn)?;
        Ok(())
    }
}

#[derive(Clone, Insertable)]
#[diesel(table_name = candidates)]
#[diesel(treat_none_as_default_value = false)]
struct NewCandidate {
    id: CandidateId,
    source_id: SourceId,
    role_id: RoleId,
    source_key: Option<String>,
    seniority: Option<Seniority>,
    experience_years: Option<f64>,
    country: Option<Country>,
    english: Option<English>,
    monthly_usd: Option<MonthlyUsd>,
}

/// What a row says of a known candidate; what it leaves open stays as it is.
#[derive(AsChangeset)]
#[diesel(table_name = candidates)]
struct CandidateChange {
    role_id: RoleId,
    seniority: Option<Seniority>,
    experience_years: Option<f64>,
    country: Option<Country>,
    english: Option<English>,
    monthly_usd: Option<MonthlyUsd>,
}

#[derive(Insertable)]
#[diesel(table_name = offers)]
#[diesel(treat_none_as_default_value = false)]
struct NewOffer {
    id: OfferId,
    candidate_id: CandidateId,
    source_id: SourceId,
    source_key: Option<String>,
    monthly_usd: MonthlyUsd,
    offered_on: NaiveDate,
    status: OfferStatus,
}

// Without defaults diesel writes a slice in one statement; with them, row by row in a transaction of its own.
#[derive(Insertable)]
#[diesel(table_name = candidate_technologies)]
#[diesel(treat_none_as_default_value = false)]
struct NewSkill {
    candidate_id: CandidateId,
    technology_id: TechnologyId,
}

/// Writes the rows of one source. Only one writer is at work at a time: on `SQLite` by the write transaction, on
/// `PostgreSQL` by a lock on the tables, which readers do not feel.
pub(super) struct Writer<'c> {
    conn: &'c mut Conn,
    source: SourceId,
    roles: HashMap<Slug, RoleId>,
    technologies: HashMap<Slug, TechnologyId>,
    /// Candidates up to this key were there before.
    former_candidates: i64,
    last_candidate: i64,
    last_offer: i64,
    candidates: Vec<NewCandidate>,
    skills: HashMap<CandidateId, Vec<TechnologyId>>,
    offers: Vec<NewOffer>,
    /// Places in `candidates` of those with a key of their own.
    unwritten_candidates: HashMap<(String, RoleId), usize>,
    unwritten_offers: BTreeSet<String>,
    /// Candidates from whom a row took an offer away.
    bereft: BTreeSet<CandidateId>,
    written: Written,
}

impl<'c> Writer<'c> {
    pub(super) fn new(conn: &'c mut Conn, source: SourceId) -> QueryResult<Self> {
        if let Conn::Postgres(conn) = conn {
            conn.batch_execute("LOCK TABLE candidates, offers IN SHARE ROW EXCLUSIVE MODE")?;
        }
        let roles = roles::table.select((roles::slug, roles::id)).load(conn)?;
        let known = technologies::table.select((technologies::slug, technologies::id));
        let technologies: Vec<(Slug, TechnologyId)> = known.load(conn)?;
        let last_candidate: Option<i64> = candidates::table
            .select(diesel::dsl::max(candidates::id))
            .first(conn)?;
        let last_offer: Option<i64> = offers::table
            .select(diesel::dsl::max(offers::id))
            .first(conn)?;
        Ok(Self {
            source,
            roles: roles.into_iter().collect(),
            technologies: technologies.into_iter().collect(),
            former_candidates: last_candidate.unwrap_or(0),
            last_candidate: last_candidate.unwrap_or(0),
            last_offer: last_offer.unwrap_or(0),
            candidates: Vec::with_capacity(BATCH),
            skills: HashMap::new(),
            offers: Vec::with_capacity(BATCH),
            unwritten_candidates: HashMap::new(),
            unwritten_offers: BTreeSet::new(),
            bereft: BTreeSet::new(),
            written: Written::default(),
            conn,
        })
    }

    /// Writes one row, sooner or later.
    pub(super) fn add(&mut self, row: Row) -> QueryResult<()> {
        let role = self.role(&row.role)?;
        let technologies = row
            .technologies
            .iter()
            .map(|technology| self.technology(technology))
            .collect::<QueryResult<Vec<_>>>()?;
        let known_offer = match row.offer.as_ref().and_then(|offer| offer.key.as_deref()) {
            Some(key) => self.known_offer(key)?,
            None => None,
        };
        let candidate = self.candidate(&row, role, &technologies, known_offer)?;
        match (row.offer, known_offer) {
            (None, _) => {}
            (Some(offer), None) => self.add_offer(candidate, offer),
            (Some(offer), Some((id, former))) => {
                if former != candidate {
                    self.bereft.insert(former);
                }
                self.update_offer(id, candidate, &offer)?;
            }
        }
        if self
            .candidates
            .len()
            .max(self.offers.len())
            .max(self.skills.len())
            >= BATCH
        {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is left, and leaves the database ready for readers.
    pub(super) fn finish(mut self) -> QueryResult<Written> {
        self.flush()?;
        self.remove_bereft()?;
        match self.conn {
            Conn::Sqlite(conn) => conn.batch_execute("PRAGMA analysis_limit = 1000; ANALYZE")?,
            Conn::Postgres(conn) => conn.batch_execute(
                "SELECT setval(pg_get_serial_sequence('candidates', 'id'), greatest(max(id), 1)) FROM candidates;
                 SELECT setval(pg_get_serial_sequence('offers', 'id'), greatest(max(id), 1)) FROM offers;
                 ANALYZE candidates; ANALYZE candidate_technologies; ANALYZE offers;",
            )?,
        }
        Ok(self.written)
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

    /// The candidate of a row: by its key, else that of the offer that the row updates, else a new one.
    fn candidate(
        &mut self,
        row: &Row,
        role: RoleId,
        skills: &[TechnologyId],
        known_offer: Option<(OfferId, CandidateId)>,
    ) -> QueryResult<CandidateId> {
        let known = match (&row.candidate_key, known_offer) {
            (Some(key), _) => {
                let place = self.unwritten_candidates.get(&(key.clone(), role));
                if let Some(candidate) = place.and_then(|place| self.candidates.get_mut(*place)) {
                    candidate.take(row);
                    if !skills.is_empty() {
                        self.skills.insert(candidate.id, skills.to_vec());
                    }
                    return Ok(candidate.id);
                }
                self.known_candidate(key, role)?
            }
            (None, Some((_, owner))) => self.owner_of_offer(owner, role)?,
            (None, None) => None,
        };
        let Some(id) = known else {
            return Ok(self.add_candidate(row, role, skills));
        };
        self.update_candidate(id, row, role, skills)?;
        Ok(id)
    }

    fn add_candidate(&mut self, row: &Row, role: RoleId, skills: &[TechnologyId]) -> CandidateId {
        self.last_candidate += 1;
        self.written.candidates_added += 1;
        let id = CandidateId(self.last_candidate);
        if let Some(key) = &row.candidate_key {
            self.unwritten_candidates
                .insert((key.clone(), role), self.candidates.len());
        }
        let mut candidate = NewCandidate {
            id,
            source_id: self.source,
            role_id: role,
            source_key: row.candidate_key.clone(),
            seniority: None,
            experience_years: None,
            country: None,
            english: None,
            monthly_usd: None,
        };
        candidate.take(row);
        self.candidates.push(candidate);
        if !skills.is_empty() {
            self.skills.insert(id, skills.to_vec());
        }
        id
    }

    fn known_candidate(&mut self, key: &str, role: RoleId) -> QueryResult<Option<CandidateId>> {
        candidates::table
            .filter(candidates::source_id.eq(self.source))
            .filter(candidates::source_key.eq(key))
            .filter(candidates::role_id.eq(role))
            .select(candidates::id)
            .first(self.conn)
            .optional()
    }

    /// The owner of an offer, for a row that does not name the candidate: the same person, unless a keyed candidate
    /// would have to change roles, which makes another candidate.
    fn owner_of_offer(
        &mut self,
        owner: CandidateId,
        role: RoleId,
    ) -> QueryResult<Option<CandidateId>> {
        candidates::table
            .find(owner)
            .filter(
                candidates::source_key
                    .is_null()
                    .or(candidates::role_id.eq(role)),
            )
            .select(candidates::id)
            .first(self.conn)
            .optional()
    }

    fn update_candidate(
        &mut self,
        id: CandidateId,
        row: &Row,
        role_id: RoleId,
        skills: &[TechnologyId],
    ) -> QueryResult<()> {
        self.written.candidates_updated += u64::from(id.0 <= self.former_candidates);
        diesel::update(candidates::table.find(id))
            .set(CandidateChange {
                role_id,
                seniority: row.seniority,
                experience_years: row.experience_years,
                country: row.country,
                english: row.english,
                monthly_usd: row.salary,
            })
            .execute(self.conn)?;
        if !skills.is_empty() {
            let former =
                candidate_technologies::table.filter(candidate_technologies::candidate_id.eq(id));
            diesel::delete(former).execute(self.conn)?;
            self.skills.insert(id, skills.to_vec());
        }
        Ok(())
    }

    /// The offer of that key in the source, and whose it is. What is not written yet is written first.
    fn known_offer(&mut self, key: &str) -> QueryResult<Option<(OfferId, CandidateId)>> {
        if self.unwritten_offers.contains(key) {
            self.flush()?;
        }
        offers::table
            .filter(offers::source_id.eq(self.source))
            .filter(offers::source_key.eq(key))
            .select((offers::id, offers::candidate_id))
            .first(self.conn)
            .optional()
    }

    fn add_offer(&mut self, candidate: CandidateId, offer: RowOffer) {
        self.last_offer += 1;
        self.written.offers_added += 1;
        if let Some(key) = &offer.key {
            self.unwritten_offers.insert(key.clone());
        }
        self.offers.push(NewOffer {
            id: OfferId(self.last_offer),
            candidate_id: candidate,
            source_id: self.source,
            source_key: offer.key,
            monthly_usd: offer.salary,
            offered_on: offer.offered_on,
            status: offer.status,
        });
    }

    fn update_offer(
        &mut self,
        id: OfferId,
        candidate: CandidateId,
        offer: &RowOffer,
    ) -> QueryResult<()> {
        self.written.offers_updated += 1;
        // The new owner may not be written yet.
        self.flush()?;
        diesel::update(offers::table.find(id))
            .set((
                offers::candidate_id.eq(candidate),
                offers::monthly_usd.eq(offer.salary),
                offers::offered_on.eq(offer.offered_on),
                offers::status.eq(offer.status),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn flush(&mut self) -> QueryResult<()> {
        let candidates = std::mem::take(&mut self.candidates);
        let offers = std::mem::take(&mut self.offers);
        let skills: Vec<NewSkill> = std::mem::take(&mut self.skills)
            .into_iter()
            .flat_map(|(candidate_id, technologies)| {
                technologies.into_iter().map(move |technology_id| NewSkill {
                    candidate_id,
                    technology_id,
                })
            })
            .collect();
        self.unwritten_candidates.clear();
        self.unwritten_offers.clear();
        for batch in candidates.chunks(BATCH) {
            on_either!(self.conn, conn => {
                diesel::insert_into(candidates::table).values(batch).execute(conn)?
            });
        }
        for batch in skills.chunks(BATCH) {
            on_either!(self.conn, conn => {
                diesel::insert_into(candidate_technologies::table).values(batch).execute(conn)?
            });
        }
        for batch in offers.chunks(BATCH) {
            on_either!(self.conn, conn => {
                diesel::insert_into(offers::table).values(batch).execute(conn)?
            });
        }
        Ok(())
    }

    /// Candidates whose last offer moved to another one are nobody any more.
    fn remove_bereft(&mut self) -> QueryResult<()> {
        for candidate in std::mem::take(&mut self.bereft) {
            let left: i64 = offers::table
                .filter(offers::candidate_id.eq(candidate))
                .count()
                .get_result(self.conn)?;
            if left == 0 {
                diesel::delete(candidates::table.find(candidate)).execute(self.conn)?;
            }
        }
        Ok(())
    }
}

impl NewCandidate {
    /// Takes over what a row says; what it leaves open stays as it is.
    fn take(&mut self, row: &Row) {
        self.seniority = row.seniority.or(self.seniority);
        self.experience_years = row.experience_years.or(self.experience_years);
        self.country = row.country.or(self.country);
        self.english = row.english.or(self.english);
        self.monthly_usd = row.salary.or(self.monthly_usd);
    }
}
