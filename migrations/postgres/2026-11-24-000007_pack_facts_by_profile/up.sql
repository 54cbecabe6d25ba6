-- Candidates with the same profile stand together in packed facts from now on: all is derived anew.
DELETE FROM trends;
DELETE FROM reports;
DELETE FROM facts;
