-- A candidate's technologies stand in the candidate's own row: keys in ascending order as a JSON array.
ALTER TABLE candidates ADD COLUMN technologies TEXT NOT NULL DEFAULT '[]';

UPDATE candidates SET technologies = known.technologies
FROM (
    SELECT candidate_id, '[' || string_agg(technology_id::text, ',' ORDER BY technology_id) || ']' AS technologies
    FROM candidate_technologies
    GROUP BY candidate_id
) AS known
WHERE candidates.id = known.candidate_id;

DROP TABLE candidate_technologies;

-- Offers are found by their candidate.
CREATE TABLE offers_by_candidate (
    candidate_id BIGINT NOT NULL REFERENCES candidates (id) ON DELETE CASCADE,
    number BIGINT NOT NULL CHECK (number > 0),
    source_id BIGINT NOT NULL,
    source_key TEXT CHECK (source_key <> ''),
    monthly_usd INTEGER NOT NULL CHECK (monthly_usd BETWEEN 1 AND 999999),
    offered_on DATE NOT NULL CHECK (offered_on >= '1990-01-01'),
    status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'rejected')),
    PRIMARY KEY (candidate_id, number)
);

INSERT INTO offers_by_candidate
SELECT candidate_id, row_number() OVER (PARTITION BY candidate_id ORDER BY id), source_id, source_key, monthly_usd,
    offered_on, status
FROM offers
ORDER BY candidate_id, id;

DROP TABLE offers;

ALTER TABLE offers_by_candidate RENAME TO offers;
ALTER INDEX offers_by_candidate_pkey RENAME TO offers_pkey;

CREATE UNIQUE INDEX offers_by_key ON offers (source_id, source_key) WHERE source_key IS NOT NULL;

-- Derived: what figures ask of the candidates of a role, block by block of 4,096 keys.
CREATE TABLE facts (
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    block BIGINT NOT NULL,
    packed BYTEA NOT NULL,
    PRIMARY KEY (role_id, block)
);

-- Packed already: compressing it would cost time and save nothing.
ALTER TABLE facts ALTER COLUMN packed SET STORAGE EXTERNAL;

CREATE INDEX facts_of_block ON facts (block);

-- Derived: what pages show of a role, of its technologies (0 for none), and of single filters.
CREATE TABLE reports (
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    technology_id BIGINT NOT NULL,
    filter TEXT NOT NULL,
    candidates BIGINT NOT NULL,
    offers BIGINT NOT NULL,
    findings BYTEA NOT NULL,
    extent BYTEA,
    history BYTEA,
    PRIMARY KEY (role_id, technology_id, filter)
);

ALTER TABLE reports ALTER COLUMN findings SET STORAGE EXTERNAL;

CREATE INDEX reports_of_technology ON reports (technology_id, filter);

-- Derived: technologies over all roles, in the twelve months up to the newest counted offer and in those before.
CREATE TABLE trends (
    technology_id BIGINT NOT NULL PRIMARY KEY REFERENCES technologies (id) ON DELETE CASCADE,
    offers BIGINT NOT NULL,
    candidates BIGINT NOT NULL,
    former_offers BIGINT,
    former_candidates BIGINT
);
