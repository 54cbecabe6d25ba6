-- When the change was made, UTC. Those made before have the time of this migration.
ALTER TABLE versions ADD COLUMN changed_at TIMESTAMP NOT NULL DEFAULT (now() AT TIME ZONE 'UTC');
ALTER TABLE versions ALTER COLUMN changed_at DROP DEFAULT;

-- What a page that search engines may list shows, as a hash, and when that last changed, UTC.
CREATE TABLE page_changes (
    path TEXT NOT NULL PRIMARY KEY CHECK (path <> ''),
    content_hash BIGINT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    -- The number of the change as of which that was recorded.
    version BIGINT NOT NULL
);
