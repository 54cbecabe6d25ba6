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
        /// Keys of known technologies in ascending order, as a JSON array.
        technologies -> Text,
    }
}

diesel::table! {
    /// Proposals that candidates received.
    offers (candidate_id, number) {
        /// Who received it.
        candidate_id -> BigInt,
        /// Which of the candidate's offers it is, from 1.
        number -> BigInt,
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
    /// Derived: what figures ask of the candidates of a role.
    facts (role_id, block) {
        /// The role.
        role_id -> BigInt,
        /// The candidates' keys, divided by 4,096.
        block -> BigInt,
        /// The facts as `salaries::facts` packs them.
        packed -> Binary,
    }
}

diesel::table! {
    /// Derived: what pages show of a role and of its technologies, without filters and with single ones.
    reports (role_id, technology_id, filter) {
        /// The role.
        role_id -> BigInt,
        /// The technology; 0 for the role as a whole.
        technology_id -> BigInt,
        /// The filter as a query string; empty for none.
        filter -> Text,
        /// Candidates.
        candidates -> BigInt,
        /// Counted offers.
        offers -> BigInt,
        /// `salaries::selection::Findings`, in the form of postcard.
        findings -> Binary,
        /// Without filters: `salaries::derive::Extent`, in the form of postcard.
        extent -> Nullable<Binary>,
        /// Without filters: `salaries::derive::History`, in the form of postcard.
        history -> Nullable<Binary>,
    }
}

diesel::table! {
    /// Derived: technologies over all roles, in the twelve months up to the newest counted offer.
    trends (technology_id) {
        /// The technology.
        technology_id -> BigInt,
        /// Counted offers.
        offers -> BigInt,
        /// Candidates who received them.
        candidates -> BigInt,
        /// Counted offers in the twelve months before, where the data reaches back so far.
        former_offers -> Nullable<BigInt>,
        /// Candidates who received those.
        former_candidates -> Nullable<BigInt>,
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
    /// The texts of articles as pages show them, derived from their Markdown.
    renditions (article_id, place) {
        /// The article.
        article_id -> BigInt,
        /// Where the text stands on its page: `own_page`, `embedded`.
        place -> Text,
        /// Which of the program's ways to render it is.
        format -> Integer,
        /// Sanitised HTML.
        html -> Text,
        /// The headings of the highest level: a JSON array of `anchor` and `text`.
        contents -> Text,
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

diesel::table! {
    /// Those who write the site.
    editors (id) {
        /// Key.
        id -> BigInt,
        /// E-mail address, in lower case.
        email -> Text,
        /// Readable name.
        name -> Text,
        /// `admin` or `editor`.
        role -> Text,
        /// Argon2id, in the form of a PHC string; none until an invitation is accepted.
        password_hash -> Nullable<Text>,
        /// UTC.
        created_at -> Timestamp,
        /// Since when the account cannot be used, UTC.
        disabled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Browsers that are signed in.
    sessions (id) {
        /// Key.
        id -> BigInt,
        /// Who.
        editor_id -> BigInt,
        /// Hash of the token in the browser's cookie, lower-case hexadecimal.
        token_sha256 -> Text,
        /// The browser in words.
        device -> Text,
        /// UTC.
        started_at -> Timestamp,
        /// About when it was last used, UTC.
        last_seen_at -> Timestamp,
        /// When it ends at the latest, UTC.
        expires_at -> Timestamp,
    }
}

diesel::table! {
    /// Links that let somebody in once.
    one_time_links (id) {
        /// Key.
        id -> BigInt,
        /// `first_administrator`, `invitation` or `password`.
        purpose -> Text,
        /// Whose account it is for; none for the first administrator's, which is not there yet.
        editor_id -> Nullable<BigInt>,
        /// Hash of the token in the link, lower-case hexadecimal.
        token_sha256 -> Text,
        /// UTC.
        created_at -> Timestamp,
        /// UTC; none where only the next start ends it.
        expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Whose password was wrong lately.
    sign_in_failures (subject) {
        /// Hash of an account or an address, lower-case hexadecimal.
        subject -> Text,
        /// How often.
        failures -> Integer,
        /// When last, UTC.
        last_at -> Timestamp,
    }
}

diesel::table! {
    /// Who did what, and when.
    events (id) {
        /// Key.
        id -> BigInt,
        /// UTC.
        happened_at -> Timestamp,
        /// Who; none for a command.
        editor_id -> Nullable<BigInt>,
        /// What was done: `created`, `published`.
        did -> Text,
        /// What it was done to: `article`, `role`.
        thing -> Text,
        /// The thing's key.
        thing_id -> BigInt,
        /// What the thing was called.
        name -> Text,
    }
}

diesel::joinable!(imports -> sources (source_id));
diesel::joinable!(candidates -> sources (source_id));
diesel::joinable!(candidates -> roles (role_id));
diesel::joinable!(offers -> candidates (candidate_id));
diesel::joinable!(reports -> roles (role_id));
diesel::joinable!(trends -> technologies (technology_id));
diesel::joinable!(articles -> roles (role_id));
diesel::joinable!(articles -> technologies (technology_id));
diesel::joinable!(renditions -> articles (article_id));
diesel::joinable!(sessions -> editors (editor_id));
diesel::joinable!(one_time_links -> editors (editor_id));
diesel::joinable!(events -> editors (editor_id));

diesel::allow_tables_to_appear_in_same_query!(
    sources,
    roles,
    technologies,
    imports,
    candidates,
    offers,
    facts,
    reports,
    trends,
    articles,
    renditions,
    versions,
    editors,
    sessions,
    one_time_links,
    sign_in_failures,
    events,
);
