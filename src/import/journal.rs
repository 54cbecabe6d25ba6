//! What an import does to rows that were there before it, written down in its own transaction so that it can be undone.
//!
//! New candidates need no word each: their keys follow one another, and the import's own row names the first and the last.

use diesel::prelude::*;
use serde::Serialize;

use super::queries::{CandidateRow, OfferRow};
use crate::db::{Conn, insert_all};
use crate::ids::{CandidateId, ImportId};
use crate::market::words::vocabulary;
use crate::schema::import_changes;

vocabulary! {
    /// What happened to a row.
    ChangeKind, "a kind of change" {
        /// A candidate has other values.
        CandidateChanged = "candidate_changed", "Candidate changed";
        /// A candidate is gone.
        CandidateRemoved = "candidate_removed", "Candidate removed";
        /// A known candidate has another offer.
        OfferAdded = "offer_added", "Offer added";
        /// An offer has other values.
        OfferChanged = "offer_changed", "Offer changed";
        /// A known candidate's offer is gone, or another candidate's.
        OfferRemoved = "offer_removed", "Offer removed";
    }
}

/// A row of `import_changes`.
#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = import_changes)]
#[diesel(treat_none_as_default_value = false)]
pub(super) struct Change {
    pub(super) import_id: ImportId,
    pub(super) position: i64,
    pub(super) kind: ChangeKind,
    pub(super) candidate_id: CandidateId,
    pub(super) number: Option<i64>,
    /// The row as it was, as JSON.
    pub(super) former: Option<String>,
}

/// Writes changes down.
pub(super) fn write(conn: &mut Conn, changes: &[Change]) -> QueryResult<()> {
    insert_all!(conn, import_changes::table, changes);
    Ok(())
}

/// The changes of one import, gathered until they are written.
pub(super) struct Changes {
    import: ImportId,
    /// Candidates up to this key were there before.
    former_candidates: CandidateId,
    last_position: i64,
    gathered: Vec<Change>,
}

impl Changes {
    /// Those of an import before which the candidates' keys went up to `last`.
    pub(super) fn of(import: ImportId, last: CandidateId) -> Self {
        Self {
            import,
            former_candidates: last,
            last_position: 0,
            gathered: Vec::new(),
        }
    }

    pub(super) fn candidate_changed(&mut self, former: &CandidateRow) -> QueryResult<()> {
        self.add(ChangeKind::CandidateChanged, former.id, None, Some(former))
    }

    pub(super) fn candidate_removed(&mut self, former: &CandidateRow) -> QueryResult<()> {
        self.add(ChangeKind::CandidateRemoved, former.id, None, Some(former))
    }

    pub(super) fn offer_changed(&mut self, former: &OfferRow) -> QueryResult<()> {
        let place = (former.candidate_id, Some(former.number));
        self.add(ChangeKind::OfferChanged, place.0, place.1, Some(former))
    }

    pub(super) fn offer_removed(&mut self, former: &OfferRow) -> QueryResult<()> {
        let place = (former.candidate_id, Some(former.number));
        self.add(ChangeKind::OfferRemoved, place.0, place.1, Some(former))
    }

    pub(super) fn offers_added(&mut self, offers: &[OfferRow]) {
        for offer in offers {
            if offer.candidate_id <= self.former_candidates {
                let place = (offer.candidate_id, Some(offer.number));
                self.push(ChangeKind::OfferAdded, place.0, place.1, None);
            }
        }
    }

    /// What was gathered, to be written.
    pub(super) fn take(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.gathered)
    }

    fn add(
        &mut self,
        kind: ChangeKind,
        candidate: CandidateId,
        number: Option<i64>,
        former: Option<&impl Serialize>,
    ) -> QueryResult<()> {
        // What the import added itself goes with it, whatever happened to it meanwhile.
        if candidate > self.former_candidates {
            return Ok(());
        }
        let former = former
            .map(serde_json::to_string)
            .transpose()
            .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
        self.push(kind, candidate, number, former);
        Ok(())
    }

    fn push(
        &mut self,
        kind: ChangeKind,
        candidate_id: CandidateId,
        number: Option<i64>,
        former: Option<String>,
    ) {
        self.last_position += 1;
        self.gathered.push(Change {
            import_id: self.import,
            position: self.last_position,
            kind,
            candidate_id,
            number,
            former,
        });
    }
}
