-- Blocks are as large as they were, all is derived anew.
DELETE FROM trends;
DELETE FROM reports;
DELETE FROM facts;
