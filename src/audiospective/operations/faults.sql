-- name: keep_kind
-- A kind keeps its beginning; it counts when its event turns out to be new.
INSERT INTO fault_kinds (fingerprint, title, place, weight, is_test, first_at, last_at, count, trace)
VALUES (%(fingerprint)s, %(title)s, %(place)s, %(weight)s, %(is_test)s, %(at)s, %(at)s, 0, %(trace)s)
ON CONFLICT (fingerprint) DO NOTHING;

-- name: keep_event
-- Told twice, it is there once.
INSERT INTO fault_events (event_id, fingerprint, at, stored_at, environment, release, has_trace)
VALUES (%(event_id)s, %(fingerprint)s, %(at)s, %(now)s, %(environment)s, %(release)s, %(has_trace)s)
ON CONFLICT (event_id) DO NOTHING;

-- name: count
-- The newest tells how it came.
UPDATE fault_kinds SET
    count = count + 1,
    first_at = least(first_at, %(at)s),
    last_at = greatest(last_at, %(at)s),
    trace = CASE WHEN %(trace)s::text = '' THEN trace ELSE %(trace)s END
WHERE fingerprint = %(fingerprint)s;

-- name: kinds
-- The newest first.
SELECT k.fingerprint, k.title, k.place, k.weight, k.is_test, k.first_at, k.last_at, k.count, k.trace
FROM fault_kinds k WHERE k.last_at >= %(since)s ORDER BY k.last_at DESC, k.fingerprint LIMIT 200;

-- name: find
-- By its beginning.
SELECT k.fingerprint, k.title, k.place, k.weight, k.is_test, k.first_at, k.last_at, k.count, k.trace
FROM fault_kinds k WHERE k.fingerprint LIKE %(start)s || '%%' ORDER BY k.fingerprint LIMIT 20;

-- name: happened
-- Oldest first; those on purpose aside.
SELECT e.fingerprint, e.at, k.weight, k.first_at >= %(since)s AS is_new, e.has_trace
FROM fault_events e JOIN fault_kinds k ON k.fingerprint = e.fingerprint
WHERE e.at >= %(since)s AND e.at < %(until)s AND NOT k.is_test ORDER BY e.at;

-- name: tested
-- The newest on purpose.
SELECT e.at, e.stored_at, e.environment, e.release, CASE WHEN e.has_trace THEN k.trace ELSE '' END AS trace
FROM fault_events e JOIN fault_kinds k ON k.fingerprint = e.fingerprint
WHERE k.is_test AND e.at >= %(since)s ORDER BY e.at DESC LIMIT 1;

-- name: without_trace
-- Of all that are kept.
SELECT count(*)::int FROM fault_events e WHERE NOT e.has_trace;

-- name: forget_events
-- The old, and the oldest of too many.
DELETE FROM fault_events WHERE at < %(before)s
    OR event_id IN (SELECT e.event_id FROM fault_events e ORDER BY e.at DESC, e.event_id OFFSET %(most)s);

-- name: forget_kinds
-- The same.
DELETE FROM fault_kinds WHERE last_at < %(before)s
    OR fingerprint IN (SELECT k.fingerprint FROM fault_kinds k ORDER BY k.last_at DESC, k.fingerprint OFFSET %(most)s);
