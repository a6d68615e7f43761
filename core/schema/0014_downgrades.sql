-- Lower clearances that are planned for a day (vault/planned.py).
CREATE TABLE downgrade (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    clearance VARCHAR NOT NULL,         -- what the document comes down to
    due_at TIMESTAMP NOT NULL,          -- from this moment
    reason VARCHAR NOT NULL,
    ordered_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,                 -- carried out, taken back, or overtaken by a higher clearance
    revision INTEGER NOT NULL
);
