//! `payband verify`: recomputes every derived figure from the offers, and names what differs.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::derive::derive;
use super::role_facts::RoleFacts;
use super::upkeep::{
    NO_TECHNOLOGY, ReportRow, RoleSourceRow, TrendRow, all_blocks, derive_trends, facts_of_role,
    kept_facts, packed_from_rows,
};
use crate::db::Conn;
use crate::ids::{RoleId, SourceId, TechnologyId};
use crate::market;
use crate::schema::{reports, role_sources, trends};
use crate::verified::Verified;

/// Derives everything again, from the rows alone, and compares it with what is kept. `progress` hears how many of how many
/// blocks are compared.
///
/// # Errors
/// When the database fails.
pub fn verify(
    conn: &mut Conn,
    verified: &mut Verified,
    progress: &mut dyn FnMut(u64, u64),
) -> QueryResult<()> {
    let names = Names::load(conn)?;
    let blocks = all_blocks(conn)?;
    let all = blocks.len() as u64;
    for (done, block) in (1..).zip(blocks) {
        let (fresh, kept) = (packed_from_rows(conn, block)?, kept_facts(conn, block)?);
        compare(verified, "blocks of facts", &fresh, &kept, |role| {
            format!(
                "{}: the facts of candidates in {block} are not those of their rows",
                names.role(role)
            )
        });
        progress(done, all);
    }
    for role in names.roles.keys() {
        let facts = facts_of_role(conn, *role)?;
        verify_sources(conn, *role, &facts, &names, verified)?;
        verify_reports(conn, *role, &facts, &names, verified)?;
    }
    let kept: Vec<TrendRow> = trends::table.order(trends::technology_id).load(conn)?;
    let by_technology = |rows: Vec<TrendRow>| -> BTreeMap<TechnologyId, TrendRow> {
        rows.into_iter()
            .map(|row| (row.technology_id, row))
            .collect()
    };
    let (fresh, kept) = (by_technology(derive_trends(conn)?), by_technology(kept));
    compare(verified, "trends", &fresh, &kept, |technology| {
        format!(
            "{}: the trend is not that of its reports",
            names.technology(technology)
        )
    });
    Ok(())
}

/// Compares what is derived anew with what is kept, key by key; `difference` says what a key's difference means.
fn compare<K: Copy + Ord, V: PartialEq>(
    verified: &mut Verified,
    what: &'static str,
    fresh: &BTreeMap<K, V>,
    kept: &BTreeMap<K, V>,
    difference: impl Fn(K) -> String,
) {
    for key in fresh.keys().chain(kept.keys()).collect::<BTreeSet<_>>() {
        verified.compared(what);
        if fresh.get(key) != kept.get(key) {
            verified.differs(difference(*key));
        }
    }
}

/// A report's place: its technology and its filter.
type Place = (TechnologyId, String);

fn verify_reports(
    conn: &mut Conn,
    role: RoleId,
    facts: &RoleFacts,
    names: &Names,
    verified: &mut Verified,
) -> QueryResult<()> {
    let kept: Vec<ReportRow> = reports::table
        .filter(reports::role_id.eq(role))
        .load(conn)?;
    let place = |row: &ReportRow| (row.technology_id, row.filter.clone());
    let mut kept: BTreeMap<Place, ReportRow> =
        kept.into_iter().map(|row| (place(&row), row)).collect();
    derive(facts, &mut |fresh| {
        let fresh = ReportRow::of(role, &fresh)?;
        verified.compared("reports");
        let kept = kept.remove(&place(&fresh));
        if kept.as_ref() != Some(&fresh) {
            let kept = kept.map_or_else(
                || "nothing is kept".to_owned(),
                |kept| format!("{} are kept", counts(&kept)),
            );
            verified.differs(format!(
                "{}: {kept}, the facts say {}",
                names.report(&fresh),
                counts(&fresh)
            ));
        }
        Ok::<_, diesel::result::Error>(())
    })?;
    for row in kept.values() {
        verified.compared("reports");
        verified.differs(format!(
            "{}: {} are kept, the facts say nothing",
            names.report(row),
            counts(row)
        ));
    }
    Ok(())
}

fn verify_sources(
    conn: &mut Conn,
    role: RoleId,
    facts: &RoleFacts,
    names: &Names,
    verified: &mut Verified,
) -> QueryResult<()> {
    let kept: Vec<RoleSourceRow> = role_sources::table
        .filter(role_sources::role_id.eq(role))
        .load(conn)?;
    let by_source = |rows: Vec<RoleSourceRow>| -> BTreeMap<SourceId, RoleSourceRow> {
        rows.into_iter().map(|row| (row.source_id, row)).collect()
    };
    let (fresh, kept) = (by_source(RoleSourceRow::all(role, facts)), by_source(kept));
    compare(verified, "counts by source", &fresh, &kept, |source| {
        format!(
            "{}: what is counted of \u{201c}{}\u{201d} is not what its facts say",
            names.role(role),
            names.source(source)
        )
    });
    Ok(())
}

fn counts(row: &ReportRow) -> String {
    format!("{} offers to {} candidates", row.offers, row.candidates)
}

/// The names in differences.
struct Names {
    roles: BTreeMap<RoleId, String>,
    technologies: BTreeMap<TechnologyId, String>,
    sources: BTreeMap<SourceId, String>,
}

impl Names {
    fn load(conn: &mut Conn) -> QueryResult<Self> {
        let roles = market::queries::roles(conn)?.into_iter();
        let technologies = market::queries::technologies(conn)?.into_iter();
        let sources = market::queries::sources(conn)?.into_iter();
        Ok(Self {
            roles: roles.map(|role| (role.id, role.name)).collect(),
            technologies: technologies
                .map(|technology| (technology.id, technology.name))
                .collect(),
            sources: sources.map(|source| (source.id, source.name)).collect(),
        })
    }

    fn role(&self, id: RoleId) -> &str {
        self.roles
            .get(&id)
            .map_or("an unknown role", String::as_str)
    }

    fn technology(&self, id: TechnologyId) -> &str {
        let name = self.technologies.get(&id);
        name.map_or("an unknown technology", String::as_str)
    }

    fn source(&self, id: SourceId) -> &str {
        let name = self.sources.get(&id);
        name.map_or("an unknown source", String::as_str)
    }

    fn report(&self, row: &ReportRow) -> String {
        let mut name = self.role(row.role_id).to_owned();
        if row.technology_id != NO_TECHNOLOGY {
            name = format!("{name} with {}", self.technology(row.technology_id));
        }
        if row.filter.is_empty() {
            name
        } else {
            format!("{name}?{}", row.filter)
        }
    }
}
