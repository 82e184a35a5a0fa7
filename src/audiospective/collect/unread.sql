-- name: keep
-- The same item comes with every answer until fifty plays have followed it.
INSERT INTO unreadable (user_id, hash, seen_at, objection, raw)
SELECT u.user_id, u.hash, %(now)s, u.objection, u.raw
FROM unnest(%(users)s::int[], %(hashes)s::bytea[], %(objections)s::text[], %(raws)s::bytea[]) AS u (user_id, hash, objection, raw)
ON CONFLICT DO NOTHING;
