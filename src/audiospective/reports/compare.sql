-- name: invite
-- Nobody has said yes yet.
INSERT INTO comparisons (id, user_id, created_at) VALUES (%(id)s, %(user)s, %(now)s);

-- name: count
-- How many one has asked for.
SELECT count(*)::int FROM comparisons c WHERE c.user_id = %(user)s;

-- name: find
-- By its link, with the names of both.
SELECT c.id, c.user_id, c.other_id, c.created_at, c.agreed_at, a.display_name AS asker, coalesce(b.display_name, '') AS other
FROM comparisons c JOIN people a ON a.id = c.user_id LEFT JOIN people b ON b.id = c.other_id WHERE c.id = %(id)s;

-- name: own
-- Those that one has to do with, the newest first.
SELECT c.id, c.user_id, c.other_id, c.created_at, c.agreed_at, a.display_name AS asker, coalesce(b.display_name, '') AS other
FROM comparisons c JOIN people a ON a.id = c.user_id LEFT JOIN people b ON b.id = c.other_id
WHERE c.user_id = %(user)s OR c.other_id = %(user)s ORDER BY c.created_at DESC, c.id;

-- name: agree
-- One other person, once.
UPDATE comparisons SET other_id = %(user)s, agreed_at = %(now)s WHERE id = %(id)s AND other_id IS NULL AND user_id <> %(user)s;

-- name: finish
-- Either of the two.
DELETE FROM comparisons WHERE id = %(id)s AND (user_id = %(user)s OR other_id = %(user)s);
