-- name: begin
-- Whose permission nobody is renewing just now is ours to renew; `broken_off_at` is there where somebody began it and never ended.
WITH free AS MATERIALIZED (
    SELECT g.user_id, g.renewing_until FROM grants g
    WHERE g.user_id = ANY(%(users)s::int[]) AND (g.renewing_until IS NULL OR g.renewing_until <= %(now)s)
    ORDER BY g.user_id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE grants t SET renewing_until = %(until)s FROM free WHERE t.user_id = free.user_id
RETURNING t.user_id, t.client_id, t.access_token, t.refresh_token, t.expires_at, t.authorized_at, t.state, t.ended_reason,
    t.renewing_until, free.renewing_until AS broken_off_at;

-- name: keep
-- Fresh tokens prove a permission, whatever another was told who asked with the token before. Not over a newer sign-in, nor twice.
UPDATE grants g SET access_token = v.access_token, refresh_token = coalesce(v.refresh_token, g.refresh_token),
    expires_at = v.expires_at, renewing_until = NULL, state = 'active', ended_reason = NULL, ended_at = NULL
FROM unnest(
    %(users)s::int[], %(accesses)s::bytea[], %(refreshes)s::bytea[], %(expiries)s::timestamptz[], %(asked_with)s::bytea[],
    %(renewing)s::timestamptz[]
) AS v (user_id, access_token, refresh_token, expires_at, asked_with, renewing_until)
WHERE g.user_id = v.user_id AND (g.refresh_token = v.asked_with OR g.renewing_until = v.renewing_until);

-- name: let_go
-- Nothing came of it; that one was broken off before stays known.
UPDATE grants g SET renewing_until = v.before
FROM unnest(%(users)s::int[], %(renewing)s::timestamptz[], %(before)s::timestamptz[]) AS v (user_id, renewing_until, before)
WHERE g.user_id = v.user_id AND g.renewing_until = v.renewing_until;

-- name: is_there
-- Whether there is anything to renew.
SELECT EXISTS (SELECT FROM grants WHERE user_id = %(user)s);

-- name: one_end_at_a_time
-- Whoever ends a permission sees the ends before it.
SELECT pg_advisory_xact_lock(%(number)s) IS NULL;

-- name: end
-- Only signing in again brings it back; who has done so meanwhile isn't disconnected.
UPDATE grants SET state = 'ended', ended_reason = %(reason)s, ended_at = %(now)s, renewing_until = NULL
WHERE user_id = %(user)s AND renewing_until = %(renewing)s;

-- name: ends
-- How many permissions that should still hold have ended lately, and how many there were then.
SELECT count(*) FILTER (WHERE g.ended_at > %(since)s OR g.doubted_at > %(since)s) AS ended, count(*) AS all_then
FROM grants g WHERE g.authorized_at > %(agreed_since)s AND (g.state = 'active' OR g.ended_at > %(since)s);

-- name: revive
-- They ended all at once, so none of them is believed.
UPDATE grants SET state = 'active', ended_reason = NULL, ended_at = NULL, doubted_at = %(now)s
WHERE ended_at > %(since)s AND authorized_at > %(agreed_since)s;
