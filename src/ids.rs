//! Database keys as types of their own, so that a role's id never stands where a technology's belongs.

/// Declares a key: a positive 64-bit integer that diesel reads and writes as `BIGINT`.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        pub struct $name(
            /// The key as the database holds it.
            pub i64,
        );

        crate::db::stored! {
            $name as BigInt,
            write: |id| &id.0 => i64,
            read: |key: i64| Self(key),
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
    /// Key of an article.
    ArticleId
);
id!(
    /// Key of a working copy.
    WorkingCopyId
);
id!(
    /// Key of an image.
    ImageId
);
id!(
    /// Key of an account.
    EditorId
);
id!(
    /// Key of a session.
    SessionId
);
id!(
    /// Key of a finished import.
    ImportId
);
id!(
    /// Key of a file on its way into the site.
    ImportJobId
);
id!(
    /// Key of a saved import profile.
    ImportProfileId
);
id!(
    /// Key of a subscriber.
    SubscriberId
);
id!(
    /// Key of a request to be subscribed.
    SignUpId
);
id!(
    /// Key of a mail to a subscriber.
    LetterId
);
id!(
    /// Key of an issue of the newsletter.
    IssueId
);
id!(
    /// Key of an offer that was removed and can be put back.
    RemovedOfferId
);
