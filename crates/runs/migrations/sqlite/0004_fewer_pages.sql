-- What an event writes is a handful of pages, each a copy in the write-ahead log, and that is most of what it costs. So each fact stands once,
-- and no index is kept that another can stand in for.
--
-- Runs with foreign keys off: the tables are made anew, and other tables name them.

-- As before, without AUTOINCREMENT, whose counters are a page of their own: no run is ever deleted (sqlite/retention.rs), so the newest id is
-- the highest. And with what `announced` held.
CREATE TABLE runs_anew (
    id INTEGER PRIMARY KEY,
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
    -- When the run last moved: claimed, planned, an item settled, or its portal spoke of it.
    moved_at INTEGER,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    -- Counts as their portal told them; null for our own runs, whose counts are their items.
    announced_counts TEXT,
    -- Who saw that it failed: the first of them as JSON (contract::run::PersonRef), and how many. Cleared by a new status or attempt.
    seen_by TEXT,
    n_seen INTEGER NOT NULL DEFAULT 0,
    -- The portal's own page of the run.
    url TEXT,
    -- What was announced of it, folded (runs::announced); null for our own runs. Last, since only the next event of the run reads it.
    announced TEXT,
    UNIQUE (tenant_id, source, run_type, run_id)
) STRICT;
INSERT INTO runs_anew (id, tenant_id, source, run_type, run_id, operation, target_id, target, status, attempt, tenant_seq, status_seq, rev, total,
        succeeded, failed, skipped, started_by, at, queued_at, started_at, ended_at, stalled_since, waiting, acknowledged_by, acknowledged_at,
        error, lease_epoch, lease_expires_at, worker, heartbeat_at, moved_at, cancel_requested, announced_counts, seen_by, n_seen, url, announced)
    SELECT r.id, r.tenant_id, r.source, r.run_type, r.run_id, r.operation, r.target_id, r.target, r.status, r.attempt, r.tenant_seq, r.status_seq,
        r.rev, r.total, r.succeeded, r.failed, r.skipped, r.started_by, r.at, r.queued_at, r.started_at, r.ended_at, r.stalled_since, r.waiting,
        r.acknowledged_by, r.acknowledged_at, r.error, r.lease_epoch, r.lease_expires_at, r.worker, r.heartbeat_at, r.moved_at,
        r.cancel_requested, r.announced_counts, r.seen_by, r.n_seen, a.url, a.state
    FROM runs r LEFT JOIN announced a ON a.run = r.id ORDER BY r.id;
DROP TABLE announced;
DROP TABLE runs;
ALTER TABLE runs_anew RENAME TO runs;
-- A start is idempotent by this.
CREATE UNIQUE INDEX runs_live ON runs (tenant_id, operation, target_id) WHERE source = '' AND status IN ('queued', 'running');
CREATE INDEX runs_queued ON runs (tenant_id, id) WHERE source = '' AND status = 'queued';
CREATE INDEX runs_running ON runs (tenant_id, lease_expires_at) WHERE source = '' AND status = 'running';
-- Also the newest of all (sqlite/lists.rs): those of each status, merged.
CREATE INDEX runs_by_status ON runs (tenant_id, status, id);
-- Runs in a status that nobody knows: the snapshot shows the newest.
CREATE INDEX runs_in_other_states ON runs (tenant_id, id)
    WHERE status NOT IN ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled');

-- The log: one total order, and one without holes in each tenant. As no event is ever deleted, the newest position is the highest. A tenant's
-- next number is taken from its row, in the transaction that appends (sqlite/event_log.rs), so that no two events have the same.
CREATE TABLE events_anew (
    position INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    tenant_seq INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (id),
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
INSERT INTO events_anew SELECT position, tenant_id, tenant_seq, run, at, body FROM events ORDER BY position;
DROP TABLE events;
ALTER TABLE events_anew RENAME TO events;
-- Ends with the position, as every index does.
CREATE INDEX events_by_run ON events (run);
