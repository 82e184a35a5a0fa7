-- name: next
-- Whose turn is longest ago; it is theirs from now on, so that two workers don't ask about the same.
UPDATE sweeps SET enriched_at = %(now)s
WHERE user_id = (
    SELECT s.user_id FROM sweeps s JOIN grants g ON g.user_id = s.user_id
    WHERE g.state = 'active' AND g.client_id = %(client_id)s AND (s.enriched_at IS NULL OR s.enriched_at <= %(before)s)
    ORDER BY s.enriched_at NULLS FIRST, s.user_id LIMIT 1
    FOR UPDATE OF s SKIP LOCKED
)
RETURNING user_id;
