-- name: make_readable
-- The counts are the server's; this alone lets them be read.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

-- name: gather
-- Of this database, what took most in all; not what sets it up, looks after it, or dumps it.
CREATE TEMP VIEW slowest_statements AS
SELECT s.calls, round(s.total_exec_time::numeric, 1)::float8 AS total_ms, round(s.mean_exec_time::numeric, 2)::float8 AS mean_ms, s.rows,
    s.query AS text
FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND regexp_replace(s.query, '^(\s|--[^\n]*\n)+', '') ~* '^(SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|COPY)'
    AND s.query !~ 'pg_catalog\.|pg_stat_statements'
ORDER BY s.total_exec_time DESC;

-- name: only_read
-- From here on.
SET TRANSACTION READ ONLY;

-- name: gathered
-- As they were.
TABLE slowest_statements LIMIT %(count)s;

-- name: questions
-- How long those to the database took, by the hour.
SELECT m.at, m.kind, m.class AS class_, m.buckets FROM measured_hours m WHERE m.kind = 'query' AND m.at >= %(since)s ORDER BY m.at;
