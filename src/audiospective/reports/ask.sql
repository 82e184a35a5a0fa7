-- name: state
-- The state of their archive, what they count and leave out, and when Spotify last told something of anybody's music: covers, genres and
-- years are as they were until it does again. Each index ends with it.
SELECT concat_ws(' ', p.history_version, p.least_play_s, coalesce((
        SELECT string_agg(concat_ws(',', e.kind, e.target, e.until_minute), ';' ORDER BY e.kind, e.target, e.until_minute)
        FROM exclusions e WHERE e.user_id = p.id
    ), ''), greatest((SELECT max(t.described_at) FROM tracks t), (SELECT max(a.described_at) FROM artists a)))
FROM people p WHERE p.id = %(user)s;
