-- name: size
-- Of this database, in bytes.
SELECT pg_database_size(current_database());

-- name: server
-- Which one answers, and as whom we are there.
SELECT 'Postgres ' || current_setting('server_version') || ', ' || current_database() || ' as ' || current_user;

-- name: clients
-- Of the whole server, by program.
SELECT a.application_name AS program, count(*)::int AS count, current_setting('max_connections')::int AS most
FROM pg_stat_activity a WHERE a.backend_type = 'client backend' GROUP BY a.application_name ORDER BY count(*) DESC, a.application_name;

-- name: encrypted
-- Whether this very connection is.
SELECT coalesce((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), false);

-- name: invalid_indexes
-- Of those that questions lean on, which are missing or broken.
SELECT w.name FROM unnest(%(names)s::text[]) AS w (name)
WHERE NOT EXISTS (
    SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = w.name AND i.indisvalid AND i.indisready
);

-- name: applied
-- Migrations that were.
SELECT count(*)::int FROM migrations;

-- name: a_day_before
-- What a worker saw then, or shortly before.
SELECT m.connections, m.database_bytes FROM machine_minutes m WHERE m.at <= %(at)s AND m.at > %(at)s - interval '1 hour'
ORDER BY m.at DESC LIMIT 1;
