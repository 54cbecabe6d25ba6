DROP TABLE removed_offers;
DROP TABLE technology_redirects;
DROP TABLE role_redirects;
