-- When somebody was last in a project, and up to which event the time before; a place, not a fact.
CREATE TABLE visit (
    id VARCHAR PRIMARY KEY,             -- project and account
    seen_at TIMESTAMP NOT NULL,         -- to the minute
    seen_seq BIGINT NOT NULL,           -- the newest event then
    since_at TIMESTAMP,                 -- the end of the visit before this one; empty in the first
    since_seq BIGINT
);
