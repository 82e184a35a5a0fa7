-- name: tells
-- Whether the database answers; when a worker last said that it is at work (NULL: none ever did), and whether Spotify has asked this app
-- to stay away for a while.
SELECT (SELECT max(beat_at) FROM worker_heartbeats) AS beat_at,
    EXISTS (SELECT FROM spotify_pauses WHERE client_id = %(client)s AND paused_until > %(now)s) AS is_paused;
