-- name: tracks_by_spotify_id
-- Which of these addresses are known, packed as (position, id); a minus before the id of one that the Web API hasn't described yet.
SELECT string_agg(int4send(u.position::int) || int4send(CASE WHEN t.duration_ms > 0 THEN t.id ELSE -t.id END), ''::bytea)
FROM unnest(%(kinds)s::int[], %(spotify_ids)s::text[]) WITH ORDINALITY AS u (kind, spotify_id, position)
JOIN tracks t ON t.kind = u.kind AND t.spotify_id = u.spotify_id COLLATE "C";

-- name: tracks_by_name
-- The oldest track of this artist and title, whatever its address: what a source without addresses means.
SELECT string_agg(int4send(f.position::int) || int4send(f.id), ''::bytea)
FROM (
    SELECT u.position, min(t.id) AS id
    FROM unnest(%(kinds)s::int[], %(artist_ids)s::int[], %(names)s::text[]) WITH ORDINALITY AS u (kind, artist_id, name, position)
    JOIN tracks t ON t.artist_id = u.artist_id AND t.name = u.name AND t.kind = u.kind
    GROUP BY u.position
) AS f;

-- name: add_artists
-- Artists that only a name is known of; sorted, so that two writers wait instead of deadlocking.
INSERT INTO artists (name)
SELECT DISTINCT u.name COLLATE "C" FROM unnest(%(names)s::text[]) AS u (name)
WHERE NOT EXISTS (SELECT FROM artists a WHERE a.name = u.name)
ORDER BY 1
ON CONFLICT DO NOTHING;

-- name: artists_by_name
-- The oldest artist of each name, packed as (position, id).
SELECT string_agg(int4send(f.position::int) || int4send(f.id), ''::bytea)
FROM (
    SELECT u.position, min(a.id) AS id
    FROM unnest(%(names)s::text[]) WITH ORDINALITY AS u (name, position)
    JOIN artists a ON a.name = u.name
    GROUP BY u.position
) AS f;

-- name: add_albums
-- Albums that only a name is known of.
INSERT INTO albums (artist_id, name)
SELECT DISTINCT u.artist_id, u.name COLLATE "C" FROM unnest(%(artist_ids)s::int[], %(names)s::text[]) AS u (artist_id, name)
WHERE NOT EXISTS (SELECT FROM albums a WHERE a.artist_id = u.artist_id AND a.name = u.name)
ORDER BY 1, 2
ON CONFLICT DO NOTHING;

-- name: albums_by_name
-- The oldest album of each artist and name, packed as (position, id).
SELECT string_agg(int4send(f.position::int) || int4send(f.id), ''::bytea)
FROM (
    SELECT u.position, min(a.id) AS id
    FROM unnest(%(artist_ids)s::int[], %(names)s::text[]) WITH ORDINALITY AS u (artist_id, name, position)
    JOIN albums a ON a.artist_id = u.artist_id AND a.name = u.name
    GROUP BY u.position
) AS f;

-- name: adopt_tracks
-- A track known by name alone gets its address, so that the plays of both stand under one track.
UPDATE tracks t SET spotify_id = u.spotify_id, album_id = coalesce(t.album_id, nullif(u.album_id, 0))
FROM (
    SELECT DISTINCT ON (kind, artist_id, name) kind, artist_id, name, spotify_id, album_id
    FROM unnest(%(kinds)s::int[], %(spotify_ids)s::text[], %(artist_ids)s::int[], %(album_ids)s::int[], %(names)s::text[])
        AS v (kind, spotify_id, artist_id, album_id, name)
    ORDER BY kind, artist_id, name, spotify_id COLLATE "C"
) AS u
WHERE t.spotify_id IS NULL AND t.artist_id = u.artist_id AND t.name = u.name AND t.name <> '' AND t.kind = u.kind
    AND NOT EXISTS (SELECT FROM tracks o WHERE o.kind = u.kind AND o.spotify_id = u.spotify_id);

-- name: add_tracks
-- Tracks with an address.
INSERT INTO tracks (kind, spotify_id, artist_id, album_id, name)
SELECT u.kind, u.spotify_id, u.artist_id, nullif(u.album_id, 0), u.name
FROM unnest(%(kinds)s::int[], %(spotify_ids)s::text[], %(artist_ids)s::int[], %(album_ids)s::int[], %(names)s::text[])
    AS u (kind, spotify_id, artist_id, album_id, name)
ORDER BY u.kind, u.spotify_id COLLATE "C"
ON CONFLICT DO NOTHING;

-- name: add_tracks_by_name
-- Tracks that only a name is known of.
INSERT INTO tracks (kind, artist_id, album_id, name)
SELECT DISTINCT ON (u.kind, u.artist_id, u.name) u.kind, u.artist_id, nullif(u.album_id, 0), u.name
FROM unnest(%(kinds)s::int[], %(artist_ids)s::int[], %(album_ids)s::int[], %(names)s::text[]) AS u (kind, artist_id, album_id, name)
WHERE NOT EXISTS (SELECT FROM tracks t WHERE t.artist_id = u.artist_id AND t.name = u.name AND t.kind = u.kind)
ORDER BY u.kind, u.artist_id, u.name, u.album_id
ON CONFLICT DO NOTHING;

-- name: adopt_artists
-- An artist known by name alone gets the id that the Web API gives it.
UPDATE artists a SET spotify_id = u.spotify_id
FROM (
    SELECT DISTINCT ON (name) name, spotify_id
    FROM unnest(%(spotify_ids)s::text[], %(names)s::text[]) AS v (spotify_id, name)
    ORDER BY name, spotify_id COLLATE "C"
) AS u
WHERE a.spotify_id IS NULL AND a.name = u.name AND NOT EXISTS (SELECT FROM artists o WHERE o.spotify_id = u.spotify_id);

-- name: add_described_artists
-- Artists with the Web API's id.
INSERT INTO artists (spotify_id, name)
SELECT u.spotify_id, u.name FROM unnest(%(spotify_ids)s::text[], %(names)s::text[]) AS u (spotify_id, name)
ORDER BY u.spotify_id COLLATE "C"
ON CONFLICT DO NOTHING;

-- name: artists_by_spotify_id
-- Their ids here.
SELECT string_agg(int4send(u.position::int) || int4send(a.id), ''::bytea)
FROM unnest(%(spotify_ids)s::text[]) WITH ORDINALITY AS u (spotify_id, position)
JOIN artists a ON a.spotify_id = u.spotify_id COLLATE "C";

-- name: adopt_albums
-- An album known by name alone gets its id and cover.
UPDATE albums a SET spotify_id = u.spotify_id, image_url = u.image_url, released = u.released
FROM (
    SELECT DISTINCT ON (artist_id, name) artist_id, name, spotify_id, image_url, released
    FROM unnest(%(spotify_ids)s::text[], %(artist_ids)s::int[], %(names)s::text[], %(image_urls)s::text[], %(released)s::int[])
        AS v (spotify_id, artist_id, name, image_url, released)
    ORDER BY artist_id, name, spotify_id COLLATE "C"
) AS u
WHERE a.spotify_id IS NULL AND a.artist_id = u.artist_id AND a.name = u.name
    AND NOT EXISTS (SELECT FROM albums o WHERE o.spotify_id = u.spotify_id);

-- name: add_described_albums
-- Albums with the Web API's id.
INSERT INTO albums (spotify_id, artist_id, name, image_url, released)
SELECT u.spotify_id, u.artist_id, u.name, u.image_url, u.released
FROM unnest(%(spotify_ids)s::text[], %(artist_ids)s::int[], %(names)s::text[], %(image_urls)s::text[], %(released)s::int[])
    AS u (spotify_id, artist_id, name, image_url, released)
ORDER BY u.spotify_id COLLATE "C"
ON CONFLICT DO NOTHING;

-- name: date_albums
-- Albums that were here before their year was told.
UPDATE albums a SET released = u.released
FROM unnest(%(spotify_ids)s::text[], %(released)s::int[]) AS u (spotify_id, released)
WHERE a.spotify_id = u.spotify_id COLLATE "C" AND a.released = 0 AND u.released > 0;

-- name: albums_by_spotify_id
-- Their ids here.
SELECT string_agg(int4send(u.position::int) || int4send(a.id), ''::bytea)
FROM unnest(%(spotify_ids)s::text[]) WITH ORDINALITY AS u (spotify_id, position)
JOIN albums a ON a.spotify_id = u.spotify_id COLLATE "C";

-- name: describe_tracks
-- What the Web API says of a track wins over what an export says.
UPDATE tracks t
SET artist_id = u.artist_id, album_id = coalesce(nullif(u.album_id, 0), t.album_id), duration_ms = u.duration_ms, isrc = u.isrc
FROM unnest(%(ids)s::int[], %(artist_ids)s::int[], %(album_ids)s::int[], %(durations)s::int[], %(isrcs)s::text[])
    AS u (id, artist_id, album_id, duration_ms, isrc)
WHERE t.id = u.id;

-- name: credit_artists
-- Everyone who made the track, in order.
INSERT INTO track_artists (track_id, position, artist_id)
SELECT u.track_id, u.position, u.artist_id
FROM unnest(%(track_ids)s::int[], %(positions)s::int[], %(artist_ids)s::int[]) AS u (track_id, position, artist_id)
ORDER BY 1, 2
ON CONFLICT DO NOTHING;
