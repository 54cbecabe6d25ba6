-- SQLite keeps its foreign keys: checking them takes little of an import. On PostgreSQL three of them become triggers.
SELECT 1;
