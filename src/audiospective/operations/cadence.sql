-- name: is_first_day
-- A launch's day is watched.
SELECT EXISTS (SELECT FROM watches w WHERE w.phase = 'day' AND w.started_at > %(since)s AND w.stopped_at IS NULL);

-- name: newest
-- The last of each.
SELECT DISTINCT ON (c.round) c.round, c.due_at FROM cadence_runs c ORDER BY c.round, c.due_at DESC;

-- name: begun
-- Since when rounds are made here.
SELECT min(c.due_at) FROM cadence_runs c;

-- name: keep
-- Made again, the newest counts.
INSERT INTO cadence_runs (round, due_at, ran_at, ran_by, passed, failed, unknown, waiting)
VALUES (%(round)s, %(due_at)s, %(now)s, %(by)s, %(passed)s, %(failed)s, %(unknown)s, %(waiting)s)
ON CONFLICT (round, due_at) DO UPDATE SET
    ran_at = excluded.ran_at,
    ran_by = excluded.ran_by,
    passed = excluded.passed,
    failed = excluded.failed,
    unknown = excluded.unknown,
    waiting = excluded.waiting;

-- name: runs
-- The newest first.
SELECT c.round, c.due_at, c.ran_at, c.ran_by, c.passed, c.failed, c.unknown, c.waiting
FROM cadence_runs c WHERE c.ran_at >= %(since)s ORDER BY c.ran_at DESC, c.round LIMIT 200;

-- name: forget
-- A year and a little.
DELETE FROM cadence_runs WHERE due_at < %(before)s;
