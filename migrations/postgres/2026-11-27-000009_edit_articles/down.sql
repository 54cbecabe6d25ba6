-- What visitors did not see is lost on the way back: it would be published.
DROP TABLE preview_links;
DROP TABLE article_redirects;
DROP TABLE working_copies;
DROP TABLE revisions;

DELETE FROM articles WHERE state <> 'published' OR removed_at IS NOT NULL;

ALTER TABLE articles
    DROP COLUMN seo_title,
    DROP COLUMN cover_image_id,
    DROP COLUMN state,
    DROP COLUMN revision,
    DROP COLUMN removed_at,
    ALTER COLUMN published_at SET NOT NULL,
    ADD CHECK (updated_at >= published_at);
