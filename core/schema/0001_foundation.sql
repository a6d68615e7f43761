-- The ledger, and who works on what. No foreign keys, no defaults, no LIST columns: docs/decisions.md.
CREATE TABLE event (
    seq BIGINT PRIMARY KEY,
    id VARCHAR NOT NULL,
    happened_at TIMESTAMP NOT NULL,     -- when it happened; imports bring their own
    recorded_at TIMESTAMP NOT NULL,     -- when Accord wrote it down
    actor_id VARCHAR NOT NULL,
    actor_name VARCHAR NOT NULL,
    on_behalf VARCHAR,                  -- a person of another system, as an import names them
    project_id VARCHAR,
    batch VARCHAR NOT NULL,             -- one transaction, or one import
    entity VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    subject_id VARCHAR,                 -- what it hangs on: a comment's requirement
    team_only BOOLEAN NOT NULL,         -- internal notes: never shown to the client
    action VARCHAR NOT NULL,
    note VARCHAR,
    before VARCHAR,                     -- changed columns as JSON
    after VARCHAR,
    hash VARCHAR NOT NULL,
    signature VARCHAR                   -- on the last event of a transaction
);
CREATE TABLE ledger_head (
    id INTEGER PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash VARCHAR NOT NULL,
    signature VARCHAR NOT NULL
);
-- One line for each thing that others hang on, kept by db.write: what it is called, who may know of it.
CREATE TABLE subject (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR,
    entity VARCHAR NOT NULL,
    code VARCHAR,
    title VARCHAR NOT NULL,
    clearance VARCHAR NOT NULL
);
CREATE TABLE organisation (
    id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE account (
    id VARCHAR PRIMARY KEY,
    mail VARCHAR NOT NULL UNIQUE,
    name VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    theme VARCHAR NOT NULL,
    administrator BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    password_hash VARCHAR,
    password_changed_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE client (
    id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE project (
    id VARCHAR PRIMARY KEY,
    code VARCHAR NOT NULL UNIQUE,
    name VARCHAR NOT NULL,
    client_id VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE membership (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    clearance VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (project_id, account_id)
);
