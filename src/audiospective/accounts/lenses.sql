-- name: least
-- From how many seconds on a play counts.
SELECT p.least_play_s FROM people p WHERE p.id = %(user)s;

-- name: rules
-- What is left out, the newest last.
SELECT e.id, e.kind, e.target, e.name, e.until_minute FROM exclusions e WHERE e.user_id = %(user)s ORDER BY e.id;

-- name: set_least
-- A lens, not a change of what is stored.
UPDATE people SET least_play_s = %(seconds)s WHERE id = %(user)s;

-- name: leave_out
-- Left out twice is left out once.
INSERT INTO exclusions (user_id, kind, target, name, created_at)
SELECT %(user)s, %(kind)s, u.target, u.name, %(now)s FROM unnest(%(targets)s::int[], %(names)s::text[]) AS u (target, name)
ON CONFLICT DO NOTHING;

-- name: show_again
-- One's own only.
DELETE FROM exclusions WHERE id = %(rule)s AND user_id = %(user)s;

-- name: leave_out_stretch
-- A stretch that begins when another does takes its place.
INSERT INTO exclusions (user_id, kind, target, until_minute, name, created_at)
VALUES (%(user)s, 'stretch', %(first)s, %(last)s, %(name)s, %(now)s)
ON CONFLICT (user_id, kind, target) DO UPDATE SET until_minute = excluded.until_minute, name = excluded.name;
