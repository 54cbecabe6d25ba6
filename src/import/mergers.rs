//! What is kept of former rows, so that imports can be undone, follows when two roles or technologies become one: it names
//! what there is.

use diesel::prelude::*;

use super::queries::CandidateRow;
use crate::db::Conn;
use crate::ids::{CandidateId, ImportId, RoleId, TechnologyId};
use crate::market::Skills;
use crate::market::queries::knew;
use crate::schema::{import_changes, replaced_candidates};

/// Changes that are gone through together.
const TOGETHER: i64 = 1_000;

/// Follows a merger of two roles.
pub(crate) fn roles_became_one(conn: &mut Conn, from: RoleId, into: RoleId) -> QueryResult<()> {
    diesel::update(replaced_candidates::table.filter(replaced_candidates::role_id.eq(from)))
        .set(replaced_candidates::role_id.eq(into))
        .execute(conn)?;
    change_former(conn, |row| {
        let is_concerned = row.role_id == from;
        if is_concerned {
            row.role_id = into;
        }
        is_concerned
    })
}

/// Follows a merger of two technologies.
pub(crate) fn technologies_became_one(
    conn: &mut Conn,
    from: TechnologyId,
    into: TechnologyId,
) -> QueryResult<()> {
    let replaced: Vec<(CandidateId, Skills)> = replaced_candidates::table
        .filter(knew(from))
        .select((replaced_candidates::id, replaced_candidates::technologies))
        .load(conn)?;
    for (id, skills) in replaced {
        diesel::update(replaced_candidates::table.find(id))
            .set(replaced_candidates::technologies.eq(skills.with(from, into)))
            .execute(conn)?;
    }
    change_former(conn, |row| {
        let is_concerned = row.technologies.technologies().contains(&from);
        if is_concerned {
            row.technologies = row.technologies.with(from, into);
        }
        is_concerned
    })
}

/// Goes through the candidates as imports found them, and writes those down again that `change` changes.
fn change_former(
    conn: &mut Conn,
    mut change: impl FnMut(&mut CandidateRow) -> bool,
) -> QueryResult<()> {
    let mut after = (ImportId(0), 0);
    loop {
        let place = (import_changes::import_id, import_changes::position);
        let is_later = import_changes::import_id
            .gt(after.0)
            .or(import_changes::import_id
                .eq(after.0)
                .and(import_changes::position.gt(after.1)));
        let kept: Vec<(ImportId, i64, Option<String>)> = import_changes::table
            .filter(is_later)
            // Offers name neither.
            .filter(import_changes::number.is_null())
            .order(place)
            .limit(TOGETHER)
            .select((place.0, place.1, import_changes::former))
            .load(conn)?;
        let Some((import, position, _)) = kept.last() else {
            return Ok(());
        };
        after = (*import, *position);
        for (import, position, former) in kept {
            let Some(former) = former else {
                continue;
            };
            let mut row: CandidateRow = serde_json::from_str(&former)
                .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))?;
            if change(&mut row) {
                let changed = serde_json::to_string(&row)
                    .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
                diesel::update(import_changes::table.find((import, position)))
                    .set(import_changes::former.eq(changed))
                    .execute(conn)?;
            }
        }
    }
}
