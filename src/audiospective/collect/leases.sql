-- name: take
-- Workers share the due: each skips what another is taking, and no lease is given twice while it lasts.
WITH due AS MATERIALIZED (
    SELECT s.user_id FROM sweeps s
    WHERE s.due_at <= %(now)s AND (s.leased_until IS NULL OR s.leased_until <= %(now)s)
    ORDER BY s.due_at LIMIT %(size)s
    FOR UPDATE SKIP LOCKED
)
UPDATE sweeps t SET leased_until = %(until)s, fence = t.fence + 1
FROM due WHERE t.user_id = due.user_id
RETURNING t.user_id, t.fence, t.troubles, t.last_trouble, t.asked_at, t.proven_from, t.head_at, t.page_hash, t.page_count, t.fill_s;

-- name: take_one
-- Due or not: the person asked for it. None while somebody else holds the lease.
UPDATE sweeps SET leased_until = %(until)s, fence = fence + 1
WHERE user_id = %(user)s AND (leased_until IS NULL OR leased_until <= %(now)s)
RETURNING user_id, fence, troubles, last_trouble, asked_at, proven_from, head_at, page_hash, page_count, fill_s;

-- name: hold
-- Before storing: whoever slept through the end of a lease finds it gone, and nobody takes it while we store. People first, as everywhere.
SELECT p.id FROM unnest(%(users)s::int[], %(fences)s::bigint[]) AS v (user_id, fence)
JOIN people p ON p.id = v.user_id
JOIN sweeps s ON s.user_id = v.user_id AND s.fence = v.fence
ORDER BY p.id FOR NO KEY UPDATE OF p, s;

-- name: settle
-- Only where the fence is still the holder's: a lease that ran out may belong to another by now.
UPDATE sweeps s SET
    due_at = v.due_at,
    leased_until = NULL,
    swept_at = CASE WHEN v.trouble IS NULL THEN %(now)s ELSE s.swept_at END,
    troubles = CASE WHEN v.trouble IS NULL THEN 0 ELSE s.troubles + 1 END,
    last_trouble = v.trouble,
    asked_at = coalesce(v.asked_at, s.asked_at),
    proven_from = coalesce(v.proven_from, s.proven_from),
    head_at = coalesce(v.head_at, s.head_at),
    page_hash = coalesce(v.page_hash, s.page_hash),
    page_count = coalesce(v.page_count, s.page_count),
    fill_s = coalesce(v.fill_s, s.fill_s)
FROM unnest(
    %(users)s::int[], %(fences)s::bigint[], %(due)s::timestamptz[], %(troubles)s::text[], %(asked)s::timestamptz[],
    %(proven)s::timestamptz[], %(heads)s::timestamptz[], %(hashes)s::bytea[], %(counts)s::smallint[], %(fills)s::int[]
) AS v (user_id, fence, due_at, trouble, asked_at, proven_from, head_at, page_hash, page_count, fill_s)
WHERE s.user_id = v.user_id AND s.fence = v.fence;

-- name: paused_until
-- Whether Spotify asked this app to stay away.
SELECT p.paused_until FROM spotify_pauses p WHERE p.client_id = %(client_id)s AND p.paused_until > %(now)s;

-- name: pause
-- The longest pause counts.
INSERT INTO spotify_pauses (client_id, paused_until) VALUES (%(client_id)s, %(until)s)
ON CONFLICT (client_id) DO UPDATE SET paused_until = greatest(spotify_pauses.paused_until, excluded.paused_until);
