-- name: add
-- One look more; a day has 1,440 of them at most.
INSERT INTO status_days (day, service, looks, healthy)
SELECT %(day)s::date, u.service, 1, u.healthy::int FROM unnest(%(services)s::text[], %(healthy)s::boolean[]) AS u (service, healthy)
ON CONFLICT (day, service) DO UPDATE SET looks = status_days.looks + 1, healthy = status_days.healthy + excluded.healthy;

-- name: days
-- Since then, oldest first.
SELECT d.day, d.service, d.looks, d.healthy FROM status_days d WHERE d.day >= %(since)s::date ORDER BY d.service, d.day;
