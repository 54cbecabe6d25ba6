DROP TABLE import_parts;
DROP TABLE import_jobs;
DROP TABLE import_profiles;
DROP TABLE candidate_edits;
DROP TRIGGER imports_removed ON imports;
DROP FUNCTION imports_take_what_they_replaced;
DROP TABLE replaced_offers;
DROP TABLE replaced_candidates;
DROP FUNCTION replaced_candidates_take_their_offers;
DROP TABLE import_changes;

DROP INDEX imports_replaced_by;
DROP INDEX imports_undone_by;
DROP INDEX imports_of_editor;

-- What was undone was imported nevertheless, but its rows are gone, as if replaced.
UPDATE imports SET replaced_at = undone_at WHERE undone_at IS NOT NULL;

ALTER TABLE imports DROP COLUMN undone_by;
ALTER TABLE imports DROP COLUMN undone_at;
ALTER TABLE imports DROP COLUMN replaced_by;
ALTER TABLE imports DROP COLUMN journal;
ALTER TABLE imports DROP COLUMN last_candidate;
ALTER TABLE imports DROP COLUMN first_candidate;
ALTER TABLE imports DROP COLUMN replaces;
ALTER TABLE imports DROP COLUMN report;
ALTER TABLE imports DROP COLUMN profile;
ALTER TABLE imports DROP COLUMN editor_id;
