-- Views of the board that somebody named: filters, lanes and form, as they stand in the address.
CREATE TABLE saved_view (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    owner_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    query VARCHAR NOT NULL,             -- the part of the address after the question mark
    shared BOOLEAN NOT NULL,            -- for everybody in the project
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
