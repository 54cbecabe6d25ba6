//! Database keys as types of their own, so that a role's id never stands where a technology's belongs.

/// Declares a key: a positive 64-bit integer that diesel reads and writes as `BIGINT`.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        pub struct $name(
            /// The key as the database holds it.
            pub i64,
        );

        impl<DB> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                i64::from_sql(bytes).map(Self)
            }
        }
    };
}

id!(
    /// Key of a source.
    SourceId
);
id!(
    /// Key of a role.
    RoleId
);
id!(
    /// Key of a technology.
    TechnologyId
);
id!(
    /// Key of a candidate.
    CandidateId
);
id!(
    /// Key of an offer.
    OfferId
);
id!(
    /// Key of an article.
    ArticleId
);
