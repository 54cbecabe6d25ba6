//! Inserting many rows.

use std::io::Write;

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::result::Error;
use diesel::sql_types::{Array, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::Conn;

/// Rows that `SQLite` takes with one statement, which is prepared once for each of these numbers.
pub(crate) const MANY: usize = 64;
pub(crate) const FEW: usize = 8;

/// Inserts a slice of rows: on `SQLite` many with one prepared statement, on `PostgreSQL` with `COPY`. A row is an
/// `Insertable` that treats none as null (`treat_none_as_default_value = false`).
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(conn) => {
                let (many, rest) = $rows.as_chunks::<{ $crate::db::MANY }>();
                for rows in many {
                    diesel::insert_into($table).values(rows).execute(conn)?;
                }
                let (few, rest) = rest.as_chunks::<{ $crate::db::FEW }>();
                for rows in few {
                    diesel::insert_into($table).values(rows).execute(conn)?;
                }
                for row in rest {
                    diesel::insert_into($table).values(row).execute(conn)?;
                }
            }
            $crate::db::Conn::Postgres(conn) => {
                if !$rows.is_empty() {
                    diesel::copy_from($table)
                        .from_insertable($rows)
                        .execute(conn)?;
                }
            }
        }
    };
}
pub(crate) use insert_all;

/// Rows for `PostgreSQL` in the binary form of `COPY` (<https://www.postgresql.org/docs/current/sql-copy.html>), of which the
/// server gets many with one message.
#[derive(Debug)]
pub(crate) struct BinaryRows(Vec<u8>);

impl BinaryRows {
    /// No rows yet, with room for so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        let mut rows = Vec::with_capacity(bytes);
        rows.extend(b"PGCOPY\n\xff\r\n\0");
        // No flags, and no more of a header.
        rows.extend([0; 8]);
        Self(rows)
    }

    /// Begins a row of so many values.
    pub(crate) fn row(&mut self, values: i16) {
        self.0.extend(values.to_be_bytes());
    }

    /// Adds a value: of a number its bytes, the highest one first.
    pub(crate) fn value(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.0.extend(length.to_be_bytes());
        self.0.extend(bytes);
    }

    /// Adds a value or none.
    pub(crate) fn value_or_none(&mut self, bytes: Option<impl AsRef<[u8]>>) {
        match bytes {
            Some(bytes) => self.value(bytes),
            None => self.0.extend((-1_i32).to_be_bytes()),
        }
    }

    /// Adds a day.
    pub(crate) fn day(&mut self, day: NaiveDate) {
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
        let days = day.signed_duration_since(first).num_days();
        self.value(i32::try_from(days).unwrap_or_default().to_be_bytes());
    }

    /// Writes them all.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(crate) fn write_to(&self, out: &mut dyn Write) -> QueryResult<()> {
        let written = out.write_all(&self.0);
        let written = written.and_then(|()| out.write_all(&(-1_i16).to_be_bytes()));
        written.map_err(|error| Error::SerializationError(Box::new(error)))
    }
}

/// Leaves tables that were filled ready for readers: statistics for the planner, and on `PostgreSQL` the next keys, which
/// follow those that are there.
pub(crate) fn settle(conn: &mut Conn, tables: &[&str]) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute("PRAGMA analysis_limit = 1000; ANALYZE"),
        Conn::Postgres(conn) => {
            // A quarter of the usual sample tells the planner enough for looking rows up by their keys.
            conn.batch_execute("SET LOCAL default_statistics_target = 25")?;
            for table in tables {
                conn.batch_execute(&format!(
                    "DO $$ DECLARE keys text := (
                         SELECT pg_get_serial_sequence('{table}', column_name) FROM information_schema.columns
                         WHERE table_schema = current_schema() AND table_name = '{table}' AND column_name = 'id'
                     );
                     BEGIN
                         IF keys IS NOT NULL THEN
                             EXECUTE 'SELECT setval($1, greatest((SELECT max(id) FROM {table}), 1))' USING keys;
                         END IF;
                     END $$; ANALYZE {table}"
                ))?;
            }
            Ok(())
        }
    }
}

/// Indexes of tables that are empty, put off on `PostgreSQL` until rows are there: built at once, they cost half of what it
/// takes to keep them in step row by row.
#[derive(Debug, Default)]
#[must_use = "indexes that are put off have to be built"]
pub(crate) struct PutOff {
    /// What builds them.
    statements: Vec<String>,
}

/// What takes an index away, and what builds it.
#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    drop: String,
    #[diesel(sql_type = Text)]
    create: String,
}

impl PutOff {
    /// Puts off the indexes of tables that have no rows yet, but for the primary keys of those by whose keys rows are found
    /// meanwhile. The tables are this transaction's alone from then on: whoever reads them waits for its end. Nothing is put off
    /// where somebody else holds one of them for longer than a moment, nor where they are distributed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn indexes_of(
        conn: &mut Conn,
        tables: &[&str],
        found_by_key: &[&str],
    ) -> QueryResult<Self> {
        let Conn::Postgres(conn) = conn else {
            return Ok(Self::default());
        };
        conn.batch_execute("SAVEPOINT put_off")?;
        match Self::take(conn, tables, found_by_key) {
            Ok(put_off) => {
                conn.batch_execute("RELEASE SAVEPOINT put_off")?;
                Ok(put_off)
            }
            Err(error) => {
                log::debug!("the indexes of {} stay: {error}", tables.join(" and "));
                conn.batch_execute("ROLLBACK TO SAVEPOINT put_off")?;
                Ok(Self::default())
            }
        }
    }

    fn take(conn: &mut PgConnection, tables: &[&str], found_by_key: &[&str]) -> QueryResult<Self> {
        conn.batch_execute(&format!(
            "SET LOCAL lock_timeout = '1s';
             LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;
             SET LOCAL lock_timeout = DEFAULT",
            tables.join(", ")
        ))?;
        let indexes: Vec<Index> = sql_query(
            "SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s', indexrelid::regclass)
                    ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', indrelid::regclass, conname) END AS drop,
                CASE WHEN c.oid IS NULL THEN pg_get_indexdef(indexrelid)
                    ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', indrelid::regclass, conname, pg_get_constraintdef(c.oid))
                    END AS create
            FROM pg_index LEFT JOIN pg_constraint c ON conindid = indexrelid AND conrelid = indrelid
            WHERE indrelid = ANY ($1::regclass[]) AND NOT (indisprimary AND indrelid = ANY ($2::regclass[]))
                AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')",
        )
        .bind::<Array<Text>, _>(tables)
        .bind::<Array<Text>, _>(found_by_key)
        .load(conn)?;
        for index in &indexes {
            conn.batch_execute(&index.drop)?;
        }
        let statements = indexes.into_iter().map(|index| index.create);
        Ok(Self {
            statements: statements.collect(),
        })
    }

    /// Whether nothing is put off.
    pub(crate) fn is_nothing(&self) -> bool {
        self.statements.is_empty()
    }

    /// Builds what was put off.
    ///
    /// # Errors
    /// When the rows are not what an index asks for, or the database fails.
    pub(crate) fn build(self, conn: &mut Conn) -> QueryResult<()> {
        self.statements
            .iter()
            .try_for_each(|statement| conn.batch_execute(statement))
    }
}
