-- name: date
-- Unless they connect again before.
UPDATE people SET forget_polled_at = %(at)s WHERE id = %(user)s;

-- name: due
-- Whose time has come, and who hasn't connected again.
SELECT p.id FROM people p WHERE p.forget_polled_at <= %(now)s AND NOT EXISTS (SELECT FROM grants g WHERE g.user_id = p.id) ORDER BY p.id;

-- name: forgotten
-- Nothing is left to forget.
UPDATE people SET forget_polled_at = NULL WHERE id = %(user)s;

-- name: forgets_at
-- When what Spotify's call told will go.
SELECT p.forget_polled_at FROM people p WHERE p.id = %(user)s;
