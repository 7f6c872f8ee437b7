-- Keys for machines: what they may announce runs with. The token is kept as its SHA-256.
CREATE TABLE machine_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    -- The name in lower case.
    name_key TEXT NOT NULL,
    token BLOB NOT NULL UNIQUE,
    -- The only source that it may name; null: any.
    source TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
-- A revoked key is kept for the trail, and its name is free again.
CREATE UNIQUE INDEX machine_keys_by_name ON machine_keys (name_key) WHERE revoked_at IS NULL;

CREATE TABLE machine_key_tenants (
    key_id INTEGER NOT NULL REFERENCES machine_keys (id),
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    PRIMARY KEY (key_id, tenant_id)
) STRICT, WITHOUT ROWID;

-- Counts as their portal told them; null for our own runs, whose counts are their items.
ALTER TABLE runs ADD COLUMN announced_counts TEXT;

-- Runs in a status that nobody knows: the snapshot shows the newest.
CREATE INDEX runs_in_other_states ON runs (tenant_id, id)
    WHERE status NOT IN ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled');

-- What was announced of a run, folded (runs::announced): a row for each run that has a source.
CREATE TABLE announced (
    run INTEGER PRIMARY KEY REFERENCES runs (id),
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    state TEXT NOT NULL,
    -- The portal's own page of the run.
    url TEXT
) STRICT;

-- Every event that was taken, so that each is taken once. By sequence where it has one (the other columns are 0 and empty), else by the rest;
-- `at` is 0 where a notification told none.
CREATE TABLE ingested (
    run INTEGER NOT NULL REFERENCES runs (id),
    sequence INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (run, sequence, attempt, at, status)
) STRICT, WITHOUT ROWID;
