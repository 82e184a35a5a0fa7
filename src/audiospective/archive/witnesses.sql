-- name: around
-- Every listen of a song by somebody, an hour around a moment: what could be of one play with it.
SELECT (extract(epoch FROM p.played_at) * 1000000)::bigint AS ended_us, p.track_id AS track_id, p.ms_played AS ms_played,
    p.source::int AS source, p.flags::int AS flags, p.shifted_s AS shifted_s, t.duration_ms AS duration_ms, p.import_id AS import_id,
    coalesce(i.name, '') AS import_name, f.word AS platform, p.country::int AS country,
    (t.id = w.id OR (t.isrc = w.isrc AND t.kind = w.kind)) IS TRUE AS is_recording
FROM plays p
JOIN tracks t ON t.id = p.track_id
JOIN artists a ON a.id = t.artist_id
JOIN platforms f ON f.id = p.platform_id
LEFT JOIN imports i ON i.id = p.import_id AND i.user_id = %(user)s
JOIN tracks w ON w.id = %(track)s
JOIN artists v ON v.id = w.artist_id
WHERE p.user_id = %(user)s
    AND p.played_at >= %(at)s::timestamptz - interval '1 hour' AND p.played_at <= %(at)s::timestamptz + interval '1 hour'
    AND ((lower(a.name) = lower(v.name) AND lower(t.name) = lower(w.name)) OR (t.isrc IS NOT NULL AND t.isrc = w.isrc))
ORDER BY p.played_at, p.source, p.track_id, p.ms_played;

-- name: import_names
-- Whose files said it again.
SELECT i.id AS id, i.name AS name FROM imports i WHERE i.user_id = %(user)s AND i.id = ANY(%(ids)s::int[]);
