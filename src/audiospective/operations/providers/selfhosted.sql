-- name: last_beat
-- When a worker last said that it lives.
SELECT max(h.beat_at) FROM worker_heartbeats h;

-- name: next_due
-- Who is next among those whom Spotify may be asked about.
SELECT min(s.due_at) FROM sweeps s JOIN grants g ON g.user_id = s.user_id WHERE g.state = 'active';

-- name: last_sweep
-- The newest that went well.
SELECT max(s.swept_at) FROM sweeps s;

-- name: hurry
-- Everyone with a good permission is due; a lease that somebody holds stays theirs.
UPDATE sweeps s SET due_at = %(now)s FROM grants g WHERE g.user_id = s.user_id AND g.state = 'active' AND s.due_at > %(now)s;
