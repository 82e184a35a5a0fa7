-- name: keep
-- The newest code counts.
INSERT INTO operator_code (code_hash, made_at) VALUES (%(hash)s, %(now)s)
ON CONFLICT (single) DO UPDATE SET code_hash = excluded.code_hash, made_at = excluded.made_at;

-- name: kept
-- The one that is still good.
SELECT c.code_hash FROM operator_code c WHERE c.made_at > %(since)s;

-- name: forget
-- Used once.
DELETE FROM operator_code;

-- name: one_at_a_time
-- Of two who know the code one becomes the operator.
SELECT pg_advisory_xact_lock(7301019) IS NULL;
