-- Derived: how much a role has of each source.
CREATE TABLE role_sources (
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    source_id BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    candidates BIGINT NOT NULL,
    offers BIGINT NOT NULL,
    -- The first day of it.
    newest_month DATE,
    PRIMARY KEY (role_id, source_id)
);

CREATE INDEX role_sources_of_source ON role_sources (source_id);

-- It comes with everything else that is derived, anew.
DELETE FROM trends;
DELETE FROM reports;
DELETE FROM facts;
