-- name: find
-- The grant as it is.
SELECT g.user_id, g.client_id, g.access_token, g.refresh_token, g.expires_at, g.authorized_at, g.scope, g.state, g.ended_reason
FROM grants g WHERE g.user_id = %(user)s;

-- name: at_hand
-- Tokens that still last, of many people.
SELECT g.user_id, g.access_token FROM grants g
WHERE g.user_id = ANY(%(users)s::int[]) AND g.client_id = %(client_id)s AND g.state = 'active' AND g.expires_at > %(least)s;

-- name: lock
-- Whoever refreshes holds the row until the new tokens are stored: a rotated token lost is an archive lost.
SELECT g.user_id, g.client_id, g.access_token, g.refresh_token, g.expires_at, g.authorized_at, g.scope, g.state, g.ended_reason
FROM grants g WHERE g.user_id = ANY(%(users)s::int[]) ORDER BY g.user_id FOR UPDATE;

-- name: lock_free
-- The same of many people at once, without waiting for whom another refreshes just now: else waits would add up to more than anybody waits.
SELECT g.user_id, g.client_id, g.access_token, g.refresh_token, g.expires_at, g.authorized_at, g.scope, g.state, g.ended_reason
FROM grants g WHERE g.user_id = ANY(%(users)s::int[]) ORDER BY g.user_id FOR UPDATE SKIP LOCKED;

-- name: store
-- A person has one grant; signing in anew replaces it.
INSERT INTO grants (user_id, client_id, access_token, refresh_token, expires_at, authorized_at, scope)
VALUES (%(user)s, %(client_id)s, %(access)s, %(refresh)s, %(expires_at)s, %(now)s, %(scope)s)
ON CONFLICT (user_id) DO UPDATE SET
    client_id = excluded.client_id,
    access_token = excluded.access_token,
    refresh_token = excluded.refresh_token,
    expires_at = excluded.expires_at,
    authorized_at = excluded.authorized_at,
    scope = excluded.scope,
    state = 'active',
    ended_reason = NULL,
    ended_at = NULL,
    doubted_at = NULL;

-- name: renew
-- Fresh tokens; the person agreed no later than before.
UPDATE grants g SET access_token = v.access_token, refresh_token = v.refresh_token, expires_at = v.expires_at
FROM unnest(%(users)s::int[], %(accesses)s::bytea[], %(refreshes)s::bytea[], %(expiries)s::timestamptz[])
    AS v (user_id, access_token, refresh_token, expires_at)
WHERE g.user_id = v.user_id;

-- name: one_end_at_a_time
-- Whoever ends a permission sees the ends before it.
SELECT pg_advisory_xact_lock(%(number)s) IS NULL;

-- name: end
-- Only signing in again brings it back.
UPDATE grants SET state = 'ended', ended_reason = %(reason)s, ended_at = %(now)s WHERE user_id = %(user)s;

-- name: ends
-- How many permissions that should still hold have ended lately, and how many there were then.
SELECT count(*) FILTER (WHERE g.ended_at > %(since)s OR g.doubted_at > %(since)s) AS ended, count(*) AS all_then
FROM grants g WHERE g.authorized_at > %(agreed_since)s AND (g.state = 'active' OR g.ended_at > %(since)s);

-- name: revive
-- They ended all at once, so none of them is believed.
UPDATE grants SET state = 'active', ended_reason = NULL, ended_at = NULL, doubted_at = %(now)s
WHERE ended_at > %(since)s AND authorized_at > %(agreed_since)s;

-- name: sealed
-- Everyone's, locked against a refresh at the same time.
SELECT g.user_id, g.client_id, g.access_token, g.refresh_token, g.expires_at, g.authorized_at, g.scope, g.state, g.ended_reason
FROM grants g ORDER BY g.user_id FOR UPDATE SKIP LOCKED;

-- name: uses
-- How many permissions have a token under each secret, by the key id that every envelope begins with; the app that somebody brought counts too.
SELECT encode(substr(e.sealed, 2, 4), 'hex') AS key, count(DISTINCT e.user_id)::int AS permissions
FROM (
    SELECT g.user_id, g.access_token AS sealed FROM grants g
    UNION ALL SELECT g.user_id, g.refresh_token FROM grants g
    UNION ALL SELECT a.user_id, a.client_secret FROM spotify_apps a WHERE a.client_secret IS NOT NULL
) AS e GROUP BY 1 ORDER BY 1;

-- name: not_under
-- What a rotation has left: permissions of which a token isn't under this secret, and apps of which the secret isn't.
SELECT (
    (SELECT count(*) FROM grants g
        WHERE encode(substr(g.access_token, 2, 4), 'hex') <> %(key)s OR encode(substr(g.refresh_token, 2, 4), 'hex') <> %(key)s)
    + (SELECT count(*) FROM spotify_apps a WHERE encode(substr(a.client_secret, 2, 4), 'hex') <> %(key)s)
)::int;

-- name: reseal
-- The same tokens under another secret.
UPDATE grants SET access_token = %(access)s, refresh_token = %(refresh)s WHERE user_id = %(user)s;

-- name: forget
-- The keys themselves; Spotify lists the app until its owner removes it there.
DELETE FROM grants WHERE user_id = %(user)s;
