-- How long things are kept: the end of a project, the trash, holds, and disposal by two.
ALTER TABLE project ADD COLUMN ended_on DATE;            -- the years for which documents are kept count from here
ALTER TABLE project ADD COLUMN discarded_at TIMESTAMP;   -- in the trash: it exists for nobody
ALTER TABLE project ADD COLUMN discarded_by VARCHAR;
ALTER TABLE document ADD COLUMN discarded_at TIMESTAMP;  -- in the trash, with `archived`
ALTER TABLE document ADD COLUMN discarded_by VARCHAR;
ALTER TABLE document ADD COLUMN disposed_at TIMESTAMP;   -- nothing but this row is left; its versions have no key
CREATE TABLE legal_hold (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR,                -- empty: everything of the project
    reason VARCHAR NOT NULL,
    placed_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    ended_by VARCHAR,
    revision INTEGER NOT NULL
);
CREATE TABLE disposal (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    items VARCHAR NOT NULL,             -- a JSON list of {"document", "code", "version"}
    reason VARCHAR NOT NULL,
    proposed_by VARCHAR NOT NULL,       -- an account
    proposed_name VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    outcome VARCHAR CHECK (outcome IN ('confirmed', 'taken back')),
    decided_name VARCHAR,
    decided_at TIMESTAMP,
    revision INTEGER NOT NULL
);
