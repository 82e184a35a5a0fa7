-- name: keep
-- Each minute once, however often the file is read again.
INSERT INTO probe_looks (at, is_up, ms, said) VALUES (%(at)s, %(is_up)s, %(ms)s, %(said)s) ON CONFLICT (at) DO NOTHING;

-- name: forget
-- A week and a day are looked back at.
DELETE FROM probe_looks WHERE at < %(before)s;
