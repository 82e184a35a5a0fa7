-- When a permission ended: many ends at once are Spotify's trouble, not the people's.

ALTER TABLE grants ADD COLUMN ended_at timestamptz;
CREATE INDEX grants_ended ON grants (ended_at) WHERE ended_at IS NOT NULL;
