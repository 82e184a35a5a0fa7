-- name: consents
-- Permissions that end within the longest warning.
SELECT g.user_id, g.authorized_at AS about FROM grants g
WHERE g.state = 'active' AND g.authorized_at > %(over)s AND g.authorized_at <= %(near)s ORDER BY g.user_id;

-- name: ended
-- Permissions that have ended, long enough ago that no breaker will bring them back.
SELECT g.user_id, g.ended_at AS about FROM grants g
WHERE g.state = 'ended' AND g.ended_at <= %(before)s ORDER BY g.user_id;

-- name: held_up
-- Whose permission holds, and about whom Spotify hasn't answered for long.
SELECT s.user_id, s.asked_at AS about
FROM sweeps s JOIN grants g ON g.user_id = s.user_id
WHERE g.state = 'active' AND s.last_trouble IS NOT NULL AND s.asked_at <= %(before)s ORDER BY s.user_id;

-- name: quiet
-- Who is asked about, and has been heard nothing of for long.
SELECT s.user_id, s.head_at AS about
FROM sweeps s JOIN grants g ON g.user_id = s.user_id
WHERE g.state = 'active' AND s.last_trouble IS NULL AND s.asked_at > %(lately)s AND s.head_at <= %(before)s
    AND NOT EXISTS (SELECT FROM notices_told n WHERE n.user_id = s.user_id AND n.kind = 'quiet' AND n.about = s.head_at)
ORDER BY s.user_id;

-- name: active
-- Of how many people that is.
SELECT count(*)::int FROM grants g WHERE g.state = 'active';

-- name: remember
-- Only whoever writes it down tells it.
INSERT INTO notices_told (user_id, kind, about, told_at) VALUES (%(user)s, %(kind)s, %(about)s, %(now)s) ON CONFLICT DO NOTHING;

-- name: standing
-- Of one person, for pages: Spotify doesn't answer about them, or the silence that they were told of lasts.
SELECT 'held_up' AS kind, s.asked_at AS about
FROM sweeps s JOIN grants g ON g.user_id = s.user_id
WHERE s.user_id = %(user)s AND g.state = 'active' AND s.last_trouble IS NOT NULL AND s.asked_at <= %(before)s
UNION ALL
SELECT n.kind, n.about
FROM sweeps s JOIN grants g ON g.user_id = s.user_id JOIN notices_told n ON n.user_id = s.user_id AND n.about = s.head_at
WHERE s.user_id = %(user)s AND g.state = 'active' AND s.last_trouble IS NULL AND n.kind = 'quiet';
