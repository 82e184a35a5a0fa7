-- name: give_up_stalled
-- A worker died over it, or none took it in time: the person may ask again.
UPDATE archive_requests SET state = 'failed', message = %(message)s, finished_at = %(now)s
WHERE state IN ('queued', 'running') AND requested_at <= %(before)s;

-- name: begin_request
-- None while one is open; the index `archive_requests_one_at_a_time` decides between two that come at once.
INSERT INTO archive_requests (user_id, requested_at) VALUES (%(user)s, %(now)s)
ON CONFLICT (user_id) WHERE state IN ('queued', 'running') DO NOTHING
RETURNING id;

-- name: open_request
-- The one that is under way.
SELECT r.id FROM archive_requests r WHERE r.user_id = %(user)s AND r.state IN ('queued', 'running');

-- name: run_request
-- None when it was given up meanwhile, or the person has gone.
UPDATE archive_requests SET state = 'running' WHERE id = %(request_id)s AND state IN ('queued', 'running') RETURNING user_id;

-- name: finish_request
-- Given up is given up: a late answer doesn't change what the person was told.
UPDATE archive_requests SET state = %(state)s, songs_archived = %(songs)s, message = %(message)s, finished_at = %(now)s
WHERE id = %(request_id)s AND state = 'running';

-- name: status
-- The last request, if any, and how the hourly sweeps stand.
SELECT r.id AS request_id, r.state, r.songs_archived, r.message, s.swept_at, s.due_at
FROM people p
LEFT JOIN sweeps s ON s.user_id = p.id
LEFT JOIN LATERAL (
    SELECT q.id, q.state, q.songs_archived, q.message FROM archive_requests q WHERE q.user_id = p.id ORDER BY q.id DESC LIMIT 1
) r ON true
WHERE p.id = %(user)s;
