-- Times are milliseconds since 1970 (UTC). JSON is text as it stands on the wire. `run` and `run_row` name runs.id, never runs.run_id.

-- The log's epoch, and when the store last proved that it can write.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    directory_id TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    -- The newest tenant_seq: 0 before the first event.
    seq INTEGER NOT NULL DEFAULT 0,
    -- Rises with each claim, over all tenants: the lowest was served longest ago.
    served INTEGER NOT NULL DEFAULT 0,
    listed_at INTEGER,
    list_error TEXT
) STRICT;
CREATE INDEX tenants_by_served ON tenants (served);

CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    -- The name in lower case: two people differ by more than capitals.
    name_key TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    marks_rev INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    person_id INTEGER NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    PRIMARY KEY (tenant_id, person_id, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_person ON memberships (person_id, tenant_id);

-- One-time links: one for each person, and one for the first account (person_id is null). A link that was used is gone.
CREATE TABLE links (
    token BLOB PRIMARY KEY,
    person_id INTEGER UNIQUE REFERENCES people (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token BLOB NOT NULL UNIQUE,
    person_id INTEGER NOT NULL REFERENCES people (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_person ON sessions (person_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE policies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    family TEXT NOT NULL,
    graph_id TEXT NOT NULL,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    n_versions INTEGER NOT NULL DEFAULT 0,
    captured_at INTEGER,
    changed INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    -- The latest run that touched it.
    run INTEGER REFERENCES runs (id),
    gone_since INTEGER,
    UNIQUE (tenant_id, family, graph_id)
) STRICT;
CREATE INDEX policies_in_order ON policies (tenant_id, family, name, id);

-- What captures read. Never changed and never deleted: a restore has to find it as it was.
CREATE TABLE policy_versions (
    policy_id INTEGER NOT NULL REFERENCES policies (id),
    version INTEGER NOT NULL,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    run INTEGER NOT NULL REFERENCES runs (id),
    name TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    object TEXT NOT NULL,
    assignments TEXT NOT NULL,
    redactions TEXT NOT NULL,
    last_modified TEXT,
    captured_at INTEGER NOT NULL,
    PRIMARY KEY (policy_id, version)
) STRICT;
CREATE TRIGGER policy_versions_stay BEFORE UPDATE ON policy_versions BEGIN SELECT RAISE (ABORT, 'a policy version never changes'); END;
CREATE TRIGGER policy_versions_are_kept BEFORE DELETE ON policy_versions BEGIN SELECT RAISE (ABORT, 'a policy version is kept'); END;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    -- Empty for our own runs, whose run_id is their id.
    source TEXT NOT NULL DEFAULT '',
    run_type TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    operation TEXT NOT NULL,
    -- The policy's id; 0 for the whole tenant, since a UNIQUE index takes every null for another value.
    target_id INTEGER NOT NULL DEFAULT 0,
    target TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 1,
    tenant_seq INTEGER NOT NULL DEFAULT 0,
    status_seq INTEGER NOT NULL DEFAULT 0,
    rev INTEGER NOT NULL DEFAULT 0,
    -- Null before the plan. Kept with the items, in the transaction that changes them.
    total INTEGER,
    succeeded INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    started_by INTEGER REFERENCES people (id),
    at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    stalled_since INTEGER,
    waiting TEXT,
    acknowledged_by INTEGER REFERENCES people (id),
    acknowledged_at INTEGER,
    error TEXT,
    -- The fence: rises with each claim. 0 before the first.
    lease_epoch INTEGER NOT NULL DEFAULT 0,
    lease_expires_at INTEGER,
    worker TEXT,
    heartbeat_at INTEGER,
    -- When the run last moved: claimed, planned, or an item settled.
    moved_at INTEGER,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tenant_id, source, run_type, run_id)
) STRICT;
-- A start is idempotent by this.
CREATE UNIQUE INDEX runs_live ON runs (tenant_id, operation, target_id) WHERE source = '' AND status IN ('queued', 'running');
CREATE INDEX runs_queued ON runs (tenant_id, id) WHERE source = '' AND status = 'queued';
CREATE INDEX runs_running ON runs (tenant_id, lease_expires_at) WHERE source = '' AND status = 'running';
CREATE INDEX runs_by_status ON runs (tenant_id, status, id);
CREATE INDEX runs_newest ON runs (tenant_id, id);

CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    run INTEGER NOT NULL REFERENCES runs (id),
    item_idx INTEGER NOT NULL,
    policy_id INTEGER NOT NULL REFERENCES policies (id),
    name TEXT NOT NULL,
    family TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'pending',
    -- What was about to be done when it turned inflight.
    intent TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    begun_at INTEGER,
    settled_at INTEGER,
    version INTEGER,
    changed INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    UNIQUE (run, item_idx),
    UNIQUE (run, policy_id)
) STRICT;
CREATE INDEX items_open ON items (run, item_idx) WHERE outcome IN ('pending', 'inflight', 'unknown');

-- The log: one total order, and one without holes in each tenant.
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    tenant_seq INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (id),
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (tenant_id, tenant_seq)
) STRICT;
CREATE INDEX events_by_run ON events (run, position);

-- What a portal shows of a status, one row for each recipient.
CREATE TABLE notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    person_id INTEGER NOT NULL REFERENCES people (id),
    run INTEGER NOT NULL REFERENCES runs (id),
    status_seq INTEGER NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (person_id, run, status_seq)
) STRICT;

CREATE TABLE idempotency_keys (
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    person_id INTEGER NOT NULL REFERENCES people (id),
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    target_id INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, person_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE marks (
    person_id INTEGER NOT NULL REFERENCES people (id),
    run INTEGER NOT NULL REFERENCES runs (id),
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    -- people.marks_rev when it last changed: no two marks of a person share one.
    marks_rev INTEGER NOT NULL,
    watching INTEGER NOT NULL DEFAULT 0,
    seen_seq INTEGER,
    dismissed_seq INTEGER,
    dismissed_attempt INTEGER,
    PRIMARY KEY (person_id, run)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX marks_by_rev ON marks (person_id, marks_rev);
CREATE INDEX marks_by_run ON marks (run, person_id) WHERE watching = 1;

-- Who did what, and when. Names are kept as they were.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    tenant_id INTEGER,
    person_id INTEGER,
    person_name TEXT NOT NULL DEFAULT '',
    what TEXT NOT NULL,
    run INTEGER,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_by_tenant ON audit (tenant_id, id);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'the audit trail never changes'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE (ABORT, 'the audit trail is kept'); END;
