-- name: drop_expired
-- A person's old sessions go when a new one begins, so that the table doesn't grow for ever.
DELETE FROM sessions WHERE user_id = %(user)s AND (expires_at <= %(now)s OR last_seen_at <= %(idle_since)s);

-- name: begin
-- Only the hash is kept.
INSERT INTO sessions (id_hash, user_id, created_at, last_seen_at, expires_at, token_hash)
VALUES (%(hash)s, %(user)s, %(now)s, %(now)s, %(expires_at)s, %(token)s);

-- name: find
-- Asked with every request; writes once a minute at most.
WITH touched AS (
    UPDATE sessions SET last_seen_at = %(now)s
    WHERE id_hash = %(hash)s AND expires_at > %(now)s AND last_seen_at > %(idle_since)s AND last_seen_at <= %(touch_before)s
)
SELECT p.id, p.name, p.display_name, p.spotify_id, p.past_zones || p.time_zone AS time_zone, p.theme, p.created_at, p.history_version, p.language, p.is_operator
FROM sessions s JOIN people p ON p.id = s.user_id
WHERE s.id_hash = %(hash)s AND s.expires_at > %(now)s AND s.last_seen_at > %(idle_since)s;

-- name: end
-- Signing out.
DELETE FROM sessions WHERE id_hash = %(hash)s;

-- name: end_all
-- Signing out everywhere.
DELETE FROM sessions WHERE user_id = %(user)s;

-- name: listed
-- Where somebody is signed in, the latest first.
SELECT encode(substr(s.id_hash, 1, 12), 'hex') AS id, s.created_at, s.last_seen_at, s.expires_at FROM sessions s
WHERE s.user_id = %(user)s AND s.expires_at > %(now)s AND s.last_seen_at > %(idle_since)s
ORDER BY s.last_seen_at DESC, s.created_at DESC;

-- name: end_one
-- Signing out another browser, by the beginning of its hash; only one's own.
DELETE FROM sessions WHERE user_id = %(user)s AND encode(substr(id_hash, 1, 12), 'hex') = %(id)s;
