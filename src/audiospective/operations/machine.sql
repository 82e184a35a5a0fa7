-- name: size
-- Clients of the whole server, and bytes of this database.
SELECT
    (SELECT count(*)::int FROM pg_stat_activity a WHERE a.backend_type = 'client backend') AS connections,
    pg_database_size(current_database()) AS database_bytes;

-- name: keep
-- Any number of workers may look; a minute is kept once.
INSERT INTO machine_minutes (at, version, is_up, is_well, connections, database_bytes, cpu_ratio)
VALUES (%(at)s, %(version)s, %(is_up)s, %(is_well)s, %(connections)s, %(database_bytes)s, %(cpu_ratio)s)
ON CONFLICT (at) DO NOTHING;

-- name: looks
-- Oldest first.
SELECT m.at, m.version, m.is_up, m.is_well, m.connections, m.database_bytes, m.cpu_ratio FROM machine_minutes m
WHERE m.at >= %(since)s AND m.at < %(until)s ORDER BY m.at;

-- name: forget
-- A week and a day are looked back at.
DELETE FROM machine_minutes WHERE at < %(before)s;
