//! Values of our own in columns of the database.

/// Stores a type as an SQL type on either database. `write` gives a reference to what diesel can store; `read` makes the
/// value of what diesel read, and checks it again.
macro_rules! stored {
    (
        $type:ty as $sql:ident,
        write: |$value:ident| $out:expr => $written:ty,
        read: |$raw:ident: $read:ty| $checked:expr $(,)?
    ) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::$sql, DB> for $type
        where
            DB: diesel::backend::Backend,
            $written: diesel::serialize::ToSql<diesel::sql_types::$sql, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                let $value = self;
                let written: &'b $written = $out;
                written.to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::$sql, DB> for $type
        where
            DB: diesel::backend::Backend,
            $read: diesel::deserialize::FromSql<diesel::sql_types::$sql, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let $raw = <$read>::from_sql(bytes)?;
                Ok($checked)
            }
        }
    };
}
pub(crate) use stored;
