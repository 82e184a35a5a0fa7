-- name: bare
-- Most played first. A track that the recently-played call told is described already: it has a length, and its album a year.
WITH heard AS MATERIALIZED (
    SELECT p.track_id, count(*)::int AS plays FROM plays p WHERE p.user_id = %(user)s GROUP BY p.track_id
)
SELECT b.is_artist, b.id, b.spotify_id, b.plays FROM (
    SELECT FALSE AS is_artist, t.id, t.spotify_id, h.plays
    FROM heard h JOIN tracks t ON t.id = h.track_id LEFT JOIN albums l ON l.id = t.album_id
    WHERE t.kind = 0 AND t.spotify_id IS NOT NULL AND t.described_at IS NULL
        AND (t.duration_ms = 0 OR (l.spotify_id IS NOT NULL AND l.released = 0))
    UNION ALL
    SELECT TRUE, a.id, a.spotify_id, sum(h.plays)::int
    FROM heard h JOIN tracks t ON t.id = h.track_id JOIN artists a ON a.id = t.artist_id
    WHERE t.kind = 0 AND a.spotify_id IS NOT NULL AND a.described_at IS NULL
    GROUP BY a.id
) AS b
ORDER BY b.plays DESC, b.is_artist DESC, b.id LIMIT %(most)s;

-- name: describe_artists
-- Genres come as lines, since rows of lists of different lengths are no array.
UPDATE artists a SET
    image_url = coalesce(nullif(u.image, ''), a.image_url),
    genres = CASE WHEN u.genres = '' THEN '{}' ELSE string_to_array(u.genres, E'\n') END
FROM unnest(%(ids)s::int[], %(images)s::text[], %(genres)s::text[]) AS u (id, image, genres)
WHERE a.id = u.id;

-- name: asked_tracks
-- Asked once, whatever came of it.
UPDATE tracks SET described_at = %(now)s WHERE id = ANY(%(ids)s::int[]);

-- name: asked_artists
-- Asked once, whatever came of it.
UPDATE artists SET described_at = %(now)s WHERE id = ANY(%(ids)s::int[]);
