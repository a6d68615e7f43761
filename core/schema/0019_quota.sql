-- How many megabytes a project or a person may keep.
CREATE TABLE quota (
    id VARCHAR PRIMARY KEY,             -- of the project or the account
    kind VARCHAR NOT NULL CHECK (kind IN ('project', 'person')),
    megabytes INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
