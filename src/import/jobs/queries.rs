//! Jobs and saved profiles in the database.

use chrono::{Days, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{HowFar, Job, State, Task};
use crate::db::Conn;
use crate::ids::{EditorId, ImportId, ImportJobId, ImportProfileId};
use crate::import::history::PastImport;
use crate::import::inspect::Findings;
use crate::import::mapping::Mapping;
use crate::import::report::Report;
use crate::schema::{editors, import_jobs, import_profiles};

/// Days for which jobs are kept, and the files that belong to them.
pub(super) const KEPT_DAYS: u64 = 30;

/// All columns of a [`Job`], in its order.
macro_rules! jobs {
    () => {
        import_jobs::table
            .left_join(editors::table.on(editors::id.nullable().eq(import_jobs::editor_id)))
            .select((
                import_jobs::id,
                import_jobs::task,
                import_jobs::state,
                import_jobs::file_name,
                import_jobs::findings,
                import_jobs::mapping,
                import_jobs::report,
                import_jobs::message,
                import_jobs::import_id,
                import_jobs::editor_id,
                editors::name.nullable(),
                import_jobs::done_units,
                import_jobs::all_units,
                import_jobs::done_rows,
                import_jobs::created_at,
                import_jobs::started_at,
                import_jobs::finished_at,
                import_jobs::cancelled_at,
            ))
    };
}

/// A job of that key, if it neither moves nor is done.
macro_rules! at_rest {
    ($id:expr) => {
        import_jobs::table
            .filter(import_jobs::id.eq($id))
            .filter(import_jobs::state.ne_all([State::Waiting, State::Running, State::Done]))
    };
}

/// A value as JSON.
fn json(value: &impl serde::Serialize) -> QueryResult<String> {
    serde_json::to_string(value)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

/// One job.
///
/// # Errors
/// When the database fails, as every query here.
pub fn find(conn: &mut Conn, id: ImportJobId) -> QueryResult<Option<Job>> {
    jobs!()
        .filter(import_jobs::id.eq(id))
        .first(conn)
        .optional()
}

/// Jobs that are not done, the newest first.
///
/// # Errors
/// When the database fails.
pub fn unfinished(conn: &mut Conn) -> QueryResult<Vec<Job>> {
    jobs!()
        .filter(import_jobs::state.ne(State::Done))
        .order(import_jobs::id.desc())
        .limit(50)
        .load(conn)
}

/// The job that made an import, as long as it is kept.
///
/// # Errors
/// When the database fails.
pub fn of_import(conn: &mut Conn, import: ImportId) -> QueryResult<Option<Job>> {
    jobs!()
        .filter(import_jobs::import_id.eq(import))
        .filter(import_jobs::task.eq(Task::Import))
        .first(conn)
        .optional()
}

/// The newest job that takes an import back.
///
/// # Errors
/// When the database fails.
pub fn undo_of_import(conn: &mut Conn, import: ImportId) -> QueryResult<Option<Job>> {
    jobs!()
        .filter(import_jobs::import_id.eq(import))
        .filter(import_jobs::task.eq(Task::Undo))
        .order(import_jobs::id.desc())
        .first(conn)
        .optional()
}

/// Adds a job for a file of so many bytes, with a first mapping.
///
/// # Errors
/// When the database fails.
pub fn create(
    conn: &mut Conn,
    file_name: &str,
    bytes: u64,
    findings: &Findings,
    mapping: &Mapping,
    editor: EditorId,
) -> QueryResult<ImportJobId> {
    diesel::insert_into(import_jobs::table)
        .values((
            import_jobs::task.eq(Task::DryRun),
            import_jobs::state.eq(State::Uploaded),
            import_jobs::file_name.eq(file_name),
            import_jobs::findings.eq(json(findings)?),
            import_jobs::mapping.eq(json(mapping)?),
            import_jobs::editor_id.eq(editor),
            import_jobs::all_units.eq(bytes.cast_signed()),
            import_jobs::created_at.eq(Utc::now().naive_utc()),
        ))
        .returning(import_jobs::id)
        .get_result(conn)
}

/// Adds a job that takes an import back, unless there is one already.
///
/// # Errors
/// When the database fails.
pub fn create_undo(
    conn: &mut Conn,
    import: &PastImport,
    editor: EditorId,
) -> QueryResult<ImportJobId> {
    if let Some(job) = undo_of_import(conn, import.id)?
        && job.state.is_moving()
    {
        return Ok(job.id);
    }
    diesel::insert_into(import_jobs::table)
        .values((
            import_jobs::task.eq(Task::Undo),
            import_jobs::state.eq(State::Waiting),
            import_jobs::file_name.eq(&import.file_name),
            import_jobs::import_id.eq(import.id),
            import_jobs::editor_id.eq(editor),
            import_jobs::all_units.eq(1),
            import_jobs::created_at.eq(Utc::now().naive_utc()),
        ))
        .returning(import_jobs::id)
        .get_result(conn)
}

/// Keeps what a file holds that is read in another way, with a new mapping.
///
/// # Errors
/// When the database fails.
pub fn read_again(
    conn: &mut Conn,
    id: ImportJobId,
    findings: &Findings,
    mapping: &Mapping,
) -> QueryResult<()> {
    diesel::update(at_rest!(id))
        .set((
            import_jobs::findings.eq(json(findings)?),
            import_jobs::mapping.eq(json(mapping)?),
            import_jobs::state.eq(State::Uploaded),
            import_jobs::report.eq(None::<String>),
            import_jobs::message.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Keeps a mapping, and whether it is complete. Answers false where the job is not at rest any more.
///
/// # Errors
/// When the database fails.
pub fn keep_mapping(
    conn: &mut Conn,
    id: ImportJobId,
    mapping: &Mapping,
    state: State,
) -> QueryResult<bool> {
    let kept = diesel::update(at_rest!(id))
        .set((
            import_jobs::mapping.eq(json(mapping)?),
            import_jobs::state.eq(state),
            import_jobs::report.eq(None::<String>),
            import_jobs::message.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(kept > 0)
}

/// Lets a job wait for its turn.
///
/// # Errors
/// When the database fails.
pub fn start(conn: &mut Conn, id: ImportJobId, task: Task) -> QueryResult<()> {
    diesel::update(at_rest!(id))
        .set((
            import_jobs::state.eq(State::Waiting),
            import_jobs::task.eq(task),
            import_jobs::message.eq(None::<String>),
            import_jobs::cancelled_at.eq(None::<NaiveDateTime>),
            import_jobs::started_at.eq(None::<NaiveDateTime>),
            import_jobs::finished_at.eq(None::<NaiveDateTime>),
            import_jobs::done_units.eq(0),
            import_jobs::done_rows.eq(0),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends a job that waits, and asks one that is at work to end. Answers whether it is over with that.
///
/// # Errors
/// When the database fails.
pub fn cancel(conn: &mut Conn, id: ImportJobId) -> QueryResult<bool> {
    let now = Utc::now().naive_utc();
    let job = import_jobs::table.filter(import_jobs::id.eq(id));
    let ended = diesel::update(job.filter(import_jobs::state.eq(State::Waiting)))
        .set((
            import_jobs::state.eq(State::Cancelled),
            import_jobs::finished_at.eq(now),
            import_jobs::cancelled_at.eq(now),
        ))
        .execute(conn)?;
    diesel::update(job.filter(import_jobs::state.eq(State::Running)))
        .set(import_jobs::cancelled_at.eq(now))
        .execute(conn)?;
    Ok(ended > 0)
}

/// The job that waits longest, claimed for whoever asks: nobody else gets it.
pub(super) fn claim(conn: &mut Conn) -> QueryResult<Option<Job>> {
    loop {
        let next: Option<ImportJobId> = import_jobs::table
            .filter(import_jobs::state.eq(State::Waiting))
            .order(import_jobs::id)
            .select(import_jobs::id)
            .first(conn)
            .optional()?;
        let Some(next) = next else {
            return Ok(None);
        };
        let waiting = import_jobs::table
            .filter(import_jobs::id.eq(next))
            .filter(import_jobs::state.eq(State::Waiting));
        let claimed = diesel::update(waiting)
            .set((
                import_jobs::state.eq(State::Running),
                import_jobs::started_at.eq(Utc::now().naive_utc()),
            ))
            .execute(conn)?;
        if claimed > 0 {
            return find(conn, next);
        }
    }
}

/// Whether anything waits, or seems to be at work.
pub(super) fn is_anything_moving(conn: &mut Conn) -> QueryResult<bool> {
    let moving: i64 = import_jobs::table
        .filter(import_jobs::state.eq_any([State::Waiting, State::Running]))
        .count()
        .get_result(conn)?;
    Ok(moving > 0)
}

/// Jobs that are at work, as their rows say.
pub(super) fn running(conn: &mut Conn) -> QueryResult<Vec<(ImportJobId, Task)>> {
    import_jobs::table
        .filter(import_jobs::state.eq(State::Running))
        .select((import_jobs::id, import_jobs::task))
        .load(conn)
}

/// Writes down how far a job is, and answers whether somebody asked to end it.
pub(super) fn note_progress(
    conn: &mut Conn,
    id: ImportJobId,
    how_far: HowFar,
) -> QueryResult<bool> {
    diesel::update(import_jobs::table.find(id))
        .set((
            import_jobs::done_units.eq(how_far.done.cast_signed()),
            import_jobs::all_units.eq(how_far.all.cast_signed()),
            import_jobs::done_rows.eq(how_far.rows.cast_signed()),
        ))
        .execute(conn)?;
    let asked: Option<NaiveDateTime> = import_jobs::table
        .find(id)
        .select(import_jobs::cancelled_at)
        .first(conn)?;
    Ok(asked.is_some())
}

/// Writes down how a job ended, and why.
pub(super) fn end(
    conn: &mut Conn,
    id: ImportJobId,
    state: State,
    message: Option<&str>,
) -> QueryResult<()> {
    diesel::update(import_jobs::table.find(id))
        .set((
            import_jobs::state.eq(state),
            import_jobs::message.eq(message),
            import_jobs::finished_at.eq(Utc::now().naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes down what a dry run or an import did.
pub(super) fn note_report(
    conn: &mut Conn,
    id: ImportJobId,
    report: &Report,
    import: Option<ImportId>,
) -> QueryResult<()> {
    diesel::update(import_jobs::table.find(id))
        .set((
            import_jobs::report.eq(json(report)?),
            import_jobs::import_id.eq(import),
        ))
        .execute(conn)?;
    Ok(())
}

/// Removes a job that is not at work. Answers whether it was there.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, id: ImportJobId) -> QueryResult<bool> {
    let removed = diesel::delete(at_rest!(id)).execute(conn)?;
    Ok(removed > 0)
}

/// Jobs of long ago.
pub(super) fn old(conn: &mut Conn) -> QueryResult<Vec<ImportJobId>> {
    let now = Utc::now().naive_utc();
    let limit = now.checked_sub_days(Days::new(KEPT_DAYS)).unwrap_or(now);
    import_jobs::table
        .filter(import_jobs::created_at.lt(limit))
        .filter(import_jobs::state.ne_all([State::Waiting, State::Running]))
        .select(import_jobs::id)
        .load(conn)
}

/// Removes a job of long ago.
pub(super) fn remove_old(conn: &mut Conn, id: ImportJobId) -> QueryResult<()> {
    diesel::delete(import_jobs::table.find(id)).execute(conn)?;
    Ok(())
}

/// A profile under a name.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct SavedProfile {
    /// Key.
    pub id: ImportProfileId,
    /// The name.
    pub name: String,
    /// TOML.
    pub profile: String,
    /// When it was saved last, UTC.
    pub saved_at: NaiveDateTime,
    /// Who did.
    pub editor: Option<String>,
}

/// All columns of a [`SavedProfile`], in its order.
macro_rules! profiles {
    () => {
        import_profiles::table
            .left_join(editors::table.on(editors::id.nullable().eq(import_profiles::editor_id)))
            .select((
                import_profiles::id,
                import_profiles::name,
                import_profiles::profile,
                import_profiles::saved_at,
                editors::name.nullable(),
            ))
    };
}

/// Every saved profile, by name.
///
/// # Errors
/// When the database fails.
pub fn profiles(conn: &mut Conn) -> QueryResult<Vec<SavedProfile>> {
    profiles!()
        .filter(import_profiles::removed_at.is_null())
        .order(import_profiles::name)
        .load(conn)
}

/// One saved profile.
///
/// # Errors
/// When the database fails.
pub fn profile(conn: &mut Conn, id: ImportProfileId) -> QueryResult<Option<SavedProfile>> {
    profiles!()
        .filter(import_profiles::removed_at.is_null())
        .filter(import_profiles::id.eq(id))
        .first(conn)
        .optional()
}

/// Saves a profile under a name, in place of the one that had it.
///
/// # Errors
/// When the database fails.
pub fn save_profile(
    conn: &mut Conn,
    name: &str,
    profile: &str,
    editor: EditorId,
) -> QueryResult<ImportProfileId> {
    let now = Utc::now().naive_utc();
    let values = (
        import_profiles::profile.eq(profile),
        import_profiles::editor_id.eq(editor),
        import_profiles::saved_at.eq(now),
    );
    let same = import_profiles::table
        .filter(import_profiles::name.eq(name))
        .filter(import_profiles::removed_at.is_null());
    let known = same.select(import_profiles::id).first(conn).optional()?;
    if let Some(id) = known {
        diesel::update(same).set(values).execute(conn)?;
        return Ok(id);
    }
    diesel::insert_into(import_profiles::table)
        .values((import_profiles::name.eq(name), values))
        .returning(import_profiles::id)
        .get_result(conn)
}

/// Whether another profile has a name.
///
/// # Errors
/// When the database fails.
pub fn is_name_taken(conn: &mut Conn, name: &str, but: ImportProfileId) -> QueryResult<bool> {
    let others: i64 = import_profiles::table
        .filter(import_profiles::name.eq(name))
        .filter(import_profiles::removed_at.is_null())
        .filter(import_profiles::id.ne(but))
        .count()
        .get_result(conn)?;
    Ok(others > 0)
}

/// Renames a profile.
///
/// # Errors
/// When the database fails.
pub fn rename_profile(conn: &mut Conn, id: ImportProfileId, name: &str) -> QueryResult<()> {
    diesel::update(import_profiles::table.find(id))
        .set(import_profiles::name.eq(name))
        .execute(conn)?;
    Ok(())
}

/// Removes a profile; it can be brought back.
///
/// # Errors
/// When the database fails.
pub fn remove_profile(conn: &mut Conn, id: ImportProfileId) -> QueryResult<()> {
    diesel::update(import_profiles::table.find(id))
        .set(import_profiles::removed_at.eq(Utc::now().naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// Brings a removed profile back, unless its name is taken by now. Answers its name.
///
/// # Errors
/// When the database fails.
pub fn restore_profile(conn: &mut Conn, id: ImportProfileId) -> QueryResult<Option<String>> {
    let name: Option<String> = import_profiles::table
        .find(id)
        .select(import_profiles::name)
        .first(conn)
        .optional()?;
    let Some(name) = name else {
        return Ok(None);
    };
    if is_name_taken(conn, &name, id)? {
        return Ok(None);
    }
    diesel::update(import_profiles::table.find(id))
        .set(import_profiles::removed_at.eq(None::<NaiveDateTime>))
        .execute(conn)?;
    Ok(Some(name))
}
