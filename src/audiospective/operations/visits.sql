-- name: salt
-- The day's number: the first process draws it, all others use it.
INSERT INTO visit_salts AS s (day, salt) VALUES (%(day)s, %(salt)s)
ON CONFLICT (day) DO UPDATE SET salt = s.salt RETURNING s.salt;

-- name: add
-- A page within half an hour of the last one belongs to the same visit; else a new one begins.
WITH told AS (
    SELECT u.visitor, u.first_at, u.last_at, u.pages
    FROM unnest(%(visitors)s::bytea[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[], %(pages)s::int[]) AS u (visitor, first_at, last_at, pages)
), joined AS (
    UPDATE visits v SET last_at = greatest(v.last_at, t.last_at), pages = v.pages + t.pages
    FROM told t WHERE v.visitor = t.visitor AND v.last_at > t.first_at - %(pause)s::interval
    RETURNING v.visitor
)
INSERT INTO visits (visitor, first_at, last_at, pages)
SELECT t.visitor, t.first_at, t.last_at, t.pages FROM told t WHERE NOT EXISTS (SELECT FROM joined j WHERE j.visitor = t.visitor)
ON CONFLICT DO NOTHING;

-- name: count
-- Whoever saw one page alone bounced, and stayed for no time that we know of.
SELECT
    count(*)::int AS visits,
    coalesce(sum(v.pages), 0)::int AS pages,
    (count(*) FILTER (WHERE v.pages = 1))::int AS bounced,
    coalesce(avg(extract(epoch FROM v.last_at - v.first_at)), 0)::float8 AS seconds
FROM visits v WHERE v.first_at >= %(since)s AND v.first_at < %(until)s;

-- name: forget_salts
-- Without its number no key of that day can be made again.
DELETE FROM visit_salts WHERE day < %(before)s;

-- name: forget
-- A month and a little.
DELETE FROM visits WHERE first_at < %(before)s;
