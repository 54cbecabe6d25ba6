-- What the site signs with: links in mails, and the time at which a form was asked for.
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL CHECK (length(value) = 64)
) WITHOUT ROWID;

INSERT INTO secrets (name, value) VALUES ('links', lower(hex(randomblob(32))));

-- Issues of the newsletter.
CREATE TABLE issues (
    id INTEGER NOT NULL PRIMARY KEY,
    -- Name in the address of its public page.
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    title TEXT NOT NULL CHECK (title <> ''),
    summary TEXT NOT NULL,
    -- Markdown.
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'sending', 'paused', 'cancelled', 'sent')),
    -- Counts its saves, from 1.
    revision BIGINT NOT NULL CHECK (revision > 0),
    -- Only those who want to hear of it; all who want every issue where neither is named.
    role_id BIGINT REFERENCES roles (id) ON DELETE SET NULL,
    technology_id BIGINT REFERENCES technologies (id) ON DELETE SET NULL,
    editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    scheduled_at TIMESTAMP,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    -- As it was when sending began: on its page, in mails as HTML and as text.
    page_html TEXT,
    mail_html TEXT,
    mail_text TEXT,
    CHECK (state <> 'scheduled' OR scheduled_at IS NOT NULL),
    CHECK (state IN ('draft', 'scheduled')
        OR (started_at IS NOT NULL AND page_html IS NOT NULL AND mail_html IS NOT NULL AND mail_text IS NOT NULL))
);

CREATE INDEX issues_by_state ON issues (state, scheduled_at);
CREATE INDEX issues_by_start ON issues (started_at);
CREATE INDEX issues_in_role ON issues (role_id);
CREATE INDEX issues_in_technology ON issues (technology_id);
CREATE INDEX issues_of_editor ON issues (editor_id);

CREATE TABLE subscribers (
    id INTEGER NOT NULL PRIMARY KEY,
    email TEXT NOT NULL CHECK (email <> ''),
    -- The same for every spelling of one address.
    email_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'confirmed', 'left', 'bounced', 'complained')),
    wants_issues BOOLEAN NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('form', 'import')),
    created_at TIMESTAMP NOT NULL,
    -- When they agreed last, and to which wording.
    consented_at TIMESTAMP,
    form_version INTEGER,
    left_at TIMESTAMP,
    -- The issue whose link they left by.
    left_by_issue_id BIGINT REFERENCES issues (id) ON DELETE SET NULL,
    CHECK (state <> 'confirmed' OR consented_at IS NOT NULL),
    CHECK (state <> 'left' OR left_at IS NOT NULL)
);

CREATE INDEX subscribers_by_state ON subscribers (state, created_at);
CREATE INDEX subscribers_by_consent ON subscribers (consented_at);
CREATE INDEX subscribers_left_by_issue ON subscribers (left_by_issue_id);
CREATE INDEX subscribers_by_leaving ON subscribers (left_at);

-- The roles and technologies whose changes somebody wants to hear of.
CREATE TABLE interests (
    id INTEGER NOT NULL PRIMARY KEY,
    subscriber_id BIGINT NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    role_id BIGINT REFERENCES roles (id) ON DELETE CASCADE,
    technology_id BIGINT REFERENCES technologies (id) ON DELETE CASCADE,
    -- What they were told last, or what was so when they came: doubled USD a month, and offers.
    told_at TIMESTAMP,
    told_median BIGINT,
    told_low BIGINT,
    told_high BIGINT,
    told_offers BIGINT,
    CHECK (role_id IS NOT NULL OR technology_id IS NOT NULL)
);

CREATE UNIQUE INDEX interests_once ON interests (subscriber_id, coalesce(role_id, 0), coalesce(technology_id, 0));
CREATE INDEX interests_in_role ON interests (role_id);
CREATE INDEX interests_in_technology ON interests (technology_id);

-- Each time somebody asked to be subscribed: what they agree to by confirming it.
CREATE TABLE sign_ups (
    id INTEGER NOT NULL PRIMARY KEY,
    subscriber_id BIGINT NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    wants_issues BOOLEAN NOT NULL,
    role_id BIGINT REFERENCES roles (id) ON DELETE SET NULL,
    technology_id BIGINT REFERENCES technologies (id) ON DELETE SET NULL,
    -- The page that the form stood on.
    page TEXT NOT NULL,
    form_version INTEGER NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP
);

CREATE INDEX sign_ups_of_subscriber ON sign_ups (subscriber_id, requested_at);
CREATE INDEX sign_ups_in_role ON sign_ups (role_id);
CREATE INDEX sign_ups_in_technology ON sign_ups (technology_id);
CREATE INDEX sign_ups_by_time ON sign_ups (requested_at);

-- How often forms came from an address lately, as a hash.
CREATE TABLE sign_up_attempts (
    subject TEXT NOT NULL PRIMARY KEY CHECK (length(subject) = 64),
    attempts INTEGER NOT NULL CHECK (attempts > 0),
    since TIMESTAMP NOT NULL
) WITHOUT ROWID;

-- Addresses that get no mail, whatever lists say. Of those who had their data removed only the hash is kept.
CREATE TABLE suppressions (
    id INTEGER NOT NULL PRIMARY KEY,
    email_sha256 TEXT NOT NULL UNIQUE CHECK (length(email_sha256) = 64),
    email TEXT CHECK (email IS NULL OR reason <> 'removed'),
    reason TEXT NOT NULL CHECK (reason IN ('bounced', 'complained', 'removed', 'by_hand')),
    detail TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE INDEX suppressions_by_time ON suppressions (created_at);

-- Mails to subscribers: those that wait, and what became of the others. The one that is on its way says so before it
-- leaves, so that it never leaves twice.
CREATE TABLE letters (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('confirmation', 'notice', 'issue')),
    -- Those of a lower rank leave first.
    rank INTEGER NOT NULL,
    subscriber_id BIGINT REFERENCES subscribers (id) ON DELETE SET NULL,
    sign_up_id BIGINT REFERENCES sign_ups (id) ON DELETE SET NULL,
    issue_id BIGINT REFERENCES issues (id) ON DELETE CASCADE,
    -- What a notice says: JSON.
    content TEXT,
    state TEXT NOT NULL CHECK (
        state IN ('waiting', 'sending', 'sent', 'refused', 'given_up', 'unclear', 'dropped')
    ),
    tries INTEGER NOT NULL DEFAULT 0,
    due_at TIMESTAMP NOT NULL,
    -- What the mail server said last.
    reply TEXT,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

CREATE INDEX letters_in_state ON letters (state, rank, due_at);
-- Nobody gets an issue twice.
CREATE UNIQUE INDEX letters_once_an_issue ON letters (issue_id, subscriber_id);
CREATE INDEX letters_of_subscriber ON letters (subscriber_id);
CREATE INDEX letters_of_sign_up ON letters (sign_up_id);
