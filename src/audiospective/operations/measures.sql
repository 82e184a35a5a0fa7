-- name: add_minutes
-- Many processes count; their counts are added up.
INSERT INTO measured_minutes AS m (at, kind, class, buckets)
SELECT u.at, u.kind, u.class, string_to_array(u.buckets, ',')::int[]
FROM unnest(%(ats)s::timestamptz[], %(kinds)s::text[], %(classes)s::text[], %(buckets)s::text[]) AS u (at, kind, class, buckets)
ORDER BY u.at, u.kind, u.class
ON CONFLICT (at, kind, class) DO UPDATE SET buckets = (
    SELECT array_agg(coalesce(p.one, 0) + coalesce(p.other, 0) ORDER BY p.place)
    FROM unnest(m.buckets, excluded.buckets) WITH ORDINALITY AS p (one, other, place)
);

-- name: add_hours
-- The same, for whoever looks back further.
INSERT INTO measured_hours AS m (at, kind, class, buckets)
SELECT u.at, u.kind, u.class, string_to_array(u.buckets, ',')::int[]
FROM unnest(%(ats)s::timestamptz[], %(kinds)s::text[], %(classes)s::text[], %(buckets)s::text[]) AS u (at, kind, class, buckets)
ORDER BY u.at, u.kind, u.class
ON CONFLICT (at, kind, class) DO UPDATE SET buckets = (
    SELECT array_agg(coalesce(p.one, 0) + coalesce(p.other, 0) ORDER BY p.place)
    FROM unnest(m.buckets, excluded.buckets) WITH ORDINALITY AS p (one, other, place)
);

-- name: minutes
-- Oldest first.
SELECT m.at, m.kind, m.class AS class_, m.buckets FROM measured_minutes m
WHERE m.at >= %(since)s AND m.at < %(until)s ORDER BY m.at, m.kind, m.class;

-- name: hours
-- Oldest first.
SELECT m.at, m.kind, m.class AS class_, m.buckets FROM measured_hours m
WHERE m.at >= %(since)s AND m.at < %(until)s ORDER BY m.at, m.kind, m.class;

-- name: forget_minutes
-- A day and a little are looked back at.
DELETE FROM measured_minutes WHERE at < %(before)s;

-- name: forget_hours
-- A month and a little.
DELETE FROM measured_hours WHERE at < %(before)s;
