-- name: lock_people
-- Nobody else stores for these people until we commit; one who is being erased is no longer there.
SELECT id FROM people WHERE id = ANY(%(users)s) ORDER BY id FOR NO KEY UPDATE;

-- name: said_before
-- What is known of a stretch of each person's time, packed: 28 bytes a listen, read by numpy. One statement for a whole sweep.
SELECT v.user_id, f.packed
FROM unnest(%(users)s::int[], %(froms_us)s::bigint[], %(tills_us)s::bigint[]) AS v (user_id, from_us, till_us)
CROSS JOIN LATERAL (
    SELECT string_agg(
        timestamptz_send(p.played_at) || int4send(p.track_id) || int4send(p.ms_played) || int4send(p.shifted_s)
        || int2send(p.source) || int2send(p.flags), ''::bytea) AS packed
    FROM plays p
    WHERE p.user_id = v.user_id
        AND p.played_at >= timestamptz 'epoch' + v.from_us * interval '1 microsecond'
        AND p.played_at <= timestamptz 'epoch' + v.till_us * interval '1 microsecond'
) AS f
WHERE f.packed IS NOT NULL;

-- name: copy_plays
-- The wide road in: ready-made binary rows; which are new was settled under the lock.
COPY plays (played_at, user_id, track_id, ms_played, import_id, shifted_s, platform_id, source, flags, country, reasons)
FROM STDIN (FORMAT BINARY);

-- name: restate
-- Listens that another one now stands for, or no longer does.
UPDATE plays p SET flags = u.flags
FROM unnest(%(ended_us)s::bigint[], %(tracks)s::int[], %(mss)s::int[], %(sources)s::smallint[], %(flags)s::smallint[])
    AS u (ended_us, track_id, ms_played, source, flags)
WHERE p.user_id = %(user)s AND p.played_at = timestamptz 'epoch' + u.ended_us * interval '1 microsecond' AND p.track_id = u.track_id AND p.ms_played = u.ms_played AND p.source = u.source;

-- name: add_platforms
-- Platform texts, few and repeated.
INSERT INTO platforms (word) SELECT DISTINCT u.word FROM unnest(%(words)s::text[]) AS u (word)
WHERE NOT EXISTS (SELECT FROM platforms p WHERE p.word = u.word) ORDER BY 1 ON CONFLICT DO NOTHING;

-- name: platforms
-- Their ids.
SELECT p.id AS id, p.word AS word FROM platforms p WHERE p.word = ANY(%(words)s);

-- name: lock_reasons
-- One transaction at a time gives out ids of reasons.
SELECT pg_advisory_xact_lock(7301061) IS NULL;

-- name: add_reasons
-- Reasons, each with the lowest id that is free, as long as a pair of them still fits a smallint; past that they are stored as untold. A
-- sequence would spend ids on what is taken back, as every rehearsal is.
INSERT INTO reasons (id, word) OVERRIDING SYSTEM VALUE
SELECT free.id, fresh.word
FROM (
    SELECT u.word, row_number() OVER (ORDER BY u.word) AS place, count(*) OVER () AS many
    FROM (SELECT DISTINCT w.word FROM unnest(%(words)s::text[]) AS w (word)) AS u
    WHERE NOT EXISTS (SELECT FROM reasons r WHERE r.word = u.word)
) AS fresh
JOIN (
    SELECT g.id, row_number() OVER (ORDER BY g.id) AS place, count(*) OVER () AS many
    FROM generate_series(0, 180) AS g (id) WHERE NOT EXISTS (SELECT FROM reasons r WHERE r.id = g.id)
) AS free ON free.place = fresh.place
WHERE fresh.many <= free.many
ON CONFLICT DO NOTHING;

-- name: reasons
-- Their ids.
SELECT r.id AS id, r.word AS word FROM reasons r WHERE r.word = ANY(%(words)s);
