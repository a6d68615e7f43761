-- How often somebody was told no, by person, act and hour: the first time is an event, the others are counted.
CREATE TABLE refusal (
    id VARCHAR PRIMARY KEY,             -- digest of person, act, thing and hour
    actor_id VARCHAR NOT NULL,
    hour TIMESTAMP NOT NULL,
    times INTEGER NOT NULL
);
-- What has been carried to another store so far, while a vault moves.
CREATE TABLE vault_move (
    id VARCHAR PRIMARY KEY,             -- digest of the target and the object's key
    target VARCHAR NOT NULL,
    object_key VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL             -- of the bytes as they lie in both stores
);
