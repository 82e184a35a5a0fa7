-- name: apps_due
-- Through which apps somebody could be asked about now.
SELECT a.id FROM spotify_apps a
WHERE EXISTS (SELECT FROM sweeps s
    WHERE s.app_id = a.id AND s.due_at <= %(now)s AND (s.leased_until IS NULL OR s.leased_until <= %(now)s))
ORDER BY a.id;

-- name: take
-- Workers share the due: each skips what another is taking, and no lease is given twice while it lasts.
WITH due AS MATERIALIZED (
    SELECT s.user_id FROM sweeps s
    WHERE s.app_id = %(app)s AND s.due_at <= %(now)s AND (s.leased_until IS NULL OR s.leased_until <= %(now)s)
    ORDER BY s.due_at LIMIT %(size)s
    FOR UPDATE SKIP LOCKED
)
UPDATE sweeps t SET leased_until = %(until)s, fence = t.fence + 1
FROM due WHERE t.user_id = due.user_id
RETURNING t.user_id, t.fence, t.troubles, t.last_trouble, t.asked_at, t.proven_from, t.head_at, t.page_hash, t.page_count, t.fill_s;

-- name: take_riskiest
-- When not everyone can be asked: first those who fill a page fastest since they were asked last; who was never asked comes before all.
WITH due AS MATERIALIZED (
    SELECT s.user_id FROM sweeps s
    WHERE s.app_id = %(app)s AND s.due_at <= %(now)s AND (s.leased_until IS NULL OR s.leased_until <= %(now)s)
    ORDER BY extract(epoch FROM %(now)s::timestamptz - coalesce(s.asked_at, '2000-01-01'::timestamptz))
        / CASE WHEN s.fill_s > 0 THEN s.fill_s ELSE %(usual_s)s::int END DESC, s.user_id
    LIMIT %(size)s
    FOR UPDATE SKIP LOCKED
)
UPDATE sweeps t SET leased_until = %(until)s, fence = t.fence + 1
FROM due WHERE t.user_id = due.user_id
RETURNING t.user_id, t.fence, t.troubles, t.last_trouble, t.asked_at, t.proven_from, t.head_at, t.page_hash, t.page_count, t.fill_s;

-- name: at_risk
-- Whose page may have filled since they were asked last: plays are being lost, or soon will be.
SELECT p.name, s.asked_at, s.fill_s, s.due_at, s.last_trouble,
    (extract(epoch FROM %(now)s::timestamptz - s.asked_at) / s.fill_s)::float8 AS filled
FROM sweeps s JOIN people p ON p.id = s.user_id
WHERE s.fill_s > 0 AND s.asked_at IS NOT NULL
    AND extract(epoch FROM %(now)s::timestamptz - s.asked_at) >= s.fill_s * %(least)s::float8
ORDER BY filled DESC, s.user_id LIMIT %(size)s;

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
