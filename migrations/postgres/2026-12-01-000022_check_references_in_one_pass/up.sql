-- Many candidates name few sources and roles: they are gathered in one pass over what arrived. Each of the two lists was made by
-- sorting it all.
-- What is named exists, and stays until the transaction ends: as for a foreign key, its rows are locked against removal. A row
-- that was removed while its lock was waited for is not among those that were locked.
CREATE OR REPLACE FUNCTION candidates_name_what_exists() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named_sources BIGINT[];
    named_roles BIGINT[];
    found BIGINT;
BEGIN
    SELECT array_agg(DISTINCT source_id), array_agg(DISTINCT role_id) INTO named_sources, named_roles
        FROM (SELECT DISTINCT source_id, role_id FROM arrived) AS named;
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
