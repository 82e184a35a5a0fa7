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

-- name: late
-- People with a good permission who were due so long ago.
SELECT count(*)::int FROM sweeps s JOIN grants g ON g.user_id = s.user_id WHERE g.state = 'active' AND s.due_at < %(before)s;

-- name: swept_since
-- People whose sweep went well since then.
SELECT count(*)::int FROM sweeps s WHERE s.swept_at > %(since)s;

-- name: refresh_failures
-- Permissions that ended since then although their time wasn't over.
SELECT count(*)::int FROM grants g WHERE g.ended_at > %(since)s AND g.ended_reason IS DISTINCT FROM %(expired)s;

-- name: accounts
-- Everyone.
SELECT count(*)::int FROM people;

-- name: new_accounts
-- Since then.
SELECT count(*)::int FROM people p WHERE p.created_at > %(since)s;

-- name: shares
-- Reports that are shared.
SELECT count(*)::int FROM shares s WHERE s.created_at > %(since)s;
