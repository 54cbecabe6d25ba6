DROP TABLE letters;
DROP TABLE suppressions;
DROP TABLE sign_up_attempts;
DROP TABLE sign_ups;
DROP TABLE interests;
DROP TABLE subscribers;
DROP TABLE issues;
DROP TABLE secrets;
