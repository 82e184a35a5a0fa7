-- name: keep_proof
-- What the last run of sweeps proved stays proven.
INSERT INTO proofs (user_id, from_at, till_at, import_id)
SELECT s.user_id, s.proven_from, s.asked_at, 0 FROM sweeps s WHERE s.user_id = %(user)s AND s.proven_from < s.asked_at
ON CONFLICT DO NOTHING;

-- name: sweep_no_more
-- Nobody is due whom Spotify may not be asked for.
DELETE FROM sweeps WHERE user_id = %(user)s;

-- name: give_up_requests
-- What was asked for and can't be had any more.
UPDATE archive_requests SET state = 'failed', message = %(message)s, finished_at = %(now)s
WHERE user_id = %(user)s AND state IN ('queued', 'running');
