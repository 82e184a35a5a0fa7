-- name: publish
-- The newest words count.
INSERT INTO notices (place, said, published_at, published_by) VALUES (%(place)s, %(said)s, %(now)s, %(by)s)
ON CONFLICT (place) DO UPDATE SET said = excluded.said, published_at = excluded.published_at, published_by = excluded.published_by;

-- name: take_back
-- Gone.
DELETE FROM notices WHERE place = %(place)s;

-- name: published
-- All of them.
SELECT n.place, n.said, n.published_at FROM notices n;

-- name: worst
-- Of the open incidents that concern all or many the worst.
SELECT i.title FROM incidents i WHERE i.resolved_at IS NULL AND i.severity <= 2 ORDER BY i.severity, i.opened_at DESC LIMIT 1;
