-- name: stays
-- Connected again: nothing of theirs is to be forgotten.
UPDATE people SET forget_polled_at = NULL WHERE id = %(user)s AND forget_polled_at IS NOT NULL;

-- name: due_now
-- Who has just signed in wants to see something: the next sweep is theirs, whatever came before, through the app they came by.
INSERT INTO sweeps (user_id, due_at, app_id) VALUES (%(user)s, %(now)s, %(app)s)
ON CONFLICT (user_id) DO UPDATE SET due_at = least(sweeps.due_at, excluded.due_at), troubles = 0, app_id = excluded.app_id;
