-- Slugs that a role had before, or that a role had which was merged into it. None of them is the slug of a role.
CREATE TABLE role_redirects (
    slug TEXT NOT NULL PRIMARY KEY CHECK (slug <> ''),
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX role_redirects_of_role ON role_redirects (role_id);

-- The same of technologies.
CREATE TABLE technology_redirects (
    slug TEXT NOT NULL PRIMARY KEY CHECK (slug <> ''),
    technology_id BIGINT NOT NULL REFERENCES technologies (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX technology_redirects_of_technology ON technology_redirects (technology_id);

-- Offers that an editor removed, with their candidates as they were then, and candidates without an offer: what it takes to
-- put them back.
CREATE TABLE removed_offers (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    removed_at TIMESTAMP NOT NULL,
    -- The candidate's key, which no other candidate gets as long as it stands here.
    candidate_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    candidate_key TEXT CHECK (candidate_key <> ''),
    seniority TEXT CHECK (seniority IN ('junior', 'middle', 'senior', 'expert')),
    experience_years DOUBLE CHECK (experience_years BETWEEN 0 AND 100),
    country TEXT CHECK (length(country) = 2),
    english TEXT CHECK (english IN ('none', 'a1', 'a2', 'b1', 'b2', 'c1', 'c2')),
    expected_monthly_usd INTEGER CHECK (expected_monthly_usd BETWEEN 1 AND 999999),
    technologies TEXT NOT NULL,
    number BIGINT CHECK (number > 0),
    offer_key TEXT CHECK (offer_key <> ''),
    monthly_usd INTEGER CHECK (monthly_usd BETWEEN 1 AND 999999),
    offered_on DATE CHECK (offered_on >= '1990-01-01'),
    status TEXT CHECK (status IN ('open', 'accepted', 'rejected')),
    CHECK ((number IS NULL) = (monthly_usd IS NULL)),
    CHECK ((number IS NULL) = (offered_on IS NULL)),
    CHECK ((number IS NULL) = (status IS NULL))
);

CREATE INDEX removed_offers_of_source ON removed_offers (source_id);
CREATE INDEX removed_offers_of_role ON removed_offers (role_id);
CREATE INDEX removed_offers_of_candidate ON removed_offers (candidate_id);
CREATE INDEX removed_offers_by_time ON removed_offers (removed_at);
