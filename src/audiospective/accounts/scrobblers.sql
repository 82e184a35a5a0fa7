-- name: waits
-- Of whom a key is that nobody has used yet.
SELECT p.name FROM personal_tokens t JOIN people p ON p.id = t.user_id WHERE t.token_hash = %(hash)s AND t.last_used_at IS NULL;
