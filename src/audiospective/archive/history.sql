-- name: version
-- Whether a cached history is still what is stored.
SELECT history_version FROM people WHERE id = %(user)s;

-- name: counted_plays
-- The counted plays, oldest first, packed on the server: 20 bytes each, one row to carry, nothing to decode.
SELECT string_agg(
    timestamptz_send(s.played_at) || int4send(s.track_id) || int4send(s.ms_played) || int2send(s.flags) || int2send(s.source), ''::bytea)
FROM (
    SELECT p.played_at, p.track_id, p.ms_played, p.flags, p.source
    FROM plays p
    WHERE p.user_id = %(user)s AND p.flags & 256 = 0
    ORDER BY p.user_id, p.played_at, p.track_id, p.ms_played, p.source
) AS s;

-- name: track_table
-- First artist, album and length of these tracks, packed: 16 bytes each; 0 for a nameless artist or no album.
SELECT string_agg(
    int4send(t.id) || int4send(CASE WHEN a.name IN ('', 'Unknown Artist') THEN 0 ELSE t.artist_id END)
    || int4send(coalesce(t.album_id, 0)) || int4send(t.duration_ms), ''::bytea ORDER BY t.id)
FROM tracks t JOIN artists a ON a.id = t.artist_id
WHERE t.id = ANY(%(ids)s);
