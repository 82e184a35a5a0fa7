-- The year in which an album came out, as Spotify tells it; 0: not known.
ALTER TABLE albums ADD COLUMN released smallint NOT NULL DEFAULT 0;

-- When something was last told of anybody's music: what an answer's tag has to know.
CREATE INDEX tracks_by_description ON tracks (described_at) WHERE described_at IS NOT NULL;
CREATE INDEX artists_by_description ON artists (described_at) WHERE described_at IS NOT NULL;
