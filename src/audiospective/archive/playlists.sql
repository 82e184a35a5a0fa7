-- name: note
-- Told again with every answer while it is among the last fifty.
INSERT INTO heard_from (user_id, ended_at, playlist)
SELECT u.user_id, timestamptz 'epoch' + u.ended_us * interval '1 microsecond', u.playlist
FROM unnest(%(users)s::int[], %(ends)s::bigint[], %(playlists)s::text[]) AS u (user_id, ended_us, playlist)
ON CONFLICT DO NOTHING;

-- name: ends
-- For a lens.
SELECT (extract(epoch FROM h.ended_at) * 1000000)::bigint FROM heard_from h
WHERE h.user_id = %(user)s AND h.playlist = ANY(%(playlists)s::text[]) ORDER BY h.ended_at;

-- name: forget
-- With the rest of what Spotify's call told.
DELETE FROM heard_from WHERE user_id = %(user)s;
