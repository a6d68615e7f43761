-- Word files that administrators have made the templates of classes, each one kept, sealed with a key of its own.
CREATE TABLE class_template (
    id VARCHAR PRIMARY KEY,
    class_id VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    number INTEGER NOT NULL,            -- the first of a class and language is 1
    file_name VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    names VARCHAR NOT NULL,             -- a JSON list: the placeholders in it
    guidance VARCHAR NOT NULL,          -- a JSON list: its sentences that are to be replaced
    in_use BOOLEAN NOT NULL,            -- without one that is, the shipped template holds
    wrapped_key VARCHAR NOT NULL,
    content VARCHAR NOT NULL,           -- encrypted, base64
    author_name VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (class_id, language, number)
);
-- The clearance that a document of the class has at least; empty: none.
ALTER TABLE class_rules ADD COLUMN least VARCHAR;
