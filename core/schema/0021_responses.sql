-- What is done about a risk: one response, and the actions that carry it out.
CREATE TABLE risk_response (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    risk_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('avoid', 'reduce', 'transfer', 'accept', 'exploit', 'enhance', 'share')),
    plan VARCHAR NOT NULL,              -- in words
    cost DOUBLE,                        -- in the currency of the scale, beside that of its actions
    accepted_by VARCHAR,                -- an account
    accepted_until DATE,
    transferred_to VARCHAR NOT NULL,
    document_id VARCHAR,                -- what was agreed with them, in the vault
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE risk_action (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    risk_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    owner_id VARCHAR,
    due DATE,
    cost DOUBLE,
    likelihood_effect INTEGER NOT NULL, -- by how many levels it lowers the likelihood, 0 to 4
    impact_effect INTEGER NOT NULL,
    done_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
