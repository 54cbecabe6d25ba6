DROP TRIGGER candidates_are_not_truncated ON candidates;
DROP TRIGGER candidates_keep_their_keys ON candidates;
DROP TRIGGER roles_keep_their_keys ON roles;
DROP TRIGGER sources_keep_their_keys ON sources;
DROP TRIGGER roles_removed ON roles;
DROP TRIGGER candidates_removed ON candidates;
DROP TRIGGER sources_removed ON sources;
DROP TRIGGER offers_changed ON offers;
DROP TRIGGER offers_added ON offers;
DROP TRIGGER candidates_changed ON candidates;
DROP TRIGGER candidates_added ON candidates;

DROP FUNCTION keys_stay, roles_keep_their_candidates, candidates_take_their_offers, sources_take_their_candidates,
    offers_name_what_exists, candidates_name_what_exists;

ALTER TABLE candidates
    ADD CONSTRAINT candidates_source_id_fkey FOREIGN KEY (source_id) REFERENCES sources (id) ON DELETE CASCADE,
    ADD CONSTRAINT candidates_role_id_fkey FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE RESTRICT;
ALTER TABLE offers
    ADD CONSTRAINT offers_by_candidate_candidate_id_fkey
    FOREIGN KEY (candidate_id) REFERENCES candidates (id) ON DELETE CASCADE;
