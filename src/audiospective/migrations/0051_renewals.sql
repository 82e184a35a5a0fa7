-- Who is renewing a token says so in the row, and holds no transaction open while Spotify is asked.

ALTER TABLE grants ADD COLUMN renewing_until timestamptz; -- set while somebody renews it; in the past: whoever did stopped in the middle
