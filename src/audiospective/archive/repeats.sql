-- name: keep
-- One part for each step of an import.
INSERT INTO import_repeats (import_id, keys) VALUES (%(import_id)s, %(keys)s);

-- name: of_others
-- Only of imports that stand; whoever came first inherits.
SELECT r.import_id, r.keys FROM import_repeats r JOIN imports i ON i.id = r.import_id
WHERE i.user_id = %(user)s AND i.id <> %(import_id)s AND i.state IN ('running', 'done')
ORDER BY r.import_id, r.part;

-- name: forget
-- It repeats nothing any more.
DELETE FROM import_repeats WHERE import_id = %(import_id)s;
