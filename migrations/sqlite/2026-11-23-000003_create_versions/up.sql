CREATE TABLE versions (
    topic TEXT NOT NULL PRIMARY KEY CHECK (topic <> ''),
    version BIGINT NOT NULL CHECK (version > 0)
);
