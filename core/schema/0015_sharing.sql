-- Links by which people without an account fetch one version.
ALTER TABLE organisation ADD COLUMN share_limit VARCHAR;  -- highest clearance that is shared; empty: public; none: nothing
CREATE TABLE share_link (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    token_hash VARCHAR NOT NULL UNIQUE, -- SHA-256; the token itself is in the link only
    password_hash VARCHAR,              -- argon2; empty: without a password
    made_by VARCHAR NOT NULL,           -- the account with whose right it lives and dies
    made_name VARCHAR NOT NULL,
    until TIMESTAMP NOT NULL,
    most INTEGER,                       -- downloads; empty: as many as one likes
    used INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    ended_by VARCHAR
);
