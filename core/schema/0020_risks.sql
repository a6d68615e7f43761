-- What may happen, how it was judged, what is done about it, and what became of it.
CREATE TABLE risk_scale (               -- one a project, once somebody changed what ships
    id VARCHAR PRIMARY KEY,             -- of the project
    project_id VARCHAR NOT NULL,
    likelihoods VARCHAR NOT NULL,       -- five levels, a JSON list of {name, low, high}: probabilities
    impacts VARCHAR NOT NULL,           -- five levels, a JSON list of {name, cost, days, quality, reputation}
    scores VARCHAR NOT NULL,            -- 5 x 5, a JSON list of rows by likelihood, of scores by impact
    bands VARCHAR NOT NULL,             -- four scores at which the next colour begins, a JSON list
    appetite INTEGER NOT NULL,          -- a score above it is more than is borne
    currency VARCHAR NOT NULL,
    budget DOUBLE,                      -- money that the project may cost, in the currency
    reserve DOUBLE,                     -- of it kept for what may happen
    revision INTEGER NOT NULL
);
CREATE TABLE risk_category (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    parent_id VARCHAR,
    position INTEGER NOT NULL,
    archived BOOLEAN NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE risk (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('threat', 'opportunity')),
    cause VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    effect VARCHAR NOT NULL,
    category_id VARCHAR,
    owner_id VARCHAR,
    proximity DATE,                     -- the first day on which it may happen
    found_by VARCHAR NOT NULL,          -- the way it was found: kick-off, review, interview…
    state VARCHAR NOT NULL CHECK (state IN ('open', 'happened', 'closed')),
    inherent_likelihood INTEGER, inherent_impact INTEGER,   -- 1 to 5, before any response
    current_likelihood INTEGER, current_impact INTEGER,     -- as it stands
    residual_likelihood INTEGER, residual_impact INTEGER,   -- as it will stand once the response is carried out
    target_likelihood INTEGER, target_impact INTEGER,       -- as it should stand
    rated_at TIMESTAMP,                 -- when likelihood and impact were last judged
    probability DOUBLE,                 -- 0 to 1; empty: the middle of its likelihood's range
    cost VARCHAR,                       -- what it costs if it happens: a distribution as JSON
    days VARCHAR,                       -- by how many days it delays: a distribution as JSON
    probability_after DOUBLE,           -- the same three once the response is carried out
    cost_after VARCHAR,
    days_after VARCHAR,
    secondary_to VARCHAR,               -- the risk whose response brought it
    review_on DATE,                     -- when it is to be looked at again; empty: by the rhythm of its score
    closed_at TIMESTAMP,
    closing VARCHAR NOT NULL,           -- why it was closed
    lessons VARCHAR NOT NULL,
    clearance VARCHAR NOT NULL,
    internal BOOLEAN NOT NULL,          -- the team's own: for the client it does not exist
    created_at TIMESTAMP NOT NULL,
    revision INTEGER NOT NULL
);
CREATE TABLE risk_link (
    id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    risk_id VARCHAR NOT NULL,
    target_id VARCHAR NOT NULL          -- of a requirement or a document
);
