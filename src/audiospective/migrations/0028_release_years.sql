-- The year in which an album came out, as Spotify tells it; 0: not known.
ALTER TABLE albums ADD COLUMN released smallint NOT NULL DEFAULT 0;
