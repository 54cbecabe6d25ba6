DROP INDEX working_copies_of_issues_in_use;
DROP INDEX working_copies_of_issue;
DELETE FROM working_copies WHERE thing <> 'article';
ALTER TABLE working_copies DROP COLUMN issue_id;
ALTER TABLE working_copies DROP COLUMN thing;
