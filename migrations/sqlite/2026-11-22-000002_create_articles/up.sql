CREATE TABLE articles (
    id INTEGER NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    title TEXT NOT NULL CHECK (title <> ''),
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
    published_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL CHECK (updated_at >= published_at)
);

CREATE INDEX articles_of_role ON articles (role_id, position);
CREATE INDEX articles_of_technology ON articles (technology_id, position);
CREATE INDEX articles_newest ON articles (published_at);
