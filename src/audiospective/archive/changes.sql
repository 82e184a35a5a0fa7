-- name: tell
-- The version grows, caches and open pages learn of it. A tail goes on while changes come after it and it is a month long at most, so that what
-- is read anew stays short; else it begins with this change. What was true of a version before the last (an older release wrote since) is over.
WITH changed AS (
    UPDATE people p SET
        history_version = p.history_version + 1,
        tail_version = p.history_version + 1,
        (tail_after, tail_from_us) = (
            SELECT CASE WHEN t.goes_on THEN p.tail_after ELSE p.history_version END, CASE WHEN t.goes_on THEN p.tail_from_us ELSE u.from_us END
            FROM (SELECT p.tail_version = p.history_version AND (
                u.from_us = %(nowhere)s OR u.from_us BETWEEN p.tail_from_us AND p.tail_from_us + 2592000000000) AS goes_on) AS t
        )
    FROM unnest(%(users)s::int[], %(froms_us)s::bigint[]) AS u (id, from_us)
    WHERE p.id = u.id RETURNING p.id
)
SELECT pg_notify('history', c.id::text) FROM changed c;
