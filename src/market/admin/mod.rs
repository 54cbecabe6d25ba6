//! The market's part of the admin: sources, roles, technologies, and offers one by one. Paths are relative to `/admin`.

mod entries;
mod lists;
mod mergers;
mod names;
mod offer_form;
mod offers;
mod removed;
mod sources;

use actix_web::web;

use super::changes::{ChangeError, TakenKey};
use crate::db::{Conn, Db, DbError};
use crate::editors::Editor;
use crate::editors::log::{self, Thing};
use crate::error::AppError;
use crate::money::Grouped;
use crate::versions::{self, Topic};
use crate::web::forms::{FieldErrors, FormError};

/// The market's pages.
pub fn admin_routes(config: &mut web::ServiceConfig) {
    config
        .configure(sources::routes)
        .configure(lists::routes)
        .configure(names::routes)
        .configure(mergers::routes)
        .configure(removed::routes)
        .configure(offers::routes);
}

impl From<ChangeError> for AppError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Database(error) => Self::Database(error),
            ChangeError::Gone(_) => Self::not_found(error.to_string()),
            ChangeError::SlugTaken(_) | ChangeError::KeyTaken(_) | ChangeError::Same => {
                Self::Conflict(error.to_string())
            }
        }
    }
}

/// What stands beside a field where a change was refused.
fn in_form(error: ChangeError) -> FormError {
    let mut errors = FieldErrors::default();
    match error {
        ChangeError::SlugTaken(taken) => errors.add("slug", taken.to_string()),
        ChangeError::KeyTaken(TakenKey::Offer) => errors.add("offer", TakenKey::Offer.to_string()),
        ChangeError::KeyTaken(TakenKey::Candidate) => {
            errors.add("role", TakenKey::Candidate.to_string());
        }
        error => return error.into(),
    }
    errors.into()
}

/// Ends a change: who did what goes into the log, and pages that show it are made anew. Comes last in its transaction.
fn conclude(
    conn: &mut Conn,
    editor: &Editor,
    did: &'static str,
    (thing, name): (Thing, &str),
    topics: &[Topic],
) -> Result<(), DbError> {
    log::note(conn, Some(editor.id), did, thing, name)?;
    Ok(versions::bump(conn, topics)?)
}

/// Writes on a thread that pages do not wait for: for changes that may take seconds.
async fn write_apart<T: Send + 'static>(
    db: &Db,
    work: impl FnOnce(&mut Conn) -> Result<T, ChangeError> + Send + 'static,
) -> Result<T, ChangeError> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let db = db.clone();
    std::thread::spawn(move || {
        // Nobody listens any more where the browser went away; the change is made all the same.
        let _ = tell.send(db.write_blocking(work));
    });
    told.await.unwrap_or(Err(DbError::Cancelled.into()))
}

/// So many of something, as a sentence says it: `1 offer`, `1,234 offers`.
fn counted(number: i64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", Grouped(number))
}

/// Letters of a name at most.
const LONGEST_NAME: usize = 120;

/// A readable name as it is kept: trimmed, with single spaces. `None`, and what is wrong with it, where it is none.
fn readable(
    errors: &mut FieldErrors,
    field: &'static str,
    typed: &str,
    missing: &str,
) -> Option<String> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible = name.chars().any(|letter| !letter.is_control());
    if !visible {
        errors.add(field, missing);
        return None;
    }
    if name.chars().any(char::is_control) {
        errors.add(
            field,
            "This has characters that cannot be shown. Type it again.",
        );
        return None;
    }
    let letters = name.chars().count();
    if letters > LONGEST_NAME {
        errors.add(
            field,
            format!("This has {letters} characters; {LONGEST_NAME} is the most."),
        );
        return None;
    }
    Some(name)
}
