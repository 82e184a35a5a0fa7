-- The names that the runbook's own questions use, read-only; and who is on the team of a launch.

CREATE VIEW "PlayEvent" AS
SELECT p.user_id AS "userId", p.track_id AS "trackId", p.played_at AS "playedAt", p.ms_played AS "msPlayed" FROM plays p;
CREATE VIEW "User" AS
SELECT p.id, p.display_name AS "name", p.spotify_id AS "spotifyId", p.created_at AS "createdAt" FROM people p;
CREATE VIEW "Track" AS SELECT t.id, t.name, t.spotify_id AS "spotifyId", t.duration_ms AS "durationMs", t.album_id AS "albumId" FROM tracks t;
CREATE VIEW "Artist" AS SELECT a.id, a.name, a.spotify_id AS "spotifyId" FROM artists a;
CREATE VIEW "Album" AS SELECT a.id, a.name, a.spotify_id AS "spotifyId", a.image_url AS "imageUrl" FROM albums a;

CREATE TABLE ops_team (
    role text PRIMARY KEY CHECK (role IN ('deployment-lead', 'monitoring-lead', 'support-lead', 'backup-engineer')),
    name text NOT NULL,
    contact_sealed bytea NOT NULL,                   -- mail and phone, under APP_SECRET
    zone text NOT NULL,                              -- IANA name, or an offset as the runbook writes it
    named_at timestamptz NOT NULL
);
