//! Inserting many rows.

use diesel::QueryResult;
use diesel::connection::SimpleConnection;

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
                diesel::copy_from($table)
                    .from_insertable($rows)
                    .execute(conn)?;
            }
        }
    };
}
pub(crate) use insert_all;

/// Leaves tables that were filled ready for readers: statistics for the planner, and on `PostgreSQL` the next keys, which
/// follow those that are there.
pub(crate) fn settle(conn: &mut Conn, tables: &[&str]) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute("PRAGMA analysis_limit = 1000; ANALYZE"),
        Conn::Postgres(conn) => {
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
