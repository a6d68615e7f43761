-- Who reads what beyond role and clearance: grants and denials for one thing, limits for a role and a class.
ALTER TABLE subject ADD COLUMN class_id VARCHAR;  -- of a document; rules may name it
UPDATE subject SET class_id = (SELECT d.class_id FROM document d WHERE d.id = subject.id) WHERE entity = 'document';
CREATE TABLE reading_grant (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    subject_id VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('grant', 'denial')),
    reason VARCHAR NOT NULL,
    until TIMESTAMP,                    -- it holds before this moment; empty: until somebody ends it
    given_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    revision INTEGER NOT NULL
);
CREATE TABLE reading_rule (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR,                 -- empty: in every project
    role VARCHAR NOT NULL,
    class_id VARCHAR NOT NULL,
    clearance VARCHAR,                  -- the highest that the role reads of the class; empty: nothing of it
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
