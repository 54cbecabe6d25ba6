DROP TABLE trends;
DROP TABLE reports;
DROP TABLE facts;

CREATE TABLE offers_by_id (
    id INTEGER NOT NULL PRIMARY KEY,
    candidate_id BIGINT NOT NULL REFERENCES candidates (id) ON DELETE CASCADE,
    source_id BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    source_key TEXT CHECK (source_key <> ''),
    monthly_usd INTEGER NOT NULL CHECK (monthly_usd BETWEEN 1 AND 999999),
    offered_on DATE NOT NULL CHECK (offered_on >= '1990-01-01'),
    status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'rejected')),
    UNIQUE (source_id, source_key)
);

INSERT INTO offers_by_id (candidate_id, source_id, source_key, monthly_usd, offered_on, status)
SELECT candidate_id, source_id, source_key, monthly_usd, offered_on, status FROM offers ORDER BY candidate_id, number;

DROP TABLE offers;

ALTER TABLE offers_by_id RENAME TO offers;

CREATE INDEX offers_of_candidate ON offers (candidate_id);

CREATE TABLE candidate_technologies (
    candidate_id BIGINT NOT NULL REFERENCES candidates (id) ON DELETE CASCADE,
    technology_id BIGINT NOT NULL REFERENCES technologies (id) ON DELETE RESTRICT,
    PRIMARY KEY (candidate_id, technology_id)
) WITHOUT ROWID;

INSERT INTO candidate_technologies
SELECT candidates.id, known.value FROM candidates, json_each(candidates.technologies) AS known;

CREATE INDEX candidates_of_technology ON candidate_technologies (technology_id, candidate_id);

ALTER TABLE candidates DROP COLUMN technologies;
