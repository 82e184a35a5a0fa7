-- name: start
-- A window with its end.
INSERT INTO watches (phase, started_at, ends_at, started_by) VALUES (%(phase)s, %(started_at)s, %(ends_at)s, %(by)s)
RETURNING id, phase, started_at, ends_at, started_by, stopped_at, judged_at;

-- name: stop
-- The one that runs.
UPDATE watches SET stopped_at = %(now)s WHERE phase = %(phase)s AND stopped_at IS NULL AND ends_at > %(now)s;

-- name: newest
-- One of each phase.
SELECT DISTINCT ON (w.phase) w.id, w.phase, w.started_at, w.ends_at, w.started_by, w.stopped_at, w.judged_at
FROM watches w ORDER BY w.phase, w.started_at DESC, w.id DESC;

-- name: judged
-- Once, whichever worker comes first.
UPDATE watches SET judged_at = %(now)s WHERE id = %(id)s AND judged_at IS NULL;

-- name: counts
-- What people did in that stretch; nobody is named.
SELECT
    (SELECT count(*)::int FROM sessions s WHERE s.created_at >= %(since)s AND s.created_at < %(until)s) AS sign_ins,
    (SELECT count(*)::int FROM shares s WHERE s.created_at >= %(since)s AND s.created_at < %(until)s) AS shares,
    (SELECT count(*)::int FROM sweeps s WHERE s.swept_at >= %(since)s) AS swept,
    (SELECT count(*)::int FROM grants g WHERE g.state = 'active') AS granted,
    (SELECT count(*)::int FROM grants g WHERE g.state = 'active' AND g.expires_at < %(stale)s) AS stale,
    (SELECT coalesce(max(extract(epoch FROM coalesce(f.replied_at, %(until)s) - f.at) / 60), 0)::float8
        FROM feedback f WHERE f.at >= %(since)s AND f.at < %(until)s) AS slowest_reply_min,
    (SELECT count(*)::int FROM feedback f WHERE f.at >= %(since)s AND f.at < %(until)s) AS feedback;

-- name: probes
-- What the prober outside saw.
SELECT p.is_up FROM probe_looks p WHERE p.at >= %(since)s AND p.at < %(until)s ORDER BY p.at;
