-- name: put
-- Once, however often somebody is deleted.
INSERT INTO tombstones (mark, deleted_at) SELECT u.mark, %(now)s::timestamptz FROM unnest(%(marks)s::text[]) AS u (mark)
ON CONFLICT DO NOTHING;

-- name: marks
-- All of them; a few bytes each.
SELECT t.mark FROM tombstones t ORDER BY t.deleted_at, t.mark;

-- name: born
-- What a mark is made of; an id alone is given out anew where a backup was restored.
SELECT p.id, p.created_at FROM people p WHERE p.id = coalesce(%(user)s::int, p.id) ORDER BY p.id;
