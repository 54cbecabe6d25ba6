-- Derived: the texts of articles as pages show them, so that only writing one renders it.
CREATE TABLE renditions (
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    place TEXT NOT NULL CHECK (place IN ('own_page', 'embedded')),
    -- Which of the program's ways to render it is.
    format INTEGER NOT NULL,
    html TEXT NOT NULL,
    -- The headings: a JSON array.
    contents TEXT NOT NULL,
    PRIMARY KEY (article_id, place)
);

-- Lists of technologies in reports have another order from now on: all is derived anew.
DELETE FROM trends;
DELETE FROM reports;
DELETE FROM facts;
