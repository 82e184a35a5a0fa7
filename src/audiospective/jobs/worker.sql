-- name: beat
-- The health page asks when a worker was last at work.
INSERT INTO worker_heartbeats (name, beat_at) VALUES (%(name)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at;

-- name: forget_the_dead
-- Every restart has a new name.
DELETE FROM worker_heartbeats WHERE beat_at < %(before)s;
