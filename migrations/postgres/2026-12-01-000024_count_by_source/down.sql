DROP TABLE role_sources;
