-- Packed as it was before, all is derived anew.
DELETE FROM trends;
DELETE FROM reports;
DELETE FROM facts;
