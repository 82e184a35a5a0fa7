-- name: begin
-- So many more in this hour.
INSERT INTO sweep_hours AS h (hour, people, begun_at) VALUES (%(hour)s, %(people)s, %(now)s)
ON CONFLICT (hour) DO UPDATE SET people = h.people + excluded.people, begun_at = greatest(h.begun_at, excluded.begun_at);

-- name: end
-- Of those with whom that hour began.
UPDATE sweep_hours SET ended = ended + %(ended)s, troubled = troubled + %(troubled)s, stored = stored + %(stored)s WHERE hour = %(hour)s;

-- name: since
-- All that began since that hour, together.
SELECT coalesce(sum(h.people), 0)::int AS people, coalesce(sum(h.ended), 0)::int AS ended, coalesce(sum(h.troubled), 0)::int AS troubled,
    coalesce(sum(h.stored), 0)::int AS stored, max(h.begun_at) AS begun_at
FROM sweep_hours h WHERE h.hour >= %(since)s;

-- name: forget
-- A month and a little are looked back at.
DELETE FROM sweep_hours WHERE hour < %(before)s;
