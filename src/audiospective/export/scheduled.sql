-- name: set
-- One for each person; a new wish replaces the old one and is due at once.
INSERT INTO scheduled_exports (user_id, place, target, format, every, due_at)
VALUES (%(user)s, %(place)s, %(target)s, %(format)s, %(every)s, %(now)s)
ON CONFLICT (user_id) DO UPDATE SET place = excluded.place, target = excluded.target, format = excluded.format, every = excluded.every,
    due_at = excluded.due_at, troubles = 0, outcome = '';

-- name: find
-- How it stands.
SELECT s.user_id, s.place, s.target, s.format, s.every, s.due_at, s.troubles, s.tried_at, s.done_at, s.outcome, s.bytes_sent
FROM scheduled_exports s WHERE s.user_id = %(user)s;

-- name: stop
-- No more copies.
DELETE FROM scheduled_exports WHERE user_id = %(user)s;

-- name: take
-- Whoever takes one moves it on, so that nobody else does and a crash delays it only.
UPDATE scheduled_exports SET due_at = %(until)s, tried_at = %(now)s
WHERE user_id = (SELECT d.user_id FROM scheduled_exports d WHERE d.due_at <= %(now)s ORDER BY d.due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING user_id, place, target, format, every, due_at, troubles, tried_at, done_at, outcome, bytes_sent;

-- name: done
-- It arrived; the lease must still be this one.
UPDATE scheduled_exports SET due_at = %(due)s, done_at = %(now)s, troubles = 0, outcome = %(outcome)s, bytes_sent = %(bytes)s
WHERE user_id = %(user)s AND due_at = %(lease)s;

-- name: failed
-- Tried again, later each time.
UPDATE scheduled_exports SET due_at = %(due)s, troubles = troubles + 1, outcome = %(outcome)s
WHERE user_id = %(user)s AND due_at = %(lease)s;

-- name: zone
-- On whose clock, and in which language.
SELECT p.past_zones || p.time_zone AS zone, p.name, p.language FROM people p WHERE p.id = %(user)s;
