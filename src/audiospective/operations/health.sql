-- name: answers
-- The smallest question that a working database answers.
SELECT 1;

-- name: last_beat
-- When a worker last said that it is at work; NULL when none ever did.
SELECT max(beat_at) FROM worker_heartbeats;

-- name: is_paused
-- Whether Spotify has asked this app to stay away for a while.
SELECT TRUE FROM spotify_pauses WHERE client_id = %(client)s AND paused_until > %(now)s;
