-- name: find
-- The grant as it is.
SELECT g.user_id, g.client_id, g.access_token, g.refresh_token, g.expires_at, g.authorized_at, g.scope, g.state, g.ended_reason
FROM grants g WHERE g.user_id = %(user)s;

-- name: at_hand
-- Tokens that still last, of many people.
SELECT g.user_id, g.access_token FROM grants g
WHERE g.user_id = ANY(%(users)s::int[]) AND g.client_id = %(client_id)s AND g.state = 'active' AND g.expires_at > %(least)s;

-- name: lock
-- As it is, until a sign-in has stored its own.
SELECT g.user_id, g.client_id, g.access_token, g.refresh_token, g.expires_at, g.authorized_at, g.scope, g.state, g.ended_reason
FROM grants g WHERE g.user_id = %(user)s FOR UPDATE;

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
    doubted_at = NULL,
    renewing_until = NULL;

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
