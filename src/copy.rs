//! `payband copy`: everything in the database into another, empty one, such as from the embedded database to a server.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::db::{Conn, Db, DbError, insert_all, settle};
use crate::import::put_off_indexes;
use crate::schema::secrets;
use crate::versions::{self, Topic};

/// Why nothing was copied. Each writes itself as one sentence.
#[derive(Debug)]
pub enum CopyError {
    /// The other database holds data.
    NotEmpty {
        /// Where it is, without secrets.
        to: String,
    },
    /// A table has not as many rows as it should.
    Differs {
        /// The table.
        table: &'static str,
        /// Rows here and there.
        rows: (i64, i64),
    },
    /// One of the databases failed.
    Database(DbError),
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEmpty { to } => write!(
                f,
                "the database {to} holds data already; copy into an empty one"
            ),
            Self::Differs {
                table,
                rows: (here, there),
            } => write!(
                f,
                "nothing was copied: of the {here} rows of {table}, {there} arrived"
            ),
            Self::Database(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for CopyError {}

impl From<DbError> for CopyError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for CopyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Rows of each table, by its name, and how many of them are copied.
pub type Counts = BTreeMap<&'static str, i64>;

/// The tables that stay behind: who is signed in to this site, the links to it, and files on their way into it.
pub const LEFT_BEHIND: &[&str] = &[
    "sessions",
    "one_time_links",
    "sign_in_failures",
    "import_jobs",
    "import_parts",
    "secrets",
    "sign_up_attempts",
];

/// Copies every table but [`LEFT_BEHIND`] into another database, in one transaction there and of one moment here, and counts
/// the rows on both sides. `progress` hears how many of how many rows are copied.
///
/// # Errors
/// [`CopyError`]; the other database is then as it was.
pub fn copy(
    from: &Db,
    to: &Db,
    to_name: &str,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Counts, CopyError> {
    from.read_newest_blocking(|from| {
        to.write_blocking(|to| {
            if counts(to)?.values().any(|rows| *rows > 0) {
                return Err(CopyError::NotEmpty {
                    to: to_name.to_owned(),
                });
            }
            let here = counts(from)?;
            let all = here.values().sum();
            let mut copied = 0;
            copy_secrets(from, to)?;
            let put_off = put_off_indexes(to)?;
            copy_tables(from, to, &mut |rows| {
                copied += rows;
                progress(copied, all);
            })?;
            put_off.build(to)?;
            let there = counts(to)?;
            for (&table, &rows) in &here {
                let arrived = there.get(table).copied().unwrap_or(0);
                if arrived != rows {
                    return Err(CopyError::Differs {
                        table,
                        rows: (rows, arrived),
                    });
                }
            }
            settle(to, TABLES)?;
            // Whoever serves the other database already has pages of an empty site.
            versions::bump(to, &[Topic::Figures, Topic::Articles])?;
            Ok(here)
        })
    })
}

/// Links that were signed here open there. The rows are there already.
fn copy_secrets(from: &mut Conn, to: &mut Conn) -> QueryResult<()> {
    let all: Vec<(String, String)> = secrets::table.load(from)?;
    for (name, value) in all {
        diesel::update(secrets::table.find(name))
            .set(secrets::value.eq(value))
            .execute(to)?;
    }
    Ok(())
}

/// Declares the tables in the order in which rows can refer to one another. Each is read in pages: `width` values of a
/// whole-numbered column at a time.
macro_rules! tables {
    ($($table:ident by $page:ident, $width:literal { $($column:ident: $type:ty,)+ })+) => {
        mod rows {
            use super::*;
            $(
                pub(super) mod $table {
                    use super::*;
                    use crate::schema::$table;

                    #[derive(Insertable, Queryable)]
                    #[diesel(table_name = $table)]
                    #[diesel(treat_none_as_default_value = false)]
                    struct Row {
                        $($column: $type,)+
                    }

                    pub(in crate::copy) fn copy(
                        from: &mut Conn,
                        to: &mut Conn,
                        copied: &mut dyn FnMut(i64),
                    ) -> QueryResult<()> {
                        let last: Option<i64> = $table::table
                            .select(diesel::dsl::max($table::$page))
                            .first(from)?;
                        let mut first = 0;
                        while last.is_some_and(|last| first <= last) {
                            let rows: Vec<Row> = $table::table
                                .filter($table::$page.between(first, first + $width - 1))
                                .select(($($table::$column,)+))
                                .load(from)?;
                            insert_all!(to, $table::table, &rows[..]);
                            copied(i64::try_from(rows.len()).unwrap_or(i64::MAX));
                            first += $width;
                        }
                        Ok(())
                    }
                }
            )+
        }

        /// The tables that are copied.
        pub const TABLES: &[&str] = &[$(stringify!($table)),+];

        fn copy_tables(
            from: &mut Conn,
            to: &mut Conn,
            copied: &mut dyn FnMut(i64),
        ) -> QueryResult<()> {
            $(rows::$table::copy(from, to, copied)?;)+
            Ok(())
        }

        fn counts(conn: &mut Conn) -> QueryResult<Counts> {
            let mut counts = Counts::new();
            $(
                let rows: i64 = crate::schema::$table::table.count().get_result(conn)?;
                counts.insert(stringify!($table), rows);
            )+
            Ok(counts)
        }
    };
}

tables! {
    editors by id, 1000 {
        id: i64,
        email: String,
        name: String,
        role: String,
        password_hash: Option<String>,
        created_at: NaiveDateTime,
        disabled_at: Option<NaiveDateTime>,
    }
    sources by id, 1000 {
        id: i64,
        slug: String,
        name: String,
        url: Option<String>,
        licence: Option<String>,
        pay: String,
    }
    roles by id, 1000 {
        id: i64,
        slug: String,
        name: String,
        job_title: String,
    }
    technologies by id, 1000 {
        id: i64,
        slug: String,
        name: String,
    }
    imports by id, 1000 {
        id: i64,
        source_id: i64,
        file_name: String,
        sha256: String,
        rows_read: i64,
        accepted: i64,
        skipped: i64,
        rejected: i64,
        finished_at: NaiveDateTime,
        replaced_at: Option<NaiveDateTime>,
        editor_id: Option<i64>,
        profile: Option<String>,
        report: Option<String>,
        replaces: bool,
        first_candidate: Option<i64>,
        last_candidate: Option<i64>,
        journal: String,
        replaced_by: Option<i64>,
        undone_at: Option<NaiveDateTime>,
        undone_by: Option<i64>,
    }
    import_changes by candidate_id, 8192 {
        import_id: i64,
        position: i64,
        kind: String,
        candidate_id: i64,
        number: Option<i64>,
        former: Option<String>,
    }
    replaced_candidates by id, 8192 {
        id: i64,
        import_id: i64,
        source_id: i64,
        role_id: i64,
        source_key: Option<String>,
        seniority: Option<String>,
        experience_years: Option<f64>,
        country: Option<String>,
        english: Option<String>,
        monthly_usd: Option<i32>,
        technologies: String,
    }
    replaced_offers by candidate_id, 8192 {
        candidate_id: i64,
        number: i64,
        source_id: i64,
        source_key: Option<String>,
        monthly_usd: i32,
        offered_on: NaiveDate,
        status: String,
    }
    candidate_edits by candidate_id, 8192 {
        candidate_id: i64,
        edited_at: NaiveDateTime,
    }
    import_profiles by id, 1000 {
        id: i64,
        name: String,
        profile: String,
        editor_id: Option<i64>,
        saved_at: NaiveDateTime,
        removed_at: Option<NaiveDateTime>,
    }
    issues by id, 50 {
        id: i64,
        slug: String,
        title: String,
        summary: String,
        body: String,
        state: String,
        revision: i64,
        role_id: Option<i64>,
        technology_id: Option<i64>,
        editor_id: Option<i64>,
        created_at: NaiveDateTime,
        updated_at: NaiveDateTime,
        scheduled_at: Option<NaiveDateTime>,
        started_at: Option<NaiveDateTime>,
        finished_at: Option<NaiveDateTime>,
        page_html: Option<String>,
        mail_html: Option<String>,
        mail_text: Option<String>,
    }
    subscribers by id, 1000 {
        id: i64,
        email: String,
        email_key: String,
        state: String,
        wants_issues: bool,
        origin: String,
        created_at: NaiveDateTime,
        consented_at: Option<NaiveDateTime>,
        form_version: Option<i32>,
        left_at: Option<NaiveDateTime>,
        left_by_issue_id: Option<i64>,
    }
    interests by id, 1000 {
        id: i64,
        subscriber_id: i64,
        role_id: Option<i64>,
        technology_id: Option<i64>,
        told_at: Option<NaiveDateTime>,
        told_median: Option<i64>,
        told_low: Option<i64>,
        told_high: Option<i64>,
        told_offers: Option<i64>,
    }
    sign_ups by id, 1000 {
        id: i64,
        subscriber_id: i64,
        wants_issues: bool,
        role_id: Option<i64>,
        technology_id: Option<i64>,
        page: String,
        form_version: i32,
        requested_at: NaiveDateTime,
        confirmed_at: Option<NaiveDateTime>,
    }
    suppressions by id, 1000 {
        id: i64,
        email_sha256: String,
        email: Option<String>,
        reason: String,
        detail: String,
        created_at: NaiveDateTime,
    }
    letters by id, 1000 {
        id: i64,
        kind: String,
        rank: i32,
        subscriber_id: Option<i64>,
        sign_up_id: Option<i64>,
        issue_id: Option<i64>,
        content: Option<String>,
        state: String,
        tries: i32,
        due_at: NaiveDateTime,
        reply: Option<String>,
        created_at: NaiveDateTime,
        ended_at: Option<NaiveDateTime>,
    }
    candidates by id, 8192 {
        id: i64,
        source_id: i64,
        role_id: i64,
        source_key: Option<String>,
        seniority: Option<String>,
        experience_years: Option<f64>,
        country: Option<String>,
        english: Option<String>,
        monthly_usd: Option<i32>,
        technologies: String,
    }
    offers by candidate_id, 8192 {
        candidate_id: i64,
        number: i64,
        source_id: i64,
        source_key: Option<String>,
        monthly_usd: i32,
        offered_on: NaiveDate,
        status: String,
    }
    facts by block, 32 {
        role_id: i64,
        block: i64,
        packed: Vec<u8>,
    }
    reports by role_id, 1 {
        role_id: i64,
        technology_id: i64,
        filter: String,
        candidates: i64,
        offers: i64,
        findings: Vec<u8>,
        extent: Option<Vec<u8>>,
        history: Option<Vec<u8>>,
    }
    role_sources by role_id, 100 {
        role_id: i64,
        source_id: i64,
        candidates: i64,
        offers: i64,
        newest_month: Option<NaiveDate>,
    }
    trends by technology_id, 1000 {
        technology_id: i64,
        offers: i64,
        candidates: i64,
        former_offers: Option<i64>,
        former_candidates: Option<i64>,
    }
    articles by id, 50 {
        id: i64,
        slug: String,
        title: String,
        seo_title: String,
        kind: String,
        role_id: Option<i64>,
        technology_id: Option<i64>,
        position: i32,
        author: String,
        summary: String,
        description: String,
        body: String,
        cover_image_id: Option<i64>,
        state: String,
        revision: i64,
        published_at: Option<NaiveDateTime>,
        updated_at: NaiveDateTime,
        removed_at: Option<NaiveDateTime>,
    }
    renditions by article_id, 50 {
        article_id: i64,
        place: String,
        format: i32,
        html: String,
        contents: String,
    }
    role_redirects by role_id, 1000 {
        slug: String,
        role_id: i64,
    }
    technology_redirects by technology_id, 1000 {
        slug: String,
        technology_id: i64,
    }
    removed_offers by id, 1000 {
        id: i64,
        removed_at: NaiveDateTime,
        candidate_id: i64,
        source_id: i64,
        role_id: i64,
        candidate_key: Option<String>,
        seniority: Option<String>,
        experience_years: Option<f64>,
        country: Option<String>,
        english: Option<String>,
        expected_monthly_usd: Option<i32>,
        technologies: String,
        number: Option<i64>,
        offer_key: Option<String>,
        monthly_usd: Option<i32>,
        offered_on: Option<NaiveDate>,
        status: Option<String>,
    }
    images by id, 1000 {
        id: i64,
        key: String,
        file_name: String,
        alt: String,
        width: i32,
        height: i32,
        bytes: i32,
        format: String,
        editor_id: Option<i64>,
        uploaded_at: NaiveDateTime,
        removed_at: Option<NaiveDateTime>,
    }
    versions by version, 1000 {
        topic: String,
        version: i64,
        changed_at: NaiveDateTime,
    }
    page_changes by version, 100 {
        path: String,
        content_hash: i64,
        changed_at: NaiveDateTime,
        version: i64,
    }
    announcements by version, 1000 {
        path: String,
        version: i64,
        tries: i32,
        due_at: NaiveDateTime,
    }
    events by id, 1000 {
        id: i64,
        happened_at: NaiveDateTime,
        editor_id: Option<i64>,
        did: String,
        thing: String,
        thing_id: i64,
        name: String,
    }
    revisions by article_id, 10 {
        article_id: i64,
        number: i64,
        editor_id: Option<i64>,
        saved_at: NaiveDateTime,
        name: Option<String>,
        state: String,
        published_at: Option<NaiveDateTime>,
        slug: String,
        title: String,
        seo_title: String,
        kind: String,
        role_id: Option<i64>,
        technology_id: Option<i64>,
        position: i32,
        author: String,
        summary: String,
        description: String,
        body: String,
        cover_image_id: Option<i64>,
    }
    working_copies by id, 50 {
        id: i64,
        article_id: Option<i64>,
        editor_id: i64,
        fields: String,
        base_revision: i64,
        saved_at: NaiveDateTime,
        discarded_at: Option<NaiveDateTime>,
        thing: String,
        issue_id: Option<i64>,
    }
    article_redirects by article_id, 1000 {
        slug: String,
        article_id: i64,
    }
    preview_links by article_id, 1000 {
        token_sha256: String,
        article_id: i64,
        editor_id: Option<i64>,
        expires_at: NaiveDateTime,
    }
}
