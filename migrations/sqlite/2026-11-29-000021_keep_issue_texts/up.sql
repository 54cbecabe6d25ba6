-- What editors have typed into issues of the newsletter and not saved is kept as that of articles is.
ALTER TABLE working_copies ADD COLUMN thing TEXT NOT NULL DEFAULT 'article' CHECK (thing IN ('article', 'issue'));
-- None: an issue that was never saved, or an article.
ALTER TABLE working_copies ADD COLUMN issue_id BIGINT REFERENCES issues (id) ON DELETE CASCADE;

CREATE INDEX working_copies_of_issue ON working_copies (issue_id);
CREATE UNIQUE INDEX working_copies_of_issues_in_use ON working_copies (issue_id, editor_id) WHERE discarded_at IS NULL;
