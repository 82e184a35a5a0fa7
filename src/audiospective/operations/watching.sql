-- name: sweep_waits_since
-- Since when the most overdue person waits to be swept.
SELECT min(due_at) FROM sweeps WHERE due_at <= %(now)s;

-- name: consents_ending
-- Permissions that hold and whose time is over soon.
SELECT count(*)::int FROM grants g WHERE g.state = 'active' AND g.authorized_at > %(after)s AND g.authorized_at <= %(before)s;
