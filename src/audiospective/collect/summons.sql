-- name: forget_expired
-- A signature that has expired is refused anyway.
DELETE FROM scheduler_calls WHERE expires_at < %(before)s;

-- name: remember
-- Two that come at once: one of them inserts.
INSERT INTO scheduler_calls (call_id, expires_at) VALUES (%(call_id)s, %(expires_at)s) ON CONFLICT DO NOTHING;

-- name: due
-- Whose permission holds, and of them who is due and leased by nobody.
SELECT count(*) AS active,
    count(*) FILTER (WHERE s.due_at <= %(now)s AND (s.leased_until IS NULL OR s.leased_until <= %(now)s)) AS due
FROM sweeps s JOIN grants g ON g.user_id = s.user_id
WHERE g.state = 'active';
