-- Who saw that a run failed: the first of them as JSON (contract::run::PersonRef), and how many. Cleared by a new status or attempt.
ALTER TABLE runs ADD COLUMN seen_by TEXT;
ALTER TABLE runs ADD COLUMN n_seen INTEGER NOT NULL DEFAULT 0;

-- Those who saw a failure before this was kept, in the order of their accounts: nobody noted another.
UPDATE runs SET n_seen = seen.n, seen_by = seen.people FROM (
    SELECT run, max(n) AS n, json_group_array(json_object('id', id, 'name', name)) FILTER (WHERE place <= 3) AS people FROM (
        SELECT k.run, p.id, p.name, count(*) OVER (PARTITION BY k.run) AS n, row_number() OVER (PARTITION BY k.run ORDER BY p.id) AS place
        FROM marks k JOIN runs r ON r.id = k.run JOIN people p ON p.id = k.person_id
        WHERE r.status IN ('failed', 'partial') AND k.seen_seq >= r.status_seq
        ORDER BY k.run, p.id
    ) GROUP BY run
) seen WHERE seen.run = runs.id;

-- A person's rules as JSON (contract::preferences::Rule), and their marks_rev when they last changed.
ALTER TABLE people ADD COLUMN rules TEXT;
ALTER TABLE people ADD COLUMN rules_rev INTEGER NOT NULL DEFAULT 0;
-- Whether any of the rules tells of runs that are neither theirs nor failures.
ALTER TABLE people ADD COLUMN told_all INTEGER NOT NULL DEFAULT 0;
CREATE INDEX people_told_all ON people (id) WHERE told_all = 1;

-- The runs that are or were a person's cards: what the history lists. A row is for good, whatever happens to notifications and marks.
CREATE TABLE cards (
    person_id INTEGER NOT NULL REFERENCES people (id),
    run INTEGER NOT NULL REFERENCES runs (id),
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    -- 0 for one of their own that their rules kept from being a card so far.
    shown INTEGER NOT NULL,
    PRIMARY KEY (person_id, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_not_shown ON cards (person_id) WHERE shown = 0;
INSERT INTO cards (person_id, run, tenant_id, shown) SELECT DISTINCT person_id, run, tenant_id, 1 FROM notifications;
-- Failures from before somebody was a member: they are on their screen as well.
INSERT INTO cards (person_id, run, tenant_id, shown)
    SELECT DISTINCT m.person_id, r.id, r.tenant_id, 1 FROM runs r JOIN memberships m ON m.tenant_id = r.tenant_id
    WHERE r.status IN ('failed', 'partial') ON CONFLICT DO NOTHING;
