-- name: open
-- A new one.
INSERT INTO incidents (severity, title, opened_at, opened_by) VALUES (%(severity)s, %(title)s, %(now)s, %(actor)s) RETURNING id;

-- name: open_by_itself
-- Unless one of that cause is open, or that line was answered before.
INSERT INTO incidents (severity, title, opened_at, opened_by, cause, cause_line)
SELECT %(severity)s, %(title)s, %(now)s, %(actor)s, %(cause)s, %(line)s
WHERE NOT EXISTS (SELECT FROM incidents i WHERE i.cause = %(cause)s AND i.cause_line >= %(line)s)
ON CONFLICT (cause) WHERE resolved_at IS NULL DO NOTHING RETURNING id;

-- name: hear
-- The open one of that cause learns of a line, once.
UPDATE incidents SET cause_line = %(line)s WHERE cause = %(cause)s AND resolved_at IS NULL AND cause_line < %(line)s RETURNING id;

-- name: say
-- A line of its history; nothing for one that there isn't.
INSERT INTO incident_updates (incident_id, at, actor, stage, said)
SELECT i.id, %(now)s, %(actor)s, %(stage)s, %(said)s FROM incidents i WHERE i.id = %(id)s;

-- name: resolve
-- Once.
UPDATE incidents SET resolved_at = %(now)s WHERE id = %(id)s AND resolved_at IS NULL;

-- name: one
-- By its number.
SELECT i.id, i.severity, i.title, i.opened_at, i.opened_by, i.resolved_at FROM incidents i WHERE i.id = %(id)s;

-- name: all
-- The newest first, open ones and those of the last days.
SELECT i.id, i.severity, i.title, i.opened_at, i.opened_by, i.resolved_at FROM incidents i
WHERE i.resolved_at IS NULL OR i.opened_at > %(since)s ORDER BY i.opened_at DESC, i.id DESC LIMIT 200;

-- name: updates
-- What was said, oldest first.
SELECT u.incident_id, u.at, u.actor, u.stage, u.said FROM incident_updates u WHERE u.incident_id = ANY(%(ids)s::int[]) ORDER BY u.id;

-- name: act
-- What shall be done so that it doesn't happen again.
INSERT INTO incident_actions (incident_id, said, owner, due)
SELECT i.id, %(said)s, %(owner)s, %(due)s FROM incidents i WHERE i.id = %(id)s;

-- name: actions
-- Oldest first.
SELECT a.said, a.owner, a.due FROM incident_actions a WHERE a.incident_id = %(id)s ORDER BY a.id;
