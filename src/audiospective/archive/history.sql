-- name: version
-- Whether a cached history is still what is stored.
SELECT history_version FROM people WHERE id = %(user)s;

-- name: extent
-- The same, from which version on only plays since when have changed (changes.py; none where that isn't known of this version), and the moments
-- between which a person's listens ended: two looks into the index.
SELECT l.history_version AS version,
    CASE WHEN l.tail_version = l.history_version THEN l.tail_after END AS tail_after, l.tail_from_us,
    (SELECT (extract(epoch FROM min(p.played_at)) * 1000000)::bigint FROM plays p WHERE p.user_id = l.id) AS first_us,
    (SELECT (extract(epoch FROM max(p.played_at)) * 1000000)::bigint FROM plays p WHERE p.user_id = l.id) AS last_us
FROM people l WHERE l.id = %(user)s;

-- name: counted_plays
-- The counted plays of a stretch of time in no order, packed on the server: 20 bytes each, one row to carry, nothing to decode. Two columns share a send, since
-- concatenation is what costs; sorting is left to numpy, which takes 5 ms for what takes the server 20.
SELECT string_agg(
    timestamptz_send(p.played_at) || int8send((p.track_id::bigint << 32) | (p.ms_played::bigint & 4294967295))
    || int4send((p.flags::int << 16) | p.source), ''::bytea)
FROM plays p
WHERE p.user_id = %(user)s AND p.flags & 256 = 0
    AND p.played_at >= timestamptz 'epoch' + %(from_us)s * interval '1 microsecond'
    AND p.played_at < timestamptz 'epoch' + %(before_us)s * interval '1 microsecond';

-- name: count
-- How many counted plays there are, by the index alone: a third of the time that reading them takes.
SELECT count(*)::int FROM plays p WHERE p.user_id = %(user)s AND p.flags & 256 = 0;

-- name: track_table
-- First artist, album, length and ISRC of these tracks, packed: 24 bytes each, in no order; 0 for a nameless artist, no album, no ISRC. An ISRC
-- goes out as a hash of itself and the kind: equal ones are found in numpy, which sorting them here took four times as long as all the rest. That
-- two of 60,000 tracks are taken for one has a chance of 10⁻¹⁰.
SELECT string_agg(
    int8send((t.id::bigint << 32) | (t.duration_ms::bigint & 4294967295))
    || int8send((CASE WHEN t.artist_id = ANY(ARRAY(SELECT a.id FROM artists a WHERE a.name IN ('', 'Unknown Artist'))) THEN 0 ELSE t.artist_id END::bigint << 32)
        | coalesce(t.album_id, 0))
    || int8send(coalesce(hashtextextended(t.isrc, t.kind), 0)), ''::bytea)
FROM tracks t WHERE t.id = ANY(%(ids)s);

-- name: evidence
-- What the source told besides, of the counted plays of a stretch of time; packed as they are.
SELECT string_agg(
    timestamptz_send(p.played_at) || int4send(p.track_id) || int4send(p.ms_played) || int2send(p.source) || int4send(p.shifted_s)
    || int4send(p.platform_id) || int2send(p.country) || int2send(p.reasons), ''::bytea)
FROM plays p
WHERE p.user_id = %(user)s AND p.flags & 256 = 0
    AND p.played_at >= timestamptz 'epoch' + %(from_us)s * interval '1 microsecond'
    AND p.played_at < timestamptz 'epoch' + %(before_us)s * interval '1 microsecond';

-- name: platforms
-- A few hundred words.
SELECT f.id, f.word FROM platforms f;

-- name: reasons
-- A few dozen words.
SELECT r.id::int AS id, r.word FROM reasons r;

-- name: longest_pause
-- The longest time between two plays that follow each other, in seconds; none where there are too few to tell.
SELECT max(extract(epoch FROM q.ended_at - q.before))::float8 FROM (
    SELECT p.played_at AS ended_at, lag(p.played_at) OVER (ORDER BY p.played_at) AS before
    FROM plays p WHERE p.user_id = %(user)s AND p.played_at > %(since)s AND p.played_at <= %(till)s
) AS q HAVING count(*) >= %(least)s;
