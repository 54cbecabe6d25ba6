-- A foreign key is checked row by row, which took half the time of an import. Three of them are kept by triggers instead, each
-- once for a statement and all its rows. What they refuse has the error code of a foreign key.

ALTER TABLE candidates DROP CONSTRAINT candidates_source_id_fkey, DROP CONSTRAINT candidates_role_id_fkey;
ALTER TABLE offers DROP CONSTRAINT offers_by_candidate_candidate_id_fkey;

-- What is named exists, and stays until the transaction ends: as for a foreign key, its rows are locked against removal. A row
-- that was removed while its lock was waited for is not among those that were locked.
CREATE FUNCTION candidates_name_what_exists() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named_sources BIGINT[];
    named_roles BIGINT[];
    found BIGINT;
BEGIN
    SELECT array_agg(DISTINCT source_id), array_agg(DISTINCT role_id) INTO named_sources, named_roles FROM arrived;
    PERFORM FROM sources WHERE id = ANY (named_sources) FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found < cardinality(named_sources) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a candidate names a source that does not exist';
    END IF;
    PERFORM FROM roles WHERE id = ANY (named_roles) FOR KEY SHARE;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found < cardinality(named_roles) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a candidate names a role that does not exist';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER candidates_added AFTER INSERT ON candidates REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION candidates_name_what_exists();
CREATE TRIGGER candidates_changed AFTER UPDATE ON candidates REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION candidates_name_what_exists();

-- A candidate that this transaction wrote itself needs no lock: nobody else can remove it. Each is looked up by its key, for a
-- join might go through all candidates.
CREATE FUNCTION offers_name_what_exists() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER offers_added AFTER INSERT ON offers REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION offers_name_what_exists();
CREATE TRIGGER offers_changed AFTER UPDATE ON offers REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION offers_name_what_exists();

-- With a source go its candidates, with a candidate the offers; a role stays while it has candidates.
CREATE FUNCTION sources_take_their_candidates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM candidates WHERE source_id IN (SELECT id FROM gone);
    RETURN NULL;
END
$$;

CREATE TRIGGER sources_removed AFTER DELETE ON sources REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION sources_take_their_candidates();

CREATE FUNCTION candidates_take_their_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM offers WHERE candidate_id IN (SELECT id FROM gone);
    RETURN NULL;
END
$$;

CREATE TRIGGER candidates_removed AFTER DELETE ON candidates REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION candidates_take_their_offers();

CREATE FUNCTION roles_keep_their_candidates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM candidates WHERE role_id IN (SELECT id FROM gone)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'a role that has candidates cannot be removed';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER roles_removed AFTER DELETE ON roles REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION roles_keep_their_candidates();

-- A key that may be named elsewhere does not change, and rows are not thrown away unseen.
CREATE FUNCTION keys_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = format('%s refused: rows of %I are named by their keys', TG_OP, TG_TABLE_NAME);
END
$$;

CREATE TRIGGER sources_keep_their_keys BEFORE UPDATE OF id ON sources
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION keys_stay();
CREATE TRIGGER roles_keep_their_keys BEFORE UPDATE OF id ON roles
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION keys_stay();
CREATE TRIGGER candidates_keep_their_keys BEFORE UPDATE OF id ON candidates
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION keys_stay();
CREATE TRIGGER candidates_are_not_truncated BEFORE TRUNCATE ON candidates
    FOR EACH STATEMENT EXECUTE FUNCTION keys_stay();
