-- What was asked for, in which state it stands, and what is said of it.
CREATE TABLE requirement_state (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    category VARCHAR NOT NULL CHECK (category IN ('open', 'agreed', 'active', 'done', 'dropped')),
    position INTEGER NOT NULL,
    wip_limit INTEGER,
    archived BOOLEAN NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE requirement (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    statement VARCHAR NOT NULL,
    rationale VARCHAR NOT NULL,
    acceptance VARCHAR NOT NULL,        -- acceptance criteria, a JSON list of sentences
    source_who VARCHAR NOT NULL,
    source_when DATE,
    source_where VARCHAR NOT NULL,
    priority VARCHAR NOT NULL CHECK (priority IN ('must', 'should', 'could', 'wont')),
    constraints VARCHAR NOT NULL,
    effort_hours DOUBLE,
    owner_id VARCHAR,
    labels VARCHAR NOT NULL,            -- a JSON list of names
    due DATE,
    state_id VARCHAR NOT NULL,
    state_since TIMESTAMP NOT NULL,
    position DOUBLE NOT NULL,           -- order within the column
    clearance VARCHAR NOT NULL,
    archived BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE requirement_link (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    requirement_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('depends on', 'refines', 'conflicts with', 'document')),
    target_id VARCHAR NOT NULL
);
CREATE TABLE label (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    colour VARCHAR NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE checklist (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    requirement_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    position DOUBLE NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE checklist_item (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    requirement_id VARCHAR NOT NULL,
    checklist_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    done BOOLEAN NOT NULL,
    position DOUBLE NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE attachment (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    requirement_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    size BIGINT,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE comment (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    subject_id VARCHAR NOT NULL,
    author_id VARCHAR,                  -- empty when an import knows only a name
    author_name VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    internal BOOLEAN NOT NULL,          -- an internal note: never for the client
    mentions VARCHAR NOT NULL,          -- a JSON list of account ids
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
