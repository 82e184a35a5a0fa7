-- What Spotify's quota was spent on, and what is asked about artists and tracks when there is some to spare.

CREATE TABLE spotify_calls (
    client_id text NOT NULL,
    hour timestamptz NOT NULL,                       -- the full hour in which they were made
    lane smallint NOT NULL,                          -- spotify/quota.py Lane
    calls int NOT NULL,
    PRIMARY KEY (client_id, hour, lane)
);

-- Spotify doesn't publish the number: it is what was spent when it said "enough".
CREATE TABLE spotify_quotas (
    client_id text PRIMARY KEY,
    calls_a_day int NOT NULL,
    learned_at timestamptz NOT NULL
);

ALTER TABLE artists
    ADD COLUMN genres text[] NOT NULL DEFAULT '{}',
    ADD COLUMN described_at timestamptz;             -- Spotify was asked about it, whatever it said
ALTER TABLE tracks ADD COLUMN described_at timestamptz;
ALTER TABLE sweeps ADD COLUMN enriched_at timestamptz;   -- people take turns
