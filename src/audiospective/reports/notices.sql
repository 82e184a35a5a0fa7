-- name: standing
-- How the copies of whoever wants to be told stand, and on whose clock they live.
SELECT p.id, p.past_zones || p.time_zone AS time_zone, coalesce(c.troubles, 0) AS troubles, coalesce(c.outcome, '') AS outcome, c.done_at
FROM people p LEFT JOIN scheduled_exports c ON c.user_id = p.id
WHERE p.id = ANY(%(users)s::int[]);
