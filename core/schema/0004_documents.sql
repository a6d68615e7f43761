-- Documents and their versions. Content lies in the store, encrypted; a version never changes.
CREATE TABLE document_class (
    id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL UNIQUE,
    archived BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE document (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    class_id VARCHAR NOT NULL,
    clearance VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    version INTEGER NOT NULL,           -- the current one
    archived BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE document_version (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    file_name VARCHAR NOT NULL,
    media_type VARCHAR NOT NULL,
    size BIGINT NOT NULL,               -- bytes in clear
    stored_size BIGINT NOT NULL,        -- bytes in the store
    sha256 VARCHAR NOT NULL,            -- of the content in clear
    object_key VARCHAR NOT NULL,
    wrapped_key VARCHAR NOT NULL,       -- the data key, openable with the master key only
    note VARCHAR NOT NULL,
    warnings VARCHAR NOT NULL,          -- a JSON list of codes
    author_id VARCHAR,
    author_name VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (document_id, number)
);
-- An upload under way; what is left of one that was cut off is swept.
CREATE TABLE upload_intent (
    object_key VARCHAR PRIMARY KEY,
    started_at TIMESTAMP NOT NULL,
    passes INTEGER NOT NULL
);
