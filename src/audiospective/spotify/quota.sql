-- name: budget
-- What each lane spent within a day and within this hour, with what bounds them all: what was learned of the quota lately (None while
-- Spotify never said "enough"), and until when it asked this app to stay away. One row without a lane where nothing was spent.
SELECT s.lane, s.day, s.hour,
    (SELECT q.calls_a_day FROM spotify_quotas q WHERE q.client_id = %(client_id)s AND q.learned_at > %(believed_since)s) AS calls_a_day,
    (SELECT p.paused_until FROM spotify_pauses p WHERE p.client_id = %(client_id)s AND p.paused_until > %(now)s) AS paused_until
FROM (VALUES (1)) AS one LEFT JOIN (
    SELECT c.lane, sum(c.calls)::int AS day, coalesce(sum(c.calls) FILTER (WHERE c.hour = %(hour)s), 0)::int AS hour
    FROM spotify_calls c WHERE c.client_id = %(client_id)s AND c.hour > %(since)s
    GROUP BY c.lane
) AS s ON true;

-- name: paused_until
-- Until when Spotify asked this app to stay away.
SELECT p.paused_until FROM spotify_pauses p WHERE p.client_id = %(client_id)s AND p.paused_until > %(now)s;

-- name: spend
-- One row an hour and lane: all workers add to it.
INSERT INTO spotify_calls (client_id, hour, lane, calls) VALUES (%(client_id)s, %(hour)s, %(lane)s, %(calls)s)
ON CONFLICT (client_id, hour, lane) DO UPDATE SET calls = spotify_calls.calls + excluded.calls;

-- name: learn
-- The smallest number that was too many, until it is too old to be believed.
INSERT INTO spotify_quotas (client_id, calls_a_day, learned_at) VALUES (%(client_id)s, %(calls)s, %(now)s)
ON CONFLICT (client_id) DO UPDATE SET
    calls_a_day = CASE WHEN spotify_quotas.learned_at > %(since)s THEN least(spotify_quotas.calls_a_day, excluded.calls_a_day)
        ELSE excluded.calls_a_day END,
    learned_at = excluded.learned_at;

-- name: forget
-- Hours that no question looks at any more.
DELETE FROM spotify_calls WHERE hour < %(before)s;

-- name: pause
-- The longest pause counts.
INSERT INTO spotify_pauses (client_id, paused_until) VALUES (%(client_id)s, %(until)s)
ON CONFLICT (client_id) DO UPDATE SET paused_until = greatest(spotify_pauses.paused_until, excluded.paused_until);

-- name: resume
-- Whoever paused by hand says so by hand.
DELETE FROM spotify_pauses WHERE client_id = %(client_id)s;
