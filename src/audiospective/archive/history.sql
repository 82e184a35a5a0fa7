-- name: version
-- Whether a cached history is still what is stored.
SELECT history_version FROM people WHERE id = %(user)s;

-- name: counted_plays
-- The counted plays in no order, packed on the server: 20 bytes each, one row to carry, nothing to decode. Two columns share a send, since
-- concatenation is what costs; sorting is left to numpy, which takes 5 ms for what takes the server 20.
SELECT string_agg(
    timestamptz_send(p.played_at) || int8send((p.track_id::bigint << 32) | (p.ms_played::bigint & 4294967295))
    || int4send((p.flags::int << 16) | p.source), ''::bytea)
FROM plays p
WHERE p.user_id = %(user)s AND p.flags & 256 = 0;

-- name: track_table
-- First artist, album and length of these tracks, packed: 16 bytes each; 0 for a nameless artist or no album.
SELECT string_agg(
    int4send(t.id) || int4send(CASE WHEN a.name IN ('', 'Unknown Artist') THEN 0 ELSE t.artist_id END)
    || int4send(coalesce(t.album_id, 0)) || int4send(t.duration_ms), ''::bytea ORDER BY t.id)
FROM tracks t JOIN artists a ON a.id = t.artist_id
WHERE t.id = ANY(%(ids)s);
