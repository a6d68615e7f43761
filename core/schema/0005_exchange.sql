-- What came in from other systems: one line a run, and which thing there is which row here.
CREATE TABLE import_run (
    id VARCHAR PRIMARY KEY,             -- also the batch of its events
    project_id VARCHAR NOT NULL,
    system VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,         -- the board, as the other system names it
    source_name VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,            -- of the file
    read VARCHAR NOT NULL,              -- kind -> number, as JSON; so are the next three
    created VARCHAR NOT NULL,
    updated VARCHAR NOT NULL,
    unchanged VARCHAR NOT NULL,
    dropped VARCHAR NOT NULL,           -- a JSON list of {kind, id, reason}
    remarks VARCHAR NOT NULL,           -- what came, but not exactly as it stood there
    account_id VARCHAR,
    account_name VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    undone_at TIMESTAMP,
    revision INTEGER NOT NULL
);
-- Grows only: the newest line of a thing holds. Undoing a run takes its lines away, and the ones before hold again.
CREATE TABLE import_record (
    id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    project_id VARCHAR NOT NULL,
    system VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL CHECK (outcome IN ('created', 'updated', 'known')),
    entity VARCHAR,                     -- empty for what is kept as a name
    entity_id VARCHAR,
    imported VARCHAR NOT NULL           -- column -> digest of what was imported, as JSON
);
