//! The tables, in types that `SQLite` and `PostgreSQL` share. A test reads every table through this schema on both.

diesel::table! {
    /// Where rows came from.
    sources (id) {
        /// Key.
        id -> BigInt,
        /// Name in addresses and profiles.
        slug -> Text,
        /// Readable name.
        name -> Text,
        /// Where a reader finds the original.
        url -> Nullable<Text>,
        /// Under which terms the rows are used.
        licence -> Nullable<Text>,
        /// `gross` or `net`.
        pay -> Text,
    }
}

diesel::table! {
    /// Specializations such as Back-End Web.
    roles (id) {
        /// Key.
        id -> BigInt,
        /// Name in addresses.
        slug -> Text,
        /// Readable name: `Back-End Web`.
        name -> Text,
        /// The title of a person in it: `Back-End Web Developer`.
        job_title -> Text,
    }
}

diesel::table! {
    /// Skills such as Django.
    technologies (id) {
        /// Key.
        id -> BigInt,
        /// Name in addresses.
        slug -> Text,
        /// Readable name.
        name -> Text,
    }
}

diesel::table! {
    /// Finished imports, one row each.
    imports (id) {
        /// Key.
        id -> BigInt,
        /// The source that the rows went into.
        source_id -> BigInt,
        /// Name of the file, without its folder.
        file_name -> Text,
        /// Hash of the file's bytes, lower-case hexadecimal.
        sha256 -> Text,
        /// Rows read, the header left out; the sum of the next three.
        rows_read -> BigInt,
        /// Rows that became a candidate or an offer.
        accepted -> BigInt,
        /// Rows of no known role.
        skipped -> BigInt,
        /// Rows with an error.
        rejected -> BigInt,
        /// When, UTC.
        finished_at -> Timestamp,
        /// When a later import replaced the source's rows, UTC.
        replaced_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Persons, each of one role in one source.
    candidates (id) {
        /// Key.
        id -> BigInt,
        /// Where the candidate came from.
        source_id -> BigInt,
        /// The candidate's role.
        role_id -> BigInt,
        /// The source's own key.
        source_key -> Nullable<Text>,
        /// Seniority.
        seniority -> Nullable<Text>,
        /// Years of experience in the role.
        experience_years -> Nullable<Double>,
        /// ISO 3166-1 alpha-2.
        country -> Nullable<Text>,
        /// Level of English.
        english -> Nullable<Text>,
        /// Salary expectation, whole USD a month.
        monthly_usd -> Nullable<Integer>,
    }
}

diesel::table! {
    /// Which candidate knows which technology.
    candidate_technologies (candidate_id, technology_id) {
        /// The candidate.
        candidate_id -> BigInt,
        /// The technology.
        technology_id -> BigInt,
    }
}

diesel::table! {
    /// Proposals that candidates received.
    offers (id) {
        /// Key.
        id -> BigInt,
        /// Who received it.
        candidate_id -> BigInt,
        /// Where it came from: the candidate's source.
        source_id -> BigInt,
        /// The source's own key.
        source_key -> Nullable<Text>,
        /// The candidate's salary expectation of that day, whole USD a month.
        monthly_usd -> Integer,
        /// The day.
        offered_on -> Date,
        /// `open`, `accepted` or `rejected`.
        status -> Text,
    }
}

diesel::table! {
    /// What editors write.
    articles (id) {
        /// Key.
        id -> BigInt,
        /// Name in addresses.
        slug -> Text,
        /// Heading.
        title -> Text,
        /// What sort of article.
        kind -> Text,
        /// The role it is attached to.
        role_id -> Nullable<BigInt>,
        /// The technology it is attached to.
        technology_id -> Nullable<BigInt>,
        /// Its place among the articles of the same role or technology.
        position -> Integer,
        /// Who wrote it.
        author -> Text,
        /// One or two sentences under the title.
        summary -> Text,
        /// Description for search engines.
        description -> Text,
        /// Markdown.
        body -> Text,
        /// UTC.
        published_at -> Timestamp,
        /// When what a reader sees last changed, UTC.
        updated_at -> Timestamp,
    }
}

diesel::table! {
    /// When what pages show last changed.
    versions (topic) {
        /// What changed: `everything`, `figures`, `articles`, `role:7`, `technology:7`.
        topic -> Text,
        /// The number of the change; every change takes the next one of the whole site.
        version -> BigInt,
    }
}

diesel::joinable!(imports -> sources (source_id));
diesel::joinable!(candidates -> sources (source_id));
diesel::joinable!(candidates -> roles (role_id));
diesel::joinable!(candidate_technologies -> candidates (candidate_id));
diesel::joinable!(candidate_technologies -> technologies (technology_id));
diesel::joinable!(offers -> candidates (candidate_id));
diesel::joinable!(articles -> roles (role_id));
diesel::joinable!(articles -> technologies (technology_id));

diesel::allow_tables_to_appear_in_same_query!(
    sources,
    roles,
    technologies,
    imports,
    candidates,
    candidate_technologies,
    offers,
    articles,
    versions,
);
