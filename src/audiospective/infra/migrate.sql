-- name: create_ledger
-- What has been applied, and what it looked like then; the first statement ever run on a database.
CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    safe_from text NOT NULL DEFAULT ''
);

-- name: lock
-- One process migrates, the others wait for it and find nothing left to do.
SELECT pg_advisory_lock(%(key)s);

-- name: unlock
-- Said aloud, so that a connection that is kept doesn't keep the lock.
SELECT pg_advisory_unlock(%(key)s);

-- name: applied
-- In the order in which they were applied; read by way of JSON, since older databases get the last column by a migration.
SELECT m.name, m.checksum, coalesce(to_jsonb(m) ->> 'safe_from', '') AS safe_from FROM migrations m ORDER BY m.name;

-- name: patience
-- A migration that waits for a lock makes everybody behind it wait, so it gives up soon and can be run again.
SET LOCAL lock_timeout = '2s';

-- name: record
-- In the transaction of the migration itself.
INSERT INTO migrations (name, checksum) VALUES (%(name)s, %(checksum)s);

-- name: record_contract
-- The same for one that takes something away.
INSERT INTO migrations (name, checksum, safe_from) VALUES (%(name)s, %(checksum)s, %(safe_from)s);
