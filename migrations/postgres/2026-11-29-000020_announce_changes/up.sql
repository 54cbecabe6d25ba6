-- Pages that changed and of which search engines have not been told yet.
CREATE TABLE announcements (
    path TEXT NOT NULL PRIMARY KEY CHECK (path <> ''),
    -- The number of the change after which it was noted.
    version BIGINT NOT NULL,
    -- How often it was tried in vain.
    tries INTEGER NOT NULL CHECK (tries >= 0),
    -- When it is tried next, UTC.
    due_at TIMESTAMP NOT NULL
);

CREATE INDEX announcements_by_time ON announcements (due_at);
