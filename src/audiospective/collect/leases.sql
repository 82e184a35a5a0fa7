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
RETURNING t.user_id, t.fence, t.troubles;

-- name: take_one
-- Due or not: the person asked for it. None while somebody else holds the lease.
UPDATE sweeps SET leased_until = %(until)s, fence = fence + 1
WHERE user_id = %(user)s AND (leased_until IS NULL OR leased_until <= %(now)s)
RETURNING user_id, fence, troubles;

-- name: settle
-- Only where the fence is still the holder's: a lease that ran out may belong to another by now.
UPDATE sweeps s SET
    due_at = v.due_at,
    leased_until = NULL,
    swept_at = CASE WHEN v.trouble IS NULL THEN %(now)s ELSE s.swept_at END,
    troubles = CASE WHEN v.trouble IS NULL THEN 0 ELSE s.troubles + 1 END,
    last_trouble = v.trouble
FROM unnest(%(users)s::int[], %(fences)s::bigint[], %(due)s::timestamptz[], %(troubles)s::text[]) AS v (user_id, fence, due_at, trouble)
WHERE s.user_id = v.user_id AND s.fence = v.fence;

-- name: paused_until
-- Whether Spotify asked this app to stay away.
SELECT p.paused_until FROM spotify_pauses p WHERE p.client_id = %(client_id)s AND p.paused_until > %(now)s;

-- name: pause
-- The longest pause counts.
INSERT INTO spotify_pauses (client_id, paused_until) VALUES (%(client_id)s, %(until)s)
ON CONFLICT (client_id) DO UPDATE SET paused_until = greatest(spotify_pauses.paused_until, excluded.paused_until);
