-- name: by_id
-- One that somebody brought.
SELECT a.id, a.client_id, a.client_secret, a.user_id, a.added_at FROM spotify_apps a WHERE a.id = %(id)s AND a.client_id IS NOT NULL;

-- name: by_client_id
-- The same by its public name.
SELECT a.id, a.client_id, a.client_secret, a.user_id, a.added_at FROM spotify_apps a WHERE a.client_id = %(client_id)s;

-- name: by_owner
-- The one that this person brought.
SELECT a.id, a.client_id, a.client_secret, a.user_id, a.added_at FROM spotify_apps a WHERE a.user_id = %(user)s;

-- name: of_person
-- Through which app this person is swept.
SELECT s.app_id FROM sweeps s WHERE s.user_id = %(user)s;

-- name: everyone
-- All that were brought, the oldest first; also locked against a second rotation.
SELECT a.id, a.client_id, a.client_secret, a.user_id, a.added_at FROM spotify_apps a WHERE a.client_id IS NOT NULL ORDER BY a.id;

-- name: bring
-- A person has one app; another secret, or another app, takes its place.
INSERT INTO spotify_apps (client_id, client_secret, user_id, added_at) VALUES (%(client_id)s, %(secret)s, %(user)s, %(now)s)
ON CONFLICT (user_id) DO UPDATE SET client_id = excluded.client_id, client_secret = excluded.client_secret, added_at = excluded.added_at;

-- name: drop
-- Whoever was swept through it is told to sign in anew.
DELETE FROM spotify_apps WHERE user_id = %(user)s;

-- name: reseal
-- The same secret in another envelope.
UPDATE spotify_apps SET client_secret = %(secret)s WHERE id = %(id)s;

-- name: seats
-- How many people's permissions that hold belong to each app, and whom Spotify refuses to answer about.
SELECT coalesce(a.client_id, %(operators)s::text) AS client_id, coalesce(p.name, '') AS owner,
    count(g.user_id)::int AS taken, count(g.user_id) FILTER (WHERE s.last_trouble = 'forbidden')::int AS forbidden
FROM spotify_apps a
LEFT JOIN people p ON p.id = a.user_id
LEFT JOIN grants g ON g.client_id = coalesce(a.client_id, %(operators)s::text) AND g.state = 'active'
LEFT JOIN sweeps s ON s.user_id = g.user_id
GROUP BY a.id, p.name ORDER BY a.id;
