-- A block of packed facts is of 16,384 keys from now on instead of 4,096, so that more candidates with the same profile stand
-- together: all is derived anew.
DELETE FROM trends;
DELETE FROM reports;
DELETE FROM facts;
