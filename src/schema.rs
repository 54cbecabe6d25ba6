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
        /// The editor who imported; nobody for the command.
        editor_id -> Nullable<BigInt>,
        /// The profile as TOML; none in the canonical form.
        profile -> Nullable<Text>,
        /// `import::Report` as JSON; none of imports before there was a history.
        report -> Nullable<Text>,
        /// Whether the source's rows made way for those of the file.
        replaces -> Bool,
        /// The key of the first candidate that it added.
        first_candidate -> Nullable<BigInt>,
        /// The key of the last one; lower than the first where it added none.
        last_candidate -> Nullable<BigInt>,
        /// Whether what it changed and removed is written down: `missing`, `kept`, `forgotten`.
        journal -> Text,
        /// The import that replaced the source's rows.
        replaced_by -> Nullable<BigInt>,
        /// When it was undone, UTC.
        undone_at -> Nullable<Timestamp>,
        /// The editor who undid it.
        undone_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What imports did to rows that were there before them.
    import_changes (import_id, position) {
        /// The import.
        import_id -> BigInt,
        /// Its place in the order in which the import did so.
        position -> BigInt,
        /// `candidate_changed`, `candidate_removed`, `offer_added`, `offer_changed`, `offer_removed`.
        kind -> Text,
        /// The candidate, or whose offer it is.
        candidate_id -> BigInt,
        /// Which of the candidate's offers.
        number -> Nullable<BigInt>,
        /// The row as it was, as JSON.
        former -> Nullable<Text>,
    }
}

diesel::table! {
    /// Candidates who made way for those of an import, as they were.
    replaced_candidates (id) {
        /// Key, which no other candidate gets.
        id -> BigInt,
        /// The import.
        import_id -> BigInt,
        /// As in `candidates`.
        source_id -> BigInt,
        /// As in `candidates`.
        role_id -> BigInt,
        /// As in `candidates`.
        source_key -> Nullable<Text>,
        /// As in `candidates`.
        seniority -> Nullable<Text>,
        /// As in `candidates`.
        experience_years -> Nullable<Double>,
        /// As in `candidates`.
        country -> Nullable<Text>,
        /// As in `candidates`.
        english -> Nullable<Text>,
        /// As in `candidates`.
        monthly_usd -> Nullable<Integer>,
        /// As in `candidates`.
        technologies -> Text,
    }
}

diesel::table! {
    /// The offers of replaced candidates, as they were.
    replaced_offers (candidate_id, number) {
        /// Who received it.
        candidate_id -> BigInt,
        /// As in `offers`.
        number -> BigInt,
        /// As in `offers`.
        source_id -> BigInt,
        /// As in `offers`.
        source_key -> Nullable<Text>,
        /// As in `offers`.
        monthly_usd -> Integer,
        /// As in `offers`.
        offered_on -> Date,
        /// As in `offers`.
        status -> Text,
    }
}

diesel::table! {
    /// Candidates of whom an editor changed something by hand.
    candidate_edits (candidate_id) {
        /// The candidate, who may be gone.
        candidate_id -> BigInt,
        /// When last, UTC.
        edited_at -> Timestamp,
    }
}

diesel::table! {
    /// How to read files, under names that editors gave.
    import_profiles (id) {
        /// Key.
        id -> BigInt,
        /// The name.
        name -> Text,
        /// TOML.
        profile -> Text,
        /// The editor who saved it last.
        editor_id -> Nullable<BigInt>,
        /// When, UTC.
        saved_at -> Timestamp,
        /// When it was removed, UTC.
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Files on their way into the site, and imports on their way out of it.
    import_jobs (id) {
        /// Key.
        id -> BigInt,
        /// What is or was done last: `dry_run`, `import`, `undo`.
        task -> Text,
        /// `uploaded`, `mapped`, `waiting`, `running`, `done`, `failed`, `cancelled`.
        state -> Text,
        /// Name of the file, without its folder.
        file_name -> Text,
        /// `import::inspect::Findings` as JSON.
        findings -> Nullable<Text>,
        /// `import::mapping::Mapping` as JSON.
        mapping -> Nullable<Text>,
        /// `import::Report` of the last dry run or the import, as JSON.
        report -> Nullable<Text>,
        /// Why it failed, or waits.
        message -> Nullable<Text>,
        /// The import that it made, or takes back.
        import_id -> Nullable<BigInt>,
        /// The editor who wants it.
        editor_id -> Nullable<BigInt>,
        /// Bytes, or steps of an undo, that are behind it.
        done_units -> BigInt,
        /// All of them.
        all_units -> BigInt,
        /// Rows that are behind it.
        done_rows -> BigInt,
        /// When the file came, UTC.
        created_at -> Timestamp,
        /// When the task began, UTC.
        started_at -> Nullable<Timestamp>,
        /// When it ended, UTC.
        finished_at -> Nullable<Timestamp>,
        /// When somebody asked to end it, UTC.
        cancelled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// On `PostgreSQL`, the bytes of uploaded files and of their rejected rows.
    import_parts (job_id, file, number) {
        /// The job.
        job_id -> BigInt,
        /// `uploaded`, `rejected`.
        file -> Text,
        /// Its place in the file, from 0.
        number -> BigInt,
        /// The bytes.
        bytes -> Binary,
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
        /// The candidates' keys, divided by 16,384.
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
    /// Derived: how much a role has of each source.
    role_sources (role_id, source_id) {
        /// The role.
        role_id -> BigInt,
        /// The source.
        source_id -> BigInt,
        /// Candidates.
        candidates -> BigInt,
        /// Offers, counted or not.
        offers -> BigInt,
        /// The month of the newest of them: its first day.
        newest_month -> Nullable<Date>,
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
        /// Title for search engines; empty where the heading serves them too.
        seo_title -> Text,
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
        /// The picture above it; the key of an image.
        cover_image_id -> Nullable<BigInt>,
        /// `draft`, `scheduled`, `published` or `withdrawn`.
        state -> Text,
        /// Counts every save, from 1.
        revision -> BigInt,
        /// UTC; in the future where it is scheduled, none for a draft.
        published_at -> Nullable<Timestamp>,
        /// When what a reader sees last changed; before there is a reader, when it was last saved. UTC.
        updated_at -> Timestamp,
        /// When it was put into the bin, UTC.
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Every saved state of an article.
    revisions (article_id, number) {
        /// The article.
        article_id -> BigInt,
        /// Counts the article's saves, from 1.
        number -> BigInt,
        /// Who saved it; none where the program itself did.
        editor_id -> Nullable<BigInt>,
        /// UTC.
        saved_at -> Timestamp,
        /// What an editor called it.
        name -> Nullable<Text>,
        /// `draft`, `scheduled`, `published` or `withdrawn`.
        state -> Text,
        /// UTC.
        published_at -> Nullable<Timestamp>,
        /// Name in addresses.
        slug -> Text,
        /// Heading.
        title -> Text,
        /// Title for search engines; empty where the heading serves them too.
        seo_title -> Text,
        /// What sort of article.
        kind -> Text,
        /// The role it was attached to.
        role_id -> Nullable<BigInt>,
        /// The technology it was attached to.
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
        /// The picture above it.
        cover_image_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// What editors have typed and not saved.
    working_copies (id) {
        /// Key.
        id -> BigInt,
        /// The article; none where it was never saved.
        article_id -> Nullable<BigInt>,
        /// Who typed it.
        editor_id -> BigInt,
        /// What was typed: a JSON object with a text for each field.
        fields -> Text,
        /// The revision that the typing began with; 0 for what was never saved.
        base_revision -> BigInt,
        /// When the program last heard of it, UTC.
        saved_at -> Timestamp,
        /// When its editor discarded it, UTC.
        discarded_at -> Nullable<Timestamp>,
        /// What it is of: an article or an issue, as a word.
        thing -> Text,
        /// The issue of the newsletter; none where it was never saved.
        issue_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Former slugs of articles that visitors have seen.
    article_redirects (slug) {
        /// The slug.
        slug -> Text,
        /// The article that had it.
        article_id -> BigInt,
    }
}

diesel::table! {
    /// Links that show an article to whoever has them, for some days.
    preview_links (token_sha256) {
        /// SHA-256 of the token in its address, lower-case hexadecimal.
        token_sha256 -> Text,
        /// The article.
        article_id -> BigInt,
        /// Who made it.
        editor_id -> Nullable<BigInt>,
        /// UTC.
        expires_at -> Timestamp,
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
        /// What changed: `everything`, `figures`, `articles`, `role:7`, `technology:7`, `pages`, `program:0f…`. In the row
        /// `recorded` stands the change up to which pages were looked at.
        topic -> Text,
        /// The number of the change; every change takes the next one of the whole site.
        version -> BigInt,
        /// When it was made, UTC.
        changed_at -> Timestamp,
    }
}

diesel::table! {
    /// Pages that changed and of which search engines have not been told yet.
    announcements (path) {
        /// The page's canonical path.
        path -> Text,
        /// The number of the change after which it was noted.
        version -> BigInt,
        /// How often it was tried in vain.
        tries -> Integer,
        /// When it is tried next, UTC.
        due_at -> Timestamp,
    }
}

diesel::table! {
    /// What pages that search engines may list show.
    page_changes (path) {
        /// The page's canonical path.
        path -> Text,
        /// Hash of what a visitor sees of it.
        content_hash -> BigInt,
        /// When that last changed, UTC.
        changed_at -> Timestamp,
        /// The number of the change as of which that was recorded.
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

diesel::table! {
    /// Slugs that roles had before, and those of roles that were merged into others.
    role_redirects (slug) {
        /// The former slug.
        slug -> Text,
        /// The role that it leads to.
        role_id -> BigInt,
    }
}

diesel::table! {
    /// Slugs that technologies had before, and those of technologies that were merged into others.
    technology_redirects (slug) {
        /// The former slug.
        slug -> Text,
        /// The technology that it leads to.
        technology_id -> BigInt,
    }
}

diesel::table! {
    /// Offers that editors removed, and candidates without an offer: what it takes to put them back.
    removed_offers (id) {
        /// Key.
        id -> BigInt,
        /// When, UTC.
        removed_at -> Timestamp,
        /// Key of the candidate, who may be gone too.
        candidate_id -> BigInt,
        /// The candidate's source.
        source_id -> BigInt,
        /// The candidate's role.
        role_id -> BigInt,
        /// The source's own key of the candidate.
        candidate_key -> Nullable<Text>,
        /// Seniority.
        seniority -> Nullable<Text>,
        /// Years of experience in the role.
        experience_years -> Nullable<Double>,
        /// ISO 3166-1 alpha-2.
        country -> Nullable<Text>,
        /// Level of English.
        english -> Nullable<Text>,
        /// The candidate's salary expectation, whole USD a month.
        expected_monthly_usd -> Nullable<Integer>,
        /// Keys of known technologies in ascending order, as a JSON array.
        technologies -> Text,
        /// Which of the candidate's offers it was; `NULL` for a candidate without one, as all that follows.
        number -> Nullable<BigInt>,
        /// The source's own key of the offer.
        offer_key -> Nullable<Text>,
        /// The salary of the offer, whole USD a month.
        monthly_usd -> Nullable<Integer>,
        /// The day.
        offered_on -> Nullable<Date>,
        /// `open`, `accepted` or `rejected`.
        status -> Nullable<Text>,
    }
}

diesel::table! {
    /// What editors uploaded; the bytes are in the storage.
    images (id) {
        /// Key.
        id -> BigInt,
        /// The beginning of the SHA-256 of the uploaded file, hexadecimal.
        key -> Text,
        /// The uploaded file's name.
        file_name -> Text,
        /// What the image shows.
        alt -> Text,
        /// Pixels of the widest version.
        width -> Integer,
        /// Pixels of the widest version.
        height -> Integer,
        /// Bytes of the widest version.
        bytes -> Integer,
        /// `jpg`, `png` or `webp`.
        format -> Text,
        /// Who uploaded it.
        editor_id -> Nullable<BigInt>,
        /// UTC.
        uploaded_at -> Timestamp,
        /// Since when it is in the bin, UTC.
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// What the site signs with.
    secrets (name) {
        /// What it is for.
        name -> Text,
        /// 32 bytes, hexadecimal.
        value -> Text,
    }
}

diesel::table! {
    /// Who gets the newsletter, wanted to, or did.
    subscribers (id) {
        /// Key.
        id -> BigInt,
        /// Address, as it was typed.
        email -> Text,
        /// The same for every spelling of it.
        email_key -> Text,
        /// `pending`, `confirmed`, `left`, `bounced`, `complained`.
        state -> Text,
        /// Whether they get every issue.
        wants_issues -> Bool,
        /// `form`, `import`.
        origin -> Text,
        /// UTC.
        created_at -> Timestamp,
        /// When they agreed last, UTC.
        consented_at -> Nullable<Timestamp>,
        /// To which wording of the form.
        form_version -> Nullable<Integer>,
        /// UTC.
        left_at -> Nullable<Timestamp>,
        /// The issue whose link they left by.
        left_by_issue_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// The roles and technologies whose changes subscribers want to hear of.
    interests (id) {
        /// Key.
        id -> BigInt,
        /// Who.
        subscriber_id -> BigInt,
        /// The role.
        role_id -> Nullable<BigInt>,
        /// The technology.
        technology_id -> Nullable<BigInt>,
        /// When they were told last, or came, UTC.
        told_at -> Nullable<Timestamp>,
        /// The median then, doubled, USD a month.
        told_median -> Nullable<BigInt>,
        /// The lower end of its interval, doubled, USD a month.
        told_low -> Nullable<BigInt>,
        /// The upper end, doubled, USD a month.
        told_high -> Nullable<BigInt>,
        /// Offers then.
        told_offers -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Issues of the newsletter.
    issues (id) {
        /// Key.
        id -> BigInt,
        /// Name in addresses.
        slug -> Text,
        /// Heading, and the subject of mails.
        title -> Text,
        /// One or two sentences under the title.
        summary -> Text,
        /// Markdown.
        body -> Text,
        /// `draft`, `scheduled`, `sending`, `paused`, `cancelled`, `sent`.
        state -> Text,
        /// Counts its saves, from 1.
        revision -> BigInt,
        /// Only for those who want to hear of the role.
        role_id -> Nullable<BigInt>,
        /// Only for those who want to hear of the technology.
        technology_id -> Nullable<BigInt>,
        /// Who saved it last.
        editor_id -> Nullable<BigInt>,
        /// UTC.
        created_at -> Timestamp,
        /// UTC.
        updated_at -> Timestamp,
        /// When it is to be sent, UTC.
        scheduled_at -> Nullable<Timestamp>,
        /// When sending began, UTC.
        started_at -> Nullable<Timestamp>,
        /// When it ended, UTC.
        finished_at -> Nullable<Timestamp>,
        /// Its text as its page shows it.
        page_html -> Nullable<Text>,
        /// Its text in mails.
        mail_html -> Nullable<Text>,
        /// The same without HTML.
        mail_text -> Nullable<Text>,
    }
}

diesel::table! {
    /// Each time somebody asked to be subscribed.
    sign_ups (id) {
        /// Key.
        id -> BigInt,
        /// Whose address was typed.
        subscriber_id -> BigInt,
        /// Whether every issue was asked for.
        wants_issues -> Bool,
        /// The role that was asked for.
        role_id -> Nullable<BigInt>,
        /// The technology that was asked for.
        technology_id -> Nullable<BigInt>,
        /// Path of the page that the form stood on.
        page -> Text,
        /// Which wording the form had.
        form_version -> Integer,
        /// UTC.
        requested_at -> Timestamp,
        /// UTC.
        confirmed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// How often forms came from an address lately.
    sign_up_attempts (subject) {
        /// Hash of the address.
        subject -> Text,
        /// How often.
        attempts -> Integer,
        /// Since when it is counted, UTC.
        since -> Timestamp,
    }
}

diesel::table! {
    /// Addresses that get no mail.
    suppressions (id) {
        /// Key.
        id -> BigInt,
        /// Hash of the address, lower-case hexadecimal.
        email_sha256 -> Text,
        /// The address; none where its owner had all data removed.
        email -> Nullable<Text>,
        /// `bounced`, `complained`, `removed`, `by_hand`.
        reason -> Text,
        /// What else there is to say.
        detail -> Text,
        /// UTC.
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// Mails to subscribers.
    letters (id) {
        /// Key.
        id -> BigInt,
        /// `confirmation`, `notice`, `issue`.
        kind -> Text,
        /// Those of a lower rank leave first.
        rank -> Integer,
        /// To whom; none where their data was removed.
        subscriber_id -> Nullable<BigInt>,
        /// What it asks to confirm.
        sign_up_id -> Nullable<BigInt>,
        /// The issue.
        issue_id -> Nullable<BigInt>,
        /// What a notice says, as JSON.
        content -> Nullable<Text>,
        /// `waiting`, `sending`, `sent`, `refused`, `given_up`, `unclear`, `dropped`.
        state -> Text,
        /// How often it was put off.
        tries -> Integer,
        /// When its turn comes, UTC.
        due_at -> Timestamp,
        /// What the mail server said last.
        reply -> Nullable<Text>,
        /// UTC.
        created_at -> Timestamp,
        /// UTC.
        ended_at -> Nullable<Timestamp>,
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
diesel::joinable!(revisions -> articles (article_id));
diesel::joinable!(revisions -> editors (editor_id));
diesel::joinable!(working_copies -> articles (article_id));
diesel::joinable!(working_copies -> editors (editor_id));
diesel::joinable!(working_copies -> issues (issue_id));
diesel::joinable!(article_redirects -> articles (article_id));
diesel::joinable!(preview_links -> articles (article_id));
diesel::joinable!(role_redirects -> roles (role_id));
diesel::joinable!(technology_redirects -> technologies (technology_id));
diesel::joinable!(removed_offers -> sources (source_id));
diesel::joinable!(removed_offers -> roles (role_id));
diesel::joinable!(letters -> subscribers (subscriber_id));
diesel::joinable!(interests -> subscribers (subscriber_id));

diesel::allow_tables_to_appear_in_same_query!(
    sources,
    roles,
    technologies,
    imports,
    candidates,
    offers,
    facts,
    reports,
    role_sources,
    trends,
    articles,
    renditions,
    revisions,
    working_copies,
    article_redirects,
    preview_links,
    versions,
    page_changes,
    announcements,
    editors,
    sessions,
    one_time_links,
    sign_in_failures,
    events,
    import_changes,
    replaced_candidates,
    replaced_offers,
    candidate_edits,
    import_profiles,
    import_jobs,
    import_parts,
    role_redirects,
    technology_redirects,
    removed_offers,
    images,
    secrets,
    subscribers,
    interests,
    sign_ups,
    sign_up_attempts,
    suppressions,
    letters,
    issues,
);
