-- name: track_cards
-- Names for the tracks that are shown, with everyone who made each.
SELECT t.id AS id, t.name AS name, t.spotify_id AS spotify_id, t.isrc AS isrc, t.duration_ms AS duration_ms, t.kind AS kind, t.album_id AS album_id,
    CASE WHEN c.ids IS NULL THEN ARRAY[t.artist_id] ELSE c.ids END AS artist_ids
FROM tracks t
LEFT JOIN LATERAL (
    SELECT array_agg(k.artist_id ORDER BY k.position) AS ids FROM track_artists k WHERE k.track_id = t.id
) AS c ON true
WHERE t.id = ANY(%(ids)s);

-- name: album_cards
-- Names and covers for the albums that are shown.
SELECT a.id AS id, a.name AS name, a.spotify_id AS spotify_id, a.image_url AS image_url, a.artist_id AS artist_id
FROM albums a WHERE a.id = ANY(%(ids)s);

-- name: artist_cards
-- Names for the artists that are shown.
SELECT a.id AS id, a.name AS name, a.spotify_id AS spotify_id, a.image_url AS image_url, a.genres AS genres
FROM artists a WHERE a.id = ANY(%(ids)s);

-- name: genres
-- What kind of music they make, where Spotify told it.
SELECT a.id AS id, a.genres AS genres FROM artists a WHERE a.id = ANY(%(ids)s::int[]) AND a.genres <> '{}';

-- name: release_years
-- When they came out, packed as (id, year), of those of which it is known.
SELECT string_agg(int4send(a.id) || int4send(a.released::int), ''::bytea)
FROM albums a WHERE a.id = ANY(%(ids)s::int[]) AND a.released > 0;

-- name: heard_artists
-- Artists of this name that somebody has heard; case is no difference.
SELECT DISTINCT a.id AS id, a.name AS name FROM plays p JOIN tracks t ON t.id = p.track_id JOIN artists a ON a.id = t.artist_id
WHERE p.user_id = %(user)s AND lower(a.name) = lower(%(name)s) LIMIT 50;

-- name: heard_albums
-- Albums of this name that somebody has heard.
SELECT DISTINCT a.id AS id, a.name AS name FROM plays p JOIN tracks t ON t.id = p.track_id JOIN albums a ON a.id = t.album_id
WHERE p.user_id = %(user)s AND lower(a.name) = lower(%(name)s) LIMIT 50;

-- name: heard_tracks
-- Tracks of this name that somebody has heard.
SELECT DISTINCT t.id AS id, t.name AS name FROM plays p JOIN tracks t ON t.id = p.track_id
WHERE p.user_id = %(user)s AND lower(t.name) = lower(%(name)s) LIMIT 50;

-- name: songs
-- Two tracks of one artist and title are one song: what sources without addresses can be matched by. Without a title each is its own.
SELECT t.id AS id, CASE WHEN t.name = '' THEN t.id::text ELSE lower(a.name) || E'\t' || lower(t.name) END AS title, t.duration_ms AS duration_ms
FROM tracks t JOIN artists a ON a.id = t.artist_id
WHERE t.id = ANY(%(ids)s);

-- name: texts
-- Everything that a track is known by, to be searched.
SELECT t.id AS id, concat_ws(E'\n', t.name, a.name, c.names, l.name) AS text
FROM tracks t
JOIN artists a ON a.id = t.artist_id
LEFT JOIN albums l ON l.id = t.album_id
LEFT JOIN LATERAL (
    SELECT string_agg(o.name, E'\n') AS names FROM track_artists k JOIN artists o ON o.id = k.artist_id
    WHERE k.track_id = t.id AND k.position > 0
) AS c ON true
WHERE t.id = ANY(%(ids)s::int[]);
