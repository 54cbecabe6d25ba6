DROP TABLE page_changes;
ALTER TABLE versions DROP COLUMN changed_at;
