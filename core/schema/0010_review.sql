-- Where a version stands, who was asked for their word on it, and who has a document checked out.
ALTER TABLE document ADD COLUMN approved_version INTEGER;  -- what readers get by default; empty: the newest
ALTER TABLE document ADD COLUMN review_by DATE;            -- when what was approved comes up again
ALTER TABLE document_version ADD COLUMN state VARCHAR;     -- empty: draft, as it came
ALTER TABLE document_version ADD COLUMN restored_from INTEGER;
CREATE TABLE review (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    sha256 VARCHAR NOT NULL,            -- of the version's content: what is judged are these bytes
    message VARCHAR NOT NULL,
    due DATE NOT NULL,
    review_by DATE,                     -- becomes the document's when this ends in an approval
    internal BOOLEAN NOT NULL,          -- nobody of the client's was asked: the client is told nothing of it
    asked_by VARCHAR,
    asked_name VARCHAR NOT NULL,
    outcome VARCHAR,                    -- empty while it runs
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    revision INTEGER NOT NULL
);
CREATE TABLE review_seat (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    review_id VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    internal BOOLEAN NOT NULL,
    verdict VARCHAR,                    -- empty until it is given
    reason VARCHAR NOT NULL,
    sha256 VARCHAR,                     -- the bytes that the verdict is about
    given_at TIMESTAMP,
    revision INTEGER NOT NULL
);
CREATE TABLE review_remark (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    review_id VARCHAR NOT NULL,
    author_id VARCHAR,
    author_name VARCHAR NOT NULL,
    internal BOOLEAN NOT NULL,
    section VARCHAR NOT NULL,
    page INTEGER,
    quote VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    settled BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE check_out (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    until TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    broken_by VARCHAR,                  -- the name of the manager who broke it
    broken_why VARCHAR,
    told_at TIMESTAMP,                  -- when the holder has taken note of that
    revision INTEGER NOT NULL
);
