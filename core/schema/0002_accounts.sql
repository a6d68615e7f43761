-- Sessions, links to invite or reset, and the counters that slow down guessing.
CREATE TABLE session (
    id VARCHAR PRIMARY KEY,
    account_id VARCHAR NOT NULL,
    token_hash VARCHAR NOT NULL UNIQUE, -- SHA-256; the token itself is in the browser's cookie only
    device VARCHAR NOT NULL,            -- in words: "Firefox · Linux"
    address VARCHAR NOT NULL,
    begun_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,         -- to the minute
    ended_at TIMESTAMP
);
CREATE TABLE invitation (
    id VARCHAR PRIMARY KEY,
    account_id VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL CHECK (purpose IN ('invite', 'reset')),
    token_hash VARCHAR NOT NULL UNIQUE,
    memberships VARCHAR NOT NULL,       -- JSON: what accepting it adds
    invited_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP                 -- accepted, or replaced by a newer one
);
-- Not in the ledger: they carry no meaning of their own, or are gone in seconds.
CREATE TABLE ticket (
    token_hash VARCHAR PRIMARY KEY,
    account_id VARCHAR NOT NULL,
    browser_hash VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    issued_at TIMESTAMP NOT NULL
);
CREATE TABLE known_browser (
    id VARCHAR PRIMARY KEY,             -- browser and account, hashed together
    signed_in_at TIMESTAMP NOT NULL
);
CREATE TABLE throttle (
    id VARCHAR PRIMARY KEY,             -- account:…, address:…, browser:…
    failures INTEGER NOT NULL,
    failed_at TIMESTAMP NOT NULL,
    open_at TIMESTAMP NOT NULL          -- no try is looked at before
);
