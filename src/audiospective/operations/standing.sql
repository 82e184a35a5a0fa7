-- name: collecting
-- Of everyone with a permission; nobody is named.
SELECT
    (count(*) FILTER (WHERE g.state = 'active'))::int AS connected,
    (count(*) FILTER (WHERE g.state = 'active' AND s.due_at < %(late)s))::int AS late,
    (count(*) FILTER (WHERE g.state = 'ended'))::int AS ended,
    (count(*) FILTER (WHERE g.state = 'active' AND g.authorized_at > %(ended)s AND g.authorized_at <= %(ending)s))::int AS ending,
    (count(*) FILTER (WHERE g.state = 'active' AND s.troubles > 0))::int AS troubled,
    (SELECT count(*)::int FROM worker_heartbeats h WHERE h.beat_at > %(alive)s) AS workers,
    max(s.swept_at) AS newest_sweep
FROM grants g LEFT JOIN sweeps s ON s.user_id = g.user_id;
