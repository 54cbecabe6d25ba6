CREATE TABLE sources (
    id INTEGER NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    url TEXT,
    licence TEXT,
    pay TEXT NOT NULL CHECK (pay IN ('gross', 'net'))
);

CREATE TABLE roles (
    id INTEGER NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    job_title TEXT NOT NULL CHECK (job_title <> '')
);

CREATE TABLE technologies (
    id INTEGER NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    name TEXT NOT NULL CHECK (name <> '')
);

CREATE TABLE imports (
    id INTEGER NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    rows_read BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    replaced_at TIMESTAMP,
    CHECK (rows_read = accepted + skipped + rejected)
);

CREATE INDEX imports_of_source ON imports (source_id, sha256);

CREATE TABLE candidates (
    id INTEGER NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE RESTRICT,
    source_key TEXT CHECK (source_key <> ''),
    seniority TEXT CHECK (seniority IN ('junior', 'middle', 'senior', 'expert')),
    experience_years DOUBLE CHECK (experience_years BETWEEN 0 AND 100),
    country TEXT CHECK (length(country) = 2),
    english TEXT CHECK (english IN ('none', 'a1', 'a2', 'b1', 'b2', 'c1', 'c2')),
    monthly_usd INTEGER CHECK (monthly_usd BETWEEN 1 AND 999999),
    UNIQUE (source_id, source_key, role_id)
);

CREATE INDEX candidates_of_role ON candidates (role_id);

CREATE TABLE candidate_technologies (
    candidate_id BIGINT NOT NULL REFERENCES candidates (id) ON DELETE CASCADE,
    technology_id BIGINT NOT NULL REFERENCES technologies (id) ON DELETE RESTRICT,
    PRIMARY KEY (candidate_id, technology_id)
) WITHOUT ROWID;

CREATE INDEX candidates_of_technology ON candidate_technologies (technology_id, candidate_id);

CREATE TABLE offers (
    id INTEGER NOT NULL PRIMARY KEY,
    candidate_id BIGINT NOT NULL REFERENCES candidates (id) ON DELETE CASCADE,
    source_id BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    source_key TEXT CHECK (source_key <> ''),
    monthly_usd INTEGER NOT NULL CHECK (monthly_usd BETWEEN 1 AND 999999),
    offered_on DATE NOT NULL CHECK (offered_on >= '1990-01-01'),
    status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'rejected')),
    UNIQUE (source_id, source_key)
);

CREATE INDEX offers_of_candidate ON offers (candidate_id);
