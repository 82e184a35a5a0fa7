-- name: names_like
-- Names that begin like the wanted one, to find a free one beside them.
SELECT p.name FROM people p WHERE p.name = %(slug)s OR p.name LIKE %(pattern)s;

-- name: add
-- None when the name, or the Spotify account, belongs to somebody already.
INSERT INTO people (name, display_name, spotify_id, created_at)
VALUES (%(name)s, %(display_name)s, %(spotify_id)s, %(now)s)
ON CONFLICT DO NOTHING
RETURNING id, name, display_name, spotify_id, past_zones || time_zone AS time_zone, theme, created_at, history_version, language;

-- name: by_id
-- One person.
SELECT p.id, p.name, p.display_name, p.spotify_id, p.past_zones || p.time_zone AS time_zone, p.theme, p.created_at, p.history_version, p.language
FROM people p WHERE p.id = %(user)s;

-- name: by_name
-- One person, as the command line calls them.
SELECT p.id, p.name, p.display_name, p.spotify_id, p.past_zones || p.time_zone AS time_zone, p.theme, p.created_at, p.history_version, p.language
FROM people p WHERE p.name = %(name)s;

-- name: by_spotify_id
-- Whoever signed in with this Spotify account before.
SELECT p.id, p.name, p.display_name, p.spotify_id, p.past_zones || p.time_zone AS time_zone, p.theme, p.created_at, p.history_version, p.language
FROM people p WHERE p.spotify_id = %(spotify_id)s;

-- name: join
-- An archive that was filled by imports alone is filled by Spotify too from now on.
UPDATE people SET spotify_id = %(spotify_id)s WHERE id = %(user)s AND spotify_id IS NULL;

-- name: everyone
-- For the command line's list.
SELECT p.id, p.name, p.display_name, p.spotify_id, p.past_zones || p.time_zone AS time_zone, p.theme, p.created_at, p.history_version, p.language
FROM people p ORDER BY p.name;

-- name: set_preferences
-- NULL leaves a preference as it is.
UPDATE people SET
    time_zone = coalesce(%(time_zone)s, time_zone),
    theme = coalesce(%(theme)s, theme),
    display_name = coalesce(%(display_name)s, display_name),
    language = coalesce(%(language)s, language)
WHERE id = %(user)s
RETURNING id, name, display_name, spotify_id, past_zones || time_zone AS time_zone, theme, created_at, history_version, language;

-- name: remove
-- Sessions, tokens, grant, sweep, requests and imports go with the person; plays are removed by the archive.
DELETE FROM people WHERE id = %(user)s;

-- name: set_past_zones
-- Where they lived before; the zone that holds now stays.
UPDATE people SET past_zones = %(past)s WHERE id = %(user)s
RETURNING id, name, display_name, spotify_id, past_zones || time_zone AS time_zone, theme, created_at, history_version, language;

-- name: one_at_a_time
-- The row itself is not locked against what stores plays, which may hold it for as long as an import's step takes.
SELECT p.id FROM people p CROSS JOIN pg_advisory_xact_lock(7301062, %(user)s::int) WHERE p.id = %(user)s FOR KEY SHARE OF p;

-- name: is_operator
-- Whether they may see how the instance is run.
SELECT p.is_operator FROM people p WHERE p.id = %(user)s;

-- name: an_operator
-- The first of those who may do everything.
SELECT p.id FROM people p WHERE p.is_operator ORDER BY p.operator_role = 'lead' DESC, p.id LIMIT 1;

-- name: set_operator
-- By whoever has the command line.
UPDATE people SET is_operator = %(is_operator)s, operator_role = %(role)s WHERE id = %(user)s;

-- name: operator_role
-- What they may do; nothing for whoever is no operator.
SELECT p.operator_role FROM people p WHERE p.id = %(user)s AND p.is_operator;

-- name: operator_seen
-- Their page is open.
UPDATE people SET operator_seen_at = %(now)s, watching_at = CASE WHEN %(watches)s THEN %(now)s ELSE watching_at END
WHERE id = %(user)s AND is_operator;

-- name: watching
-- Operators whose page of figures is open.
SELECT p.display_name FROM people p WHERE p.is_operator AND p.watching_at > %(since)s ORDER BY p.display_name;

-- name: operators_here
-- Whose page is open, by the names that they go by.
SELECT p.display_name FROM people p WHERE p.is_operator AND p.operator_seen_at > %(since)s ORDER BY p.display_name LIMIT 20;
