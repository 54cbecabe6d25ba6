DROP TABLE offers;
DROP TABLE candidate_technologies;
DROP TABLE candidates;
DROP TABLE imports;
DROP TABLE technologies;
DROP TABLE roles;
DROP TABLE sources;
