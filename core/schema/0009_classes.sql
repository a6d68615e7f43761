-- What the classes of documents ask for, which documents a phase needs, and what was found in versions.
CREATE TABLE class_rules (
    id VARCHAR PRIMARY KEY,             -- the class; a shipped one has a row when somebody has changed it
    sections VARCHAR NOT NULL,          -- a JSON list
    fields VARCHAR NOT NULL,            -- a JSON list
    approvals INTEGER NOT NULL,
    client_word BOOLEAN NOT NULL,
    approver_roles VARCHAR NOT NULL,    -- a JSON list
    retention_years INTEGER,            -- empty: for ever
    clearance VARCHAR NOT NULL,
    naming VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE document_metadata (
    id VARCHAR PRIMARY KEY,             -- the document
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    entries VARCHAR NOT NULL,           -- a JSON object: key of the field -> what was given
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE phase (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    code VARCHAR NOT NULL,              -- of a shipped phase: design; of an added one its id
    name VARCHAR NOT NULL,              -- empty: the word for the code
    position INTEGER NOT NULL,
    begins DATE,
    ends DATE,
    gated BOOLEAN NOT NULL,             -- it closes only when its documents are there
    closed_at TIMESTAMP,
    archived BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE phase_document (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    phase_id VARCHAR NOT NULL,
    class_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,             -- empty: any document of the class
    state VARCHAR NOT NULL CHECK (state IN ('draft', 'in_review', 'approved')),
    due DATE,                           -- empty: the end of the phase
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
-- What was found in a version by the rules that held; found again when they change. Sealed with the version's key.
CREATE TABLE document_findings (
    id VARCHAR PRIMARY KEY,             -- the version
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    rules VARCHAR NOT NULL,             -- the digest of the rules
    sealed VARCHAR NOT NULL,
    found_at TIMESTAMP NOT NULL
);
