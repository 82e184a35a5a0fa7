-- name: held
-- How much there is, and the newest thing that operators did.
SELECT (SELECT count(*)::int FROM people) AS people, (SELECT count(user_id)::int FROM plays) AS plays, (SELECT max(at) FROM ops_ledger) AS newest;
