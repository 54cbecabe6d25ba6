//! Merging two roles, or two technologies, into one. What led to the one that goes leads to the other from then on.

use std::collections::HashMap;

use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use super::ChangeError;
use super::names::{redirect_role, redirect_technology, topics};
use crate::db::Conn;
use crate::ids::{CandidateId, RemovedOfferId, RoleId, TechnologyId};
use crate::import::{self, CandidateRow, OfferRow, history};
use crate::market::queries::{self, knew_when_removed, knows};
use crate::market::{Role, Skills, Technology};
use crate::newsletter::interests;
use crate::salaries::{Block, Upkeep, blocks_of_role};
use crate::schema::{
    articles, candidates, offers, removed_offers, revisions, role_redirects, roles, technologies,
    technology_redirects,
};
use crate::versions::{self, Topic};

/// Pairs of candidates, or keys of candidates, that are gone through at a time.
const BATCH: usize = 1_000;

/// Merges a role into another: its candidates and articles move, and its addresses lead there. A person who is a candidate
/// of both becomes one, with the offers of both.
///
/// # Errors
/// [`ChangeError::Gone`], [`ChangeError::Same`] or [`ChangeError::Database`].
pub fn merge_roles(conn: &mut Conn, from: RoleId, into: RoleId) -> Result<Vec<Topic>, ChangeError> {
    import::lock(conn)?;
    let gone = existing_role(conn, from)?;
    existing_role(conn, into)?;
    if from == into {
        return Err(ChangeError::Same);
    }
    let mut upkeep = Upkeep::default();
    for block in blocks_of_role(conn, from)? {
        upkeep.changed(block);
    }
    for pairs in twins(conn, from, into)?.chunks(BATCH) {
        unite(conn, pairs, &mut upkeep)?;
    }
    diesel::update(candidates::table.filter(candidates::role_id.eq(from)))
        .set(candidates::role_id.eq(into))
        .execute(conn)?;
    diesel::update(removed_offers::table.filter(removed_offers::role_id.eq(from)))
        .set(removed_offers::role_id.eq(into))
        .execute(conn)?;
    import::roles_became_one(conn, from, into)?;
    let mut concerned = upkeep.finish(conn)?;
    move_articles_of_role(conn, from, into)?;
    interests::roles_became_one(conn, from, into)?;
    diesel::update(role_redirects::table.filter(role_redirects::role_id.eq(from)))
        .set(role_redirects::role_id.eq(into))
        .execute(conn)?;
    diesel::delete(roles::table.find(from)).execute(conn)?;
    redirect_role(conn, &gone.slug, into)?;
    concerned.extend([from, into]);
    let mut topics = versions::of_figures(&concerned);
    topics.push(Topic::Articles);
    Ok(topics)
}

/// Merges a technology into another: whoever knows it knows the other, its articles move, and its addresses lead there.
///
/// # Errors
/// [`ChangeError::Gone`], [`ChangeError::Same`] or [`ChangeError::Database`].
pub fn merge_technologies(
    conn: &mut Conn,
    from: TechnologyId,
    into: TechnologyId,
) -> Result<Vec<Topic>, ChangeError> {
    import::lock(conn)?;
    let gone = existing_technology(conn, from)?;
    existing_technology(conn, into)?;
    if from == into {
        return Err(ChangeError::Same);
    }
    let mut upkeep = Upkeep::default();
    let who_know: Vec<(CandidateId, Skills)> = candidates::table
        .filter(knows(from))
        .select((candidates::id, candidates::technologies))
        .load(conn)?;
    let renamed = who_know.into_iter().map(|(id, skills)| {
        upkeep.changed(Block::of(id));
        (id, skills.with(from, into))
    });
    let renamed: Vec<(CandidateId, Skills)> = renamed.collect();
    for batch in renamed.chunks(BATCH) {
        set_skills(conn, batch)?;
    }
    rename_in_bin(conn, from, into)?;
    import::technologies_became_one(conn, from, into)?;
    let concerned = upkeep.finish(conn)?;
    move_articles_of_technology(conn, from, into)?;
    interests::technologies_became_one(conn, from, into)?;
    let former = technology_redirects::technology_id.eq(from);
    diesel::update(technology_redirects::table.filter(former))
        .set(technology_redirects::technology_id.eq(into))
        .execute(conn)?;
    diesel::delete(technologies::table.find(from)).execute(conn)?;
    redirect_technology(conn, &gone.slug, into)?;
    let mut all = topics(Topic::Technology(into));
    all.push(Topic::Technology(from));
    all.extend(concerned.into_iter().map(Topic::Role));
    Ok(all)
}

/// How many persons are candidates of both roles: the same key in the same source.
///
/// # Errors
/// When the database fails.
pub fn twins_of_roles(conn: &mut Conn, from: RoleId, into: RoleId) -> QueryResult<usize> {
    Ok(twins(conn, from, into)?.len())
}

fn existing_role(conn: &mut Conn, id: RoleId) -> Result<Role, ChangeError> {
    queries::role(conn, id)?.ok_or(ChangeError::Gone("role"))
}

fn existing_technology(conn: &mut Conn, id: TechnologyId) -> Result<Technology, ChangeError> {
    queries::technology(conn, id)?.ok_or(ChangeError::Gone("technology"))
}

diesel::alias!(candidates as others: Others);

/// The candidates of one role whom the source also knows in another role, and who they are there.
fn twins(
    conn: &mut Conn,
    from: RoleId,
    into: RoleId,
) -> QueryResult<Vec<(CandidateId, CandidateId)>> {
    let same_source = others
        .field(candidates::source_id)
        .eq(candidates::source_id);
    let same_key = others
        .field(candidates::source_key)
        .eq(candidates::source_key);
    candidates::table
        .inner_join(others.on(same_source.and(same_key)))
        .filter(candidates::role_id.eq(from))
        .filter(candidates::source_key.is_not_null())
        .filter(others.field(candidates::role_id).eq(into))
        .order(candidates::id)
        .select((candidates::id, others.field(candidates::id)))
        .load(conn)
}

/// Makes one candidate of each pair: the second, who takes over what is not known of them, the skills and the offers.
fn unite(
    conn: &mut Conn,
    pairs: &[(CandidateId, CandidateId)],
    upkeep: &mut Upkeep,
) -> QueryResult<()> {
    let now = Utc::now().naive_utc();
    let going: Vec<CandidateId> = pairs.iter().map(|(going, _)| *going).collect();
    let staying: Vec<CandidateId> = pairs.iter().map(|(_, staying)| *staying).collect();
    let mut rows = HashMap::<CandidateId, CandidateRow>::new();
    for keys in [&going, &staying] {
        let found = import::candidates_by_id(conn, keys)?.into_iter();
        rows.extend(found.map(|row| (row.id, row)));
    }
    let last_numbers = import::last_numbers(conn, &staying)?;
    let mut received = HashMap::<CandidateId, Vec<OfferRow>>::new();
    let found: Vec<OfferRow> = offers::table
        .filter(offers::candidate_id.eq_any(&going))
        .order((offers::candidate_id, offers::number))
        .load(conn)?;
    for offer in found {
        received.entry(offer.candidate_id).or_default().push(offer);
    }
    // Their offers go with them, and come back as those of the others.
    diesel::delete(candidates::table.filter(candidates::id.eq_any(&going))).execute(conn)?;
    let mut moved = Vec::new();
    for (going, staying) in pairs {
        let (Some(given), Some(kept)) = (rows.remove(going), rows.get(staying)) else {
            continue;
        };
        let united = united(&given, kept);
        if united != *kept {
            import::update_candidate(conn, &united)?;
        }
        let last = last_numbers.get(staying).copied().unwrap_or(0);
        let numbered = (last + 1..).zip(received.remove(going).unwrap_or_default());
        moved.extend(numbered.map(|(number, offer)| OfferRow {
            candidate_id: *staying,
            number,
            ..offer
        }));
        upkeep.changed(Block::of(*staying));
        for candidate in [*going, *staying] {
            history::note_edit(conn, candidate, now)?;
        }
    }
    import::insert_offers(conn, &moved)
}

fn united(lost: &CandidateRow, kept: &CandidateRow) -> CandidateRow {
    let skills = [&lost.technologies, &kept.technologies];
    let skills = skills.iter().flat_map(|skills| skills.technologies());
    CandidateRow {
        seniority: kept.seniority.or(lost.seniority),
        experience_years: kept.experience_years.or(lost.experience_years),
        country: kept.country.or(lost.country),
        english: kept.english.or(lost.english),
        monthly_usd: kept.monthly_usd.or(lost.monthly_usd),
        technologies: Skills::of(skills.copied()),
        ..kept.clone()
    }
}

/// Writes the skills of candidates: on `PostgreSQL` of all with one statement.
fn set_skills(conn: &mut Conn, rows: &[(CandidateId, Skills)]) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => {
            for (id, skills) in rows {
                diesel::update(candidates::table.find(id))
                    .set(candidates::technologies.eq(skills))
                    .execute(conn)?;
            }
        }
        Conn::Postgres(conn) => {
            let (ids, skills): (Vec<CandidateId>, Vec<Skills>) = rows.iter().cloned().unzip();
            diesel::sql_query(
                "UPDATE candidates SET technologies = known.technologies \
                 FROM unnest($1, $2) AS known (id, technologies) WHERE candidates.id = known.id",
            )
            .bind::<Array<BigInt>, _>(ids)
            .bind::<Array<Text>, _>(skills)
            .execute(conn)?;
        }
    }
    Ok(())
}

/// What is put back later names what there is then.
fn rename_in_bin(conn: &mut Conn, from: TechnologyId, into: TechnologyId) -> QueryResult<()> {
    let kept: Vec<(RemovedOfferId, Skills)> = removed_offers::table
        .filter(knew_when_removed(from))
        .select((removed_offers::id, removed_offers::technologies))
        .load(conn)?;
    for (id, skills) in kept {
        diesel::update(removed_offers::table.find(id))
            .set(removed_offers::technologies.eq(skills.with(from, into)))
            .execute(conn)?;
    }
    Ok(())
}

/// Moves the rows of a table that name one role or technology to another. They stand after those that are there already.
macro_rules! move_written {
    ($conn:expr, $table:ident, $column:ident, $from:expr, $into:expr, $last:expr) => {
        diesel::update($table::table.filter($table::$column.eq($from)))
            .set((
                $table::$column.eq($into),
                $table::position.eq($table::position + $last),
            ))
            .execute($conn)?
    };
}

/// Articles, and what they were in earlier revisions, belong to the other role.
fn move_articles_of_role(conn: &mut Conn, from: RoleId, into: RoleId) -> QueryResult<()> {
    let last: Option<i32> = articles::table
        .filter(articles::role_id.eq(into))
        .select(diesel::dsl::max(articles::position))
        .first(conn)?;
    let last = last.unwrap_or(0);
    move_written!(conn, articles, role_id, from, into, last);
    move_written!(conn, revisions, role_id, from, into, last);
    Ok(())
}

/// The same of technologies.
fn move_articles_of_technology(
    conn: &mut Conn,
    from: TechnologyId,
    into: TechnologyId,
) -> QueryResult<()> {
    let last: Option<i32> = articles::table
        .filter(articles::technology_id.eq(into))
        .select(diesel::dsl::max(articles::position))
        .first(conn)?;
    let last = last.unwrap_or(0);
    move_written!(conn, articles, technology_id, from, into, last);
    move_written!(conn, revisions, technology_id, from, into, last);
    Ok(())
}
