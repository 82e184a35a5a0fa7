-- name: keep_runs
-- A run that has ended is a proof of its own; a worker that died after saying so says it again.
INSERT INTO proofs (user_id, from_at, till_at, import_id)
SELECT u.user_id, u.from_at, u.till_at, 0
FROM unnest(%(users)s::int[], %(froms)s::timestamptz[], %(tills)s::timestamptz[]) AS u (user_id, from_at, till_at)
WHERE u.till_at > u.from_at
ON CONFLICT (user_id, import_id, from_at) DO UPDATE SET till_at = greatest(proofs.till_at, excluded.till_at);

-- name: keep_gaps
-- Where they ended.
INSERT INTO gaps (user_id, from_at, till_at, reason, per_hour)
SELECT u.user_id, u.from_at, u.till_at, u.reason, u.per_hour
FROM unnest(%(users)s::int[], %(froms)s::timestamptz[], %(tills)s::timestamptz[], %(reasons)s::text[], %(rates)s::real[])
    AS u (user_id, from_at, till_at, reason, per_hour)
ON CONFLICT (user_id, from_at) DO NOTHING;

-- name: keep_import
-- What an official export covers.
INSERT INTO proofs (user_id, from_at, till_at, import_id)
SELECT %(user)s, u.from_at, u.till_at, %(import_id)s
FROM unnest(%(froms)s::timestamptz[], %(tills)s::timestamptz[]) AS u (from_at, till_at)
WHERE u.till_at > u.from_at
ON CONFLICT DO NOTHING;

-- name: forget_import
-- An import taken back proves nothing.
DELETE FROM proofs WHERE user_id = %(user)s AND import_id = %(import_id)s;

-- name: proofs
-- All stretches without a hole, but for the present run of sweeps.
SELECT p.from_at, p.till_at, '' AS reason, 0.0 AS per_hour FROM proofs p WHERE p.user_id = %(user)s ORDER BY p.from_at;

-- name: gaps
-- Every gap that was ever found.
SELECT g.from_at, g.till_at, g.reason, g.per_hour FROM gaps g WHERE g.user_id = %(user)s ORDER BY g.from_at;

-- name: sweeping
-- The present run.
SELECT s.proven_from, s.asked_at, s.last_trouble FROM sweeps s WHERE s.user_id = %(user)s;

-- name: forget_gaps
-- Who has disconnected misses nothing of Spotify's any more.
DELETE FROM gaps WHERE user_id = %(user)s;
