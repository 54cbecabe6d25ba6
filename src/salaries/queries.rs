//! Questions to the derived tables.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::derive::Extent;
use super::facts::{Damaged, Facts};
use super::filter::Filters;
use super::selection::{Findings, Survey, TechnologyPart};
use super::upkeep::{NO_TECHNOLOGY, TrendRow, from_bytes};
use super::window::Window;
use crate::db::Conn;
use crate::ids::{RoleId, TechnologyId};
use crate::market::{PayBasis, Technology};
use crate::schema::{facts, reports, technologies, trends, versions};
use crate::versions::EVERYTHING;

/// Blocks of packed facts that are read at a time.
const fn blocks_at_a_time(conn: &Conn) -> i64 {
    match conn {
        // More would not fit into the processor's cache.
        Conn::Sqlite(_) => 2,
        // Where each time is a way to the server and back.
        Conn::Postgres(_) => 8,
    }
}

/// Reads the packed facts of a role block by block.
///
/// # Errors
/// When the database fails, or what is packed is damaged.
pub(super) fn for_each_block(
    conn: &mut Conn,
    role: RoleId,
    mut visit: impl FnMut(&[u8]) -> Result<(), Damaged>,
) -> QueryResult<()> {
    let limit = blocks_at_a_time(conn);
    let mut after = -1;
    loop {
        let blocks: Vec<(i64, Vec<u8>)> = facts::table
            .filter(facts::role_id.eq(role))
            .filter(facts::block.gt(after))
            .order(facts::block)
            .limit(limit)
            .select((facts::block, facts::packed))
            .load(conn)?;
        let Some((last, _)) = blocks.last() else {
            return Ok(());
        };
        after = *last;
        for (_, packed) in &blocks {
            visit(packed)
                .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))?;
        }
    }
}

/// What is kept ready of a role and, where one is asked for, a technology: without filters, and with those asked for.
#[derive(Debug, Default)]
pub struct KeptReady {
    version: i64,
    technology: Option<TechnologyId>,
    unfiltered: Option<(Extent, Findings)>,
    filtered: Option<Findings>,
    role: RoleLists,
}

/// The role's technologies and the pay basis of their figures, without filters and with those asked for.
#[derive(Debug, Default)]
struct RoleLists {
    unfiltered: Option<List>,
    filtered: Option<List>,
}

type List = (PayBasis, Vec<TechnologyPart>);

impl RoleLists {
    /// The list under a single filter that is kept ready wherever anyone passes it; `None` where the lists that were
    /// read are of the other pay basis.
    fn under(self, filters: &Filters, pay: PayBasis) -> Option<Vec<TechnologyPart>> {
        let unfiltered = self.unfiltered.filter(|_| filters.pay.is_some());
        match self.filtered.or(unfiltered) {
            Some((of, list)) if of == pay => Some(list),
            Some(_) if filters.pay.is_none() => None,
            _ => Some(Vec::new()),
        }
    }
}

type KeptRow = (TechnologyId, String, Vec<u8>, Option<Vec<u8>>, Option<i64>);

impl KeptReady {
    /// Reads it with a single statement.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load(
        conn: &mut Conn,
        role: RoleId,
        technology: Option<TechnologyId>,
        filters: &Filters,
    ) -> QueryResult<Self> {
        let technology = technology.unwrap_or(NO_TECHNOLOGY);
        let newest_change = versions::table
            .filter(versions::topic.eq(EVERYTHING))
            .select(versions::version)
            .single_value();
        let columns = (
            reports::technology_id,
            reports::filter,
            reports::findings,
            reports::extent,
            newest_change,
        );
        let of_role = reports::table
            .filter(reports::role_id.eq(role))
            .select(columns);
        let query = filters.query_string();
        // Each is what that database looks up by the whole key, with a statement that it keeps prepared.
        let rows: Vec<KeptRow> = match conn {
            Conn::Sqlite(conn) => of_role
                .filter(
                    reports::technology_id
                        .eq(technology)
                        .or(reports::technology_id.eq(NO_TECHNOLOGY)),
                )
                .filter(reports::filter.eq(&query).or(reports::filter.eq("")))
                .load(conn)?,
            Conn::Postgres(conn) => of_role
                .filter(reports::technology_id.eq_any([technology, NO_TECHNOLOGY]))
                .filter(reports::filter.eq_any([query.as_str(), ""]))
                .load(conn)?,
        };
        let mut kept = Self {
            technology: Some(technology).filter(|technology| *technology != NO_TECHNOLOGY),
            ..Self::default()
        };
        for (of, filter, findings, extent, version) in rows {
            kept.version = version.unwrap_or_default();
            let mut findings: Findings = from_bytes(&findings)?;
            if of == NO_TECHNOLOGY {
                let list = findings.technologies.take();
                let list = list.map(|list| (findings.pay, list));
                if filter.is_empty() {
                    kept.role.unfiltered = list;
                } else {
                    kept.role.filtered = list;
                }
            }
            if of != technology {
                continue;
            }
            if filter.is_empty() {
                let extent = extent
                    .as_deref()
                    .map_or_else(|| Ok(Extent::default()), from_bytes)?;
                kept.unfiltered = Some((extent, findings));
            } else {
                kept.filtered = Some(findings);
            }
        }
        Ok(kept)
    }

    /// The number of the newest change that the statement saw; 0 where nothing is kept.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Answers a question with those filters, which were asked for.
    #[must_use]
    pub fn answer(self, filters: &Filters) -> Answer {
        let Some((extent, unfiltered)) = self.unfiltered else {
            if self.technology.is_some() {
                return Answer::Missing(Missing::Technology);
            }
            let nobody = Survey::new(None, filters, None).findings(PayBasis::Gross);
            return match filters.year {
                Some(year) => Answer::Missing(Missing::Year(year)),
                None => Answer::found(nobody, None, *filters, Extent::default()),
            };
        };
        if let Some(year) = filters.year
            && !extent.years.contains(&year)
        {
            return Answer::Missing(Missing::Year(year));
        }
        let needed = Filters {
            pay: filters
                .pay
                .filter(|pay| filters.count() > 1 || *pay != unfiltered.pay),
            year: filters
                .year
                .filter(|year| Some(Window::calendar_year(*year)) != unfiltered.window),
            ..*filters
        };
        if needed != *filters {
            return Answer::WithoutNeedless(needed);
        }
        if filters.is_empty() {
            return Answer::found(unfiltered, self.role.unfiltered, *filters, extent);
        }
        if let Some(filtered) = self.filtered {
            return Answer::found(filtered, self.role.filtered, *filters, extent);
        }
        if extent.with_filters && filters.count() == 1 {
            let nobody = Findings::of_nobody(&unfiltered, filters);
            if let Some(list) = self.role.under(filters, nobody.pay) {
                let list = Some((unfiltered.pay, list));
                return Answer::found(nobody, list, *filters, extent);
            }
        }
        Answer::Ask(extent, Box::new(unfiltered))
    }
}

/// What can be said of a selection from what is kept ready.
#[derive(Debug)]
pub enum Answer {
    /// All of it.
    Found(Box<Found>),
    /// There is nothing.
    Missing(Missing),
    /// Some filters ask for what is shown anyway: these are the others.
    WithoutNeedless(Filters),
    /// Nothing yet: the packed facts have to be asked.
    Ask(Extent, Box<Findings>),
}

impl Answer {
    fn found(mut findings: Findings, list: Option<List>, filters: Filters, extent: Extent) -> Self {
        let list = list.map(|(_, list)| list).unwrap_or_default();
        findings.technologies.get_or_insert(list);
        Self::Found(Box::new(Found {
            findings,
            filters,
            extent,
        }))
    }
}

/// What was found of a selection, and how far the role (and technology) reaches without its filters.
#[derive(Clone, Debug)]
pub struct Found {
    /// The findings, with the role's technologies.
    pub findings: Findings,
    /// The filters, those left out that ask for what is shown anyway.
    pub filters: Filters,
    /// Filters not regarded.
    pub extent: Extent,
}

/// Why there is nothing to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nobody in the role has the technology.
    Technology,
    /// There is no counted offer of that year.
    Year(i32),
}

/// Finds what a selection shows: among what is kept ready, else from the packed facts.
///
/// # Errors
/// When the database fails. The inner result says why there is nothing.
pub fn find(
    conn: &mut Conn,
    role: RoleId,
    technology: Option<TechnologyId>,
    filters: &Filters,
) -> QueryResult<Result<Found, Missing>> {
    let (extent, unfiltered) =
        match KeptReady::load(conn, role, technology, filters)?.answer(filters) {
            Answer::Found(found) => return Ok(Ok(*found)),
            Answer::Missing(missing) => return Ok(Err(missing)),
            Answer::WithoutNeedless(filters) => return find(conn, role, technology, &filters),
            Answer::Ask(extent, unfiltered) => (extent, unfiltered),
        };
    let of_year = filters.year.map(Window::calendar_year);
    let window = of_year.or(unfiltered.window);
    let survey = survey(conn, role, technology, filters, window)?;
    let by_default = match survey.fullest() {
        Some(pay) => pay,
        None => pay_of_everyone(conn, role, technology, filters.year)?.unwrap_or(unfiltered.pay),
    };
    Ok(Ok(Found {
        findings: survey.findings(by_default),
        filters: Filters {
            pay: filters.pay.filter(|pay| *pay != by_default),
            ..*filters
        },
        extent,
    }))
}

/// Asks all packed facts of a role.
fn survey(
    conn: &mut Conn,
    role: RoleId,
    technology: Option<TechnologyId>,
    filters: &Filters,
    window: Option<Window>,
) -> QueryResult<Survey> {
    let mut survey = Survey::new(technology, filters, window);
    for_each_block(conn, role, |packed| {
        survey.add(&Facts::open(packed)?);
        Ok(())
    })?;
    Ok(survey)
}

/// The pay basis of a year without other filters; `None` without a year.
fn pay_of_everyone(
    conn: &mut Conn,
    role: RoleId,
    technology: Option<TechnologyId>,
    year: Option<i32>,
) -> QueryResult<Option<PayBasis>> {
    let Some(year) = year else {
        return Ok(None);
    };
    let of_year = Filters {
        year: Some(year),
        ..Filters::default()
    };
    let found = find(conn, role, technology, &of_year)?;
    Ok(found.ok().map(|found| found.findings.pay))
}

/// Findings without filters, by role: of the roles as a whole, or of a technology in each. Roles without candidates, or
/// where nobody has the technology, are absent.
///
/// # Errors
/// When the database fails.
pub fn unfiltered(
    conn: &mut Conn,
    technology: Option<TechnologyId>,
) -> QueryResult<BTreeMap<RoleId, Findings>> {
    let rows: Vec<(RoleId, Vec<u8>)> = reports::table
        .filter(reports::technology_id.eq(technology.unwrap_or(NO_TECHNOLOGY)))
        .filter(reports::filter.eq(""))
        .select((reports::role_id, reports::findings))
        .load(conn)?;
    let findings = rows.into_iter();
    findings
        .map(|(role, findings)| Ok((role, from_bytes(&findings)?)))
        .collect()
}

/// The technologies that any candidate of the role knows, by name.
///
/// # Errors
/// When the database fails.
pub fn technologies_of_role(conn: &mut Conn, role: RoleId) -> QueryResult<Vec<Technology>> {
    technologies::table
        .inner_join(reports::table.on(reports::technology_id.eq(technologies::id)))
        .filter(reports::role_id.eq(role))
        .filter(reports::filter.eq(""))
        .order((technologies::name, technologies::id))
        .select(technologies::all_columns)
        .load(conn)
}

/// Roles with each technology that any of their candidates knows: the pages that there are, published or not.
///
/// # Errors
/// When the database fails.
pub fn known(conn: &mut Conn) -> QueryResult<Vec<(RoleId, TechnologyId)>> {
    reports::table
        .filter(reports::filter.eq(""))
        .filter(reports::technology_id.ne(NO_TECHNOLOGY))
        .select((reports::role_id, reports::technology_id))
        .load(conn)
}

/// Roles, and technologies in them, whose figures are published without filters.
///
/// # Errors
/// When the database fails.
pub fn published(
    conn: &mut Conn,
    min_candidates: u64,
) -> QueryResult<Vec<(RoleId, Option<TechnologyId>)>> {
    let rows: Vec<(RoleId, TechnologyId)> = reports::table
        .filter(reports::filter.eq(""))
        .filter(reports::candidates.ge(min_candidates.cast_signed()))
        .filter(reports::offers.gt(0))
        .order((reports::role_id, reports::technology_id))
        .select((reports::role_id, reports::technology_id))
        .load(conn)?;
    let published = rows.into_iter().map(|(role, technology)| {
        let technology = Some(technology).filter(|technology| *technology != NO_TECHNOLOGY);
        (role, technology)
    });
    Ok(published.collect())
}

/// The technologies with the most counted offers over all roles, of as many candidates as figures are published of.
///
/// # Errors
/// When the database fails.
pub fn trends(conn: &mut Conn, limit: i64, min_candidates: u64) -> QueryResult<Vec<TrendRow>> {
    trends::table
        .filter(trends::candidates.ge(min_candidates.cast_signed()))
        .order((trends::offers.desc(), trends::technology_id))
        .limit(limit)
        .load(conn)
}
