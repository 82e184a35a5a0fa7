-- name: lock
-- Never two at once; held until the connection closes, also when its process is killed.
SELECT pg_try_advisory_lock(7301003);

-- name: unlock
-- The next may begin.
SELECT pg_advisory_unlock(7301003);

-- name: people
-- Whether there is anything to lose.
SELECT count(*)::int FROM people;
