-- The offers of an import name candidates whose keys follow one another. Where each key between the lowest and the highest is
-- of a candidate that this transaction wrote itself, all that are named exist, and nobody else can remove them: that is one walk
-- along the index, and not a look-up for each candidate.
-- A candidate that this transaction wrote itself needs no lock: nobody else can remove it. Each is looked up by its key, for a
-- join might go through all candidates.
CREATE OR REPLACE FUNCTION offers_name_what_exists() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    writer xid := pg_current_xact_id()::xid;
    named BIGINT;
    own BIGINT;
    others BIGINT;
    lowest BIGINT;
    highest BIGINT;
BEGIN
    SELECT min(candidate_id), max(candidate_id) INTO lowest, highest FROM arrived;
    IF highest - lowest < 100000 THEN
        SELECT count(*) INTO own FROM candidates WHERE id BETWEEN lowest AND highest AND xmin = writer;
        IF own = highest - lowest + 1 THEN
            RETURN NULL;
        END IF;
    END IF;
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
