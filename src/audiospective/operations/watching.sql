-- name: sweep_waits_since
-- Since when the most overdue person waits to be swept.
SELECT min(due_at) FROM sweeps WHERE due_at <= %(now)s;
