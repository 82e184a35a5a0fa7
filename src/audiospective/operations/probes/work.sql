-- name: last_beat
-- When a worker last said that it is at work.
SELECT max(h.beat_at) FROM worker_heartbeats h;

-- name: behind_since
-- Since when the plan isn't kept: the longest due of those connected, or when the newest sweep that went well is older than anybody's pause.
SELECT least(min(s.due_at), max(s.swept_at) + %(longest)s)
FROM sweeps s JOIN grants g ON g.user_id = s.user_id WHERE g.state = 'active';

-- name: next_sweep
-- The next that is due.
SELECT min(s.due_at) FROM sweeps s JOIN grants g ON g.user_id = s.user_id WHERE g.state = 'active';

-- name: connected
-- People with a good permission.
SELECT count(*)::int FROM grants g WHERE g.state = 'active';

-- name: late
-- People with a good permission who were due so long ago, or are on no plan at all.
SELECT count(*)::int FROM grants g LEFT JOIN sweeps s ON s.user_id = g.user_id
WHERE g.state = 'active' AND (s.user_id IS NULL OR s.due_at < %(before)s);

-- name: causes
-- Why people who were asked about got nothing, in words.
SELECT coalesce(string_agg(c.people || ' × ' || c.last_trouble, ', ' ORDER BY c.people DESC, c.last_trouble), '') FROM (
    SELECT coalesce(s.last_trouble, 'no cause told') AS last_trouble, count(*) AS people
    FROM sweeps s JOIN grants g ON g.user_id = s.user_id WHERE g.state = 'active' AND s.troubles > 0 GROUP BY 1
) AS c;

-- name: swept_since
-- People whose sweep went well since then.
SELECT count(*)::int FROM sweeps s WHERE s.swept_at > %(since)s;

-- name: refreshing
-- Permissions that ended since then although their time wasn't over, apart from those that listeners took back; refused for many at once
-- they go on, and are a failure all the same.
SELECT
    (count(*) FILTER (WHERE g.ended_at > %(since)s AND g.ended_reason IS DISTINCT FROM %(expired)s
        AND g.ended_reason IS DISTINCT FROM %(revoked)s OR g.doubted_at > %(since)s))::int AS failed,
    (count(*) FILTER (WHERE g.ended_at > %(since)s AND g.ended_reason = %(revoked)s))::int AS revoked
FROM grants g;

-- name: accounts
-- Everyone.
SELECT count(*)::int FROM people;

-- name: new_accounts
-- Since then.
SELECT count(*)::int FROM people p WHERE p.created_at > %(since)s;

-- name: shares
-- Reports that are shared.
SELECT count(*)::int FROM shares s WHERE s.created_at > %(since)s;
