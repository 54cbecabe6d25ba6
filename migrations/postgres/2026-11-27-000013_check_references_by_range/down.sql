-- A candidate that this transaction wrote itself needs no lock: nobody else can remove it. Each is looked up by its key, for a
-- join might go through all candidates.
CREATE OR REPLACE FUNCTION offers_name_what_exists() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    writer xid := pg_current_xact_id()::xid;
    named BIGINT;
    own BIGINT;
    others BIGINT;
BEGIN
    SELECT count(*), count(*) FILTER (WHERE written_by = writer) INTO named, own FROM (
        SELECT (SELECT xmin FROM candidates WHERE id = candidate_id) AS written_by
        FROM (SELECT DISTINCT candidate_id FROM arrived) AS named_candidates
    ) AS written;
    IF own < named THEN
        PERFORM FROM candidates
            WHERE id IN (SELECT candidate_id FROM arrived) AND xmin <> writer FOR KEY SHARE;
        GET DIAGNOSTICS others = ROW_COUNT;
        IF own + others < named THEN
            RAISE foreign_key_violation USING MESSAGE = 'an offer names a candidate that does not exist';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
