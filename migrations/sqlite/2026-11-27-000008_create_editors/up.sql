CREATE TABLE editors (
    id INTEGER NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE CHECK (email <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    role TEXT NOT NULL CHECK (role IN ('admin', 'editor')),
    password_hash TEXT CHECK (password_hash LIKE '$argon2id$%'),
    created_at TIMESTAMP NOT NULL,
    disabled_at TIMESTAMP
);

CREATE TABLE sessions (
    id INTEGER NOT NULL PRIMARY KEY,
    editor_id BIGINT NOT NULL REFERENCES editors (id) ON DELETE CASCADE,
    token_sha256 TEXT NOT NULL UNIQUE CHECK (length(token_sha256) = 64),
    device TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX sessions_of_editor ON sessions (editor_id);

CREATE TABLE one_time_links (
    id INTEGER NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('first_administrator', 'invitation', 'password')),
    editor_id BIGINT REFERENCES editors (id) ON DELETE CASCADE,
    token_sha256 TEXT NOT NULL UNIQUE CHECK (length(token_sha256) = 64),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    CHECK ((purpose = 'first_administrator') = (editor_id IS NULL))
);

CREATE INDEX one_time_links_of_editor ON one_time_links (editor_id);

-- Whose password was wrong lately: an account or an address, as a hash, so that what was typed is not kept.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY CHECK (length(subject) = 64),
    failures INTEGER NOT NULL CHECK (failures > 0),
    last_at TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY,
    happened_at TIMESTAMP NOT NULL,
    editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL,
    did TEXT NOT NULL CHECK (did <> ''),
    thing TEXT NOT NULL CHECK (thing <> ''),
    thing_id BIGINT NOT NULL,
    name TEXT NOT NULL
);

CREATE INDEX events_by_time ON events (happened_at);
CREATE INDEX events_of_editor ON events (editor_id, happened_at);
CREATE INDEX events_of_thing ON events (thing, thing_id);
