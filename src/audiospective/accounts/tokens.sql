-- name: issue
-- Only the hash is kept.
INSERT INTO personal_tokens (token_hash, user_id, name, created_at) VALUES (%(hash)s, %(user)s, %(name)s, %(now)s)
ON CONFLICT DO NOTHING;

-- name: others
-- How many one has beside this one.
SELECT count(*)::int FROM personal_tokens t WHERE t.user_id = %(user)s AND t.token_hash <> %(hash)s;

-- name: find
-- Asked with every request of a program; writes once a minute at most.
WITH touched AS (
    UPDATE personal_tokens SET last_used_at = %(now)s
    WHERE token_hash = %(hash)s AND (last_used_at IS NULL OR last_used_at <= %(touch_before)s)
)
SELECT p.id, p.name, p.display_name, p.spotify_id, p.past_zones || p.time_zone AS time_zone, p.theme, p.created_at, p.history_version, p.language
FROM personal_tokens t JOIN people p ON p.id = t.user_id
WHERE t.token_hash = %(hash)s;

-- name: hold
-- Nobody revokes it until a session that was begun with it is there, to go with it.
SELECT t.user_id FROM personal_tokens t WHERE t.token_hash = %(hash)s FOR KEY SHARE;

-- name: unused
-- Of whom a token is that nobody has used yet.
SELECT p.name FROM personal_tokens t JOIN people p ON p.id = t.user_id WHERE t.token_hash = %(hash)s AND t.last_used_at IS NULL;

-- name: listed
-- A token's hash is its name towards the person; nothing can be made of it.
SELECT encode(t.token_hash, 'hex') AS id, t.name, t.created_at, t.last_used_at FROM personal_tokens t
WHERE t.user_id = %(user)s ORDER BY t.created_at DESC, t.token_hash;

-- name: revoke
-- One's own only; the sessions that were begun with it go too.
DELETE FROM personal_tokens WHERE user_id = %(user)s AND encode(token_hash, 'hex') = %(id)s;
