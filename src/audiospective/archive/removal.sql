-- name: lock_person
-- Nobody stores while we remove.
SELECT id FROM people WHERE id = %(user)s FOR NO KEY UPDATE;

-- name: span_of_import
-- Where the archive will change: 2 numbers, or none when the import brought nothing.
SELECT (extract(epoch FROM min(p.played_at)) * 1000000)::bigint AS first_us, (extract(epoch FROM max(p.played_at)) * 1000000)::bigint AS last_us
FROM plays p WHERE p.user_id = %(user)s AND p.import_id = %(import_id)s
HAVING count(*) > 0;

-- name: brought
-- What this import brought, packed as everywhere.
SELECT string_agg(
    timestamptz_send(p.played_at) || int4send(p.track_id) || int4send(p.ms_played) || int4send(p.shifted_s)
    || int2send(p.source) || int2send(p.flags), ''::bytea)
FROM plays p WHERE p.user_id = %(user)s AND p.import_id = %(import_id)s;

-- name: hand_over
-- Another import said it too.
UPDATE plays p SET import_id = %(heir)s
FROM unnest(%(ended_us)s::bigint[], %(tracks)s::int[], %(mss)s::int[]) AS u (ended_us, track_id, ms_played)
WHERE p.user_id = %(user)s AND p.import_id = %(import_id)s AND p.played_at = timestamptz 'epoch' + u.ended_us * interval '1 microsecond'
    AND p.track_id = u.track_id AND p.ms_played = u.ms_played;

-- name: remove_import
-- What this import brought.
DELETE FROM plays p WHERE p.user_id = %(user)s AND p.import_id = %(import_id)s;

-- name: span_of_polled
-- Where the archive will change when what Spotify's call told goes.
SELECT (extract(epoch FROM min(p.played_at)) * 1000000)::bigint AS first_us, (extract(epoch FROM max(p.played_at)) * 1000000)::bigint AS last_us
FROM plays p WHERE p.user_id = %(user)s AND p.source = %(source)s
HAVING count(*) > 0;

-- name: remove_polled
-- What Spotify's call told.
DELETE FROM plays p WHERE p.user_id = %(user)s AND p.source = %(source)s;

-- name: span_of_scrobble
-- Where the archive will change; `shifted_s` leads back to when it began, as the scrobbler said.
SELECT (extract(epoch FROM min(p.played_at)) * 1000000)::bigint AS first_us, (extract(epoch FROM max(p.played_at)) * 1000000)::bigint AS last_us
FROM plays p WHERE p.user_id = %(user)s AND p.track_id = %(track)s AND p.source = %(source)s
    AND floor(extract(epoch FROM p.played_at))::bigint + p.shifted_s = %(began_s)s::bigint
HAVING count(*) > 0;

-- name: remove_scrobble
-- What scrobblers told of it.
DELETE FROM plays p WHERE p.user_id = %(user)s AND p.track_id = %(track)s AND p.source = %(source)s
    AND floor(extract(epoch FROM p.played_at))::bigint + p.shifted_s = %(began_s)s::bigint;

-- name: mark_undone
-- The import stays on record; one that has failed with nothing kept has nothing to take back.
UPDATE imports SET state = 'undone', message = ''
WHERE id = %(import_id)s AND user_id = %(user)s AND (state = 'done' OR state = 'failed' AND new > 0);

-- name: forget
-- Every listen of one person.
DELETE FROM plays p WHERE p.user_id = %(user)s;
