-- Who imported, how, what came of it, and what is needed to take it back.
ALTER TABLE imports ADD COLUMN editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL;
ALTER TABLE imports ADD COLUMN profile TEXT;
ALTER TABLE imports ADD COLUMN report TEXT;
ALTER TABLE imports ADD COLUMN replaces BOOLEAN NOT NULL DEFAULT FALSE;
-- The keys of the candidates that it added.
ALTER TABLE imports ADD COLUMN first_candidate BIGINT;
ALTER TABLE imports ADD COLUMN last_candidate BIGINT;
-- Whether what it changed and removed is written down; it is not of imports before this migration.
ALTER TABLE imports ADD COLUMN journal TEXT NOT NULL DEFAULT 'missing'
    CHECK (journal IN ('missing', 'kept', 'forgotten'));
ALTER TABLE imports ADD COLUMN replaced_by BIGINT REFERENCES imports (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE imports ADD COLUMN undone_at TIMESTAMP;
ALTER TABLE imports ADD COLUMN undone_by BIGINT REFERENCES editors (id) ON DELETE SET NULL;

CREATE INDEX imports_of_editor ON imports (editor_id);
CREATE INDEX imports_undone_by ON imports (undone_by);
CREATE INDEX imports_replaced_by ON imports (replaced_by);

-- What an import did to rows that were there before it, in the order in which it did so.
CREATE TABLE import_changes (
    import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind IN ('candidate_changed', 'candidate_removed', 'offer_added', 'offer_changed', 'offer_removed')
    ),
    candidate_id BIGINT NOT NULL,
    -- Which of the candidate's offers it is, where it is one.
    number BIGINT,
    -- The row as it was: JSON.
    former TEXT,
    PRIMARY KEY (import_id, position)
) WITHOUT ROWID;

CREATE INDEX import_changes_of_candidate ON import_changes (candidate_id);

-- Rows that made way for those of an import. The keys of candidates are never given twice.
CREATE TABLE replaced_candidates (
    id INTEGER NOT NULL PRIMARY KEY,
    import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    source_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    source_key TEXT,
    seniority TEXT,
    experience_years DOUBLE,
    country TEXT,
    english TEXT,
    monthly_usd INTEGER,
    technologies TEXT NOT NULL
);

CREATE INDEX replaced_candidates_of_import ON replaced_candidates (import_id);

CREATE TABLE replaced_offers (
    candidate_id BIGINT NOT NULL REFERENCES replaced_candidates (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    source_key TEXT,
    monthly_usd INTEGER NOT NULL,
    offered_on DATE NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (candidate_id, number)
) WITHOUT ROWID;

-- Candidates whom an editor changed, removed, or gave or took an offer, by hand.
CREATE TABLE candidate_edits (
    candidate_id BIGINT NOT NULL PRIMARY KEY,
    edited_at TIMESTAMP NOT NULL
);

-- How to read files, under names that editors gave.
CREATE TABLE import_profiles (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    profile TEXT NOT NULL,
    editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL,
    saved_at TIMESTAMP NOT NULL,
    removed_at TIMESTAMP
);

CREATE UNIQUE INDEX import_profiles_by_name ON import_profiles (name) WHERE removed_at IS NULL;
CREATE INDEX import_profiles_of_editor ON import_profiles (editor_id);

-- Files on their way into the site, and imports on their way out of it.
CREATE TABLE import_jobs (
    id INTEGER NOT NULL PRIMARY KEY,
    task TEXT NOT NULL CHECK (task IN ('dry_run', 'import', 'undo')),
    state TEXT NOT NULL CHECK (
        state IN ('uploaded', 'mapped', 'waiting', 'running', 'done', 'failed', 'cancelled')
    ),
    file_name TEXT NOT NULL,
    -- What was found in the file, and how it is read: JSON.
    findings TEXT,
    mapping TEXT,
    report TEXT,
    -- Why it failed, or waits: a sentence.
    message TEXT,
    -- What it made, or takes back.
    import_id BIGINT REFERENCES imports (id) ON DELETE CASCADE,
    editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL,
    -- Of the file's bytes, or of an undo's steps, how many are behind it.
    done_units BIGINT NOT NULL DEFAULT 0,
    all_units BIGINT NOT NULL,
    done_rows BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    -- When somebody asked to end it.
    cancelled_at TIMESTAMP
);

CREATE INDEX import_jobs_of_import ON import_jobs (import_id);
CREATE INDEX import_jobs_of_editor ON import_jobs (editor_id);
CREATE INDEX import_jobs_by_state ON import_jobs (state);

-- On PostgreSQL, the bytes of uploaded files and of their rejected rows, so that every instance has them.
CREATE TABLE import_parts (
    job_id BIGINT NOT NULL REFERENCES import_jobs (id) ON DELETE CASCADE,
    file TEXT NOT NULL CHECK (file IN ('uploaded', 'rejected')),
    number BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (job_id, file, number)
);
