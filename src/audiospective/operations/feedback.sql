-- name: add
-- Nothing where the incident isn't there.
INSERT INTO feedback (channel, at, said, is_critical, incident_id)
SELECT %(channel)s, %(now)s, %(said)s, %(critical)s, %(incident)s::int
WHERE %(incident)s::int IS NULL OR EXISTS (SELECT FROM incidents i WHERE i.id = %(incident)s::int)
RETURNING id;

-- name: reply
-- The first answer's time counts.
UPDATE feedback SET replied_at = coalesce(replied_at, %(now)s), reply = %(said)s WHERE id = %(id)s;

-- name: listed
-- What is new, and what waits.
SELECT f.id, f.channel, f.at, f.said, f.is_critical, f.incident_id, f.replied_at, f.reply FROM feedback f
WHERE f.at >= %(since)s OR f.replied_at IS NULL ORDER BY f.at DESC, f.id DESC LIMIT 200;

-- name: tally
-- By channel in words; critical are those that nobody has answered.
SELECT
    count(*)::int AS heard,
    (count(*) FILTER (WHERE f.is_critical AND f.replied_at IS NULL))::int AS critical,
    (count(*) FILTER (WHERE f.replied_at IS NULL))::int AS unanswered,
    coalesce((SELECT string_agg(c.channel || ' ' || c.heard, ', ' ORDER BY c.channel) FROM (
        SELECT g.channel, count(*) AS heard FROM feedback g WHERE g.at >= %(since)s GROUP BY g.channel
    ) AS c), '') AS channels
FROM feedback f WHERE f.at >= %(since)s;

-- name: of_incident
-- How many spoke of it since then.
SELECT count(*)::int FROM feedback f WHERE f.incident_id = %(incident)s AND f.at >= %(since)s;

-- name: of_any_incident
-- How many spoke of any since then.
SELECT count(*)::int FROM feedback f WHERE f.incident_id IS NOT NULL AND f.at >= %(since)s;
