-- Who is at work, and whether Spotify asked this app to stay away.

CREATE TABLE worker_heartbeats (
    name text PRIMARY KEY,                           -- of the process: host and process id
    beat_at timestamptz NOT NULL
);

CREATE TABLE spotify_pauses (
    client_id text PRIMARY KEY,                      -- the limit is the app's, so all workers obey it
    paused_until timestamptz NOT NULL
);
