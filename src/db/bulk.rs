//! Inserting many rows.

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
