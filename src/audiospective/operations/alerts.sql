-- name: keep
-- Any number of workers may measure; a minute is kept once.
INSERT INTO alert_samples (at, figures) VALUES (%(at)s, %(figures)s::jsonb) ON CONFLICT (at) DO NOTHING;

-- name: forget
-- Rules look back a day.
DELETE FROM alert_samples WHERE at < %(before)s;

-- name: samples
-- Oldest first, as the rules want them.
SELECT at, figures::text AS figures FROM alert_samples WHERE at >= %(since)s ORDER BY at;

-- name: ongoing
-- What fires now, oldest first.
SELECT rule, since, told_at, detail FROM alerts_firing ORDER BY since, rule;

-- name: fire
-- An alert keeps its beginning.
INSERT INTO alerts_firing (rule, since, told_at, detail) VALUES (%(rule)s, %(since)s, %(told_at)s, %(detail)s)
ON CONFLICT (rule) DO UPDATE SET told_at = excluded.told_at;

-- name: recover
-- Over; the next one is a new alert.
DELETE FROM alerts_firing WHERE rule = %(rule)s;

-- name: silences
-- By name, for the list and the evaluation.
SELECT rule, until, reason, actor FROM alert_silences ORDER BY rule;

-- name: silence
-- The newest word counts.
INSERT INTO alert_silences (rule, until, reason, actor) VALUES (%(rule)s, %(until)s, %(reason)s, %(actor)s)
ON CONFLICT (rule) DO UPDATE SET until = excluded.until, reason = excluded.reason, actor = excluded.actor;

-- name: end_silences
-- A silence ends by itself.
DELETE FROM alert_silences WHERE until <= %(now)s;
