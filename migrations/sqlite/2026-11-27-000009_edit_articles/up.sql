-- Articles have states, revisions and a bin. A column that may be empty from now on needs the table built anew; the
-- renditions of its rows would go with it.
CREATE TABLE renditions_kept AS SELECT * FROM renditions;

CREATE TABLE articles_with_states (
    id INTEGER NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    title TEXT NOT NULL CHECK (title <> ''),
    -- For search engines; empty where the title serves them too.
    seo_title TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind IN ('guide', 'use_cases', 'alternatives', 'quick_facts', 'seniority', 'tech_stack', 'news')
    ),
    role_id BIGINT REFERENCES roles (id) ON DELETE SET NULL,
    technology_id BIGINT REFERENCES technologies (id) ON DELETE SET NULL,
    position INTEGER NOT NULL,
    author TEXT NOT NULL CHECK (author <> ''),
    summary TEXT NOT NULL,
    description TEXT NOT NULL,
    body TEXT NOT NULL,
    cover_image_id BIGINT,
    state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'published', 'withdrawn')),
    -- Counts every save.
    revision BIGINT NOT NULL CHECK (revision > 0),
    published_at TIMESTAMP CHECK ((state = 'draft') = (published_at IS NULL)),
    updated_at TIMESTAMP NOT NULL CHECK (state <> 'published' OR updated_at >= published_at),
    -- When it was put into the bin.
    removed_at TIMESTAMP
);

INSERT INTO articles_with_states
SELECT
    id, slug, title, '', kind, role_id, technology_id, position, author, summary, description, body, NULL, 'published', 1,
    published_at, updated_at, NULL
FROM articles;

DROP TABLE articles;
ALTER TABLE articles_with_states RENAME TO articles;

CREATE INDEX articles_of_role ON articles (role_id, position);
CREATE INDEX articles_of_technology ON articles (technology_id, position);
CREATE INDEX articles_newest ON articles (published_at);
CREATE INDEX articles_of_cover ON articles (cover_image_id);

INSERT INTO renditions SELECT * FROM renditions_kept;
DROP TABLE renditions_kept;

-- Every saved state of an article.
CREATE TABLE revisions (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number BIGINT NOT NULL CHECK (number > 0),
    -- Who saved it; none where the program itself did.
    editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL,
    saved_at TIMESTAMP NOT NULL,
    name TEXT CHECK (name <> ''),
    state TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'published', 'withdrawn')),
    published_at TIMESTAMP,
    slug TEXT NOT NULL CHECK (slug <> ''),
    title TEXT NOT NULL CHECK (title <> ''),
    seo_title TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (
        kind IN ('guide', 'use_cases', 'alternatives', 'quick_facts', 'seniority', 'tech_stack', 'news')
    ),
    role_id BIGINT REFERENCES roles (id) ON DELETE SET NULL,
    technology_id BIGINT REFERENCES technologies (id) ON DELETE SET NULL,
    position INTEGER NOT NULL,
    author TEXT NOT NULL CHECK (author <> ''),
    summary TEXT NOT NULL,
    description TEXT NOT NULL,
    body TEXT NOT NULL,
    cover_image_id BIGINT,
    PRIMARY KEY (article_id, number)
);

CREATE INDEX revisions_of_editor ON revisions (editor_id);
CREATE INDEX revisions_of_role ON revisions (role_id);
CREATE INDEX revisions_of_technology ON revisions (technology_id);

-- What is already there is the first revision of itself.
INSERT INTO revisions (
    article_id, number, saved_at, state, published_at, slug, title, seo_title, kind, role_id, technology_id, position,
    author, summary, description, body
)
SELECT
    id, revision, updated_at, state, published_at, slug, title, seo_title, kind, role_id, technology_id, position, author,
    summary, description, body
FROM articles;

-- What editors have typed and not saved.
CREATE TABLE working_copies (
    id INTEGER NOT NULL PRIMARY KEY,
    -- None: an article that was never saved.
    article_id BIGINT REFERENCES articles (id) ON DELETE CASCADE,
    editor_id BIGINT NOT NULL REFERENCES editors (id) ON DELETE CASCADE,
    -- What was typed: a JSON object with a text for each field.
    fields TEXT NOT NULL,
    -- The revision that the typing began with; 0 for an article that was never saved.
    base_revision BIGINT NOT NULL CHECK (base_revision >= 0),
    saved_at TIMESTAMP NOT NULL,
    discarded_at TIMESTAMP
);

CREATE INDEX working_copies_of_article ON working_copies (article_id);
CREATE INDEX working_copies_of_editor ON working_copies (editor_id);
CREATE UNIQUE INDEX working_copies_in_use ON working_copies (article_id, editor_id) WHERE discarded_at IS NULL;

-- Former slugs of articles that visitors have seen.
CREATE TABLE article_redirects (
    slug TEXT NOT NULL PRIMARY KEY CHECK (slug <> ''),
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE
);

CREATE INDEX article_redirects_to ON article_redirects (article_id);

-- Links that show an article to whoever has them, for some days.
CREATE TABLE preview_links (
    -- SHA-256 of the token in its address, lower-case hexadecimal.
    token_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(token_sha256) = 64),
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL,
    expires_at TIMESTAMP NOT NULL
);

CREATE INDEX preview_links_of_article ON preview_links (article_id);
CREATE INDEX preview_links_of_editor ON preview_links (editor_id);
