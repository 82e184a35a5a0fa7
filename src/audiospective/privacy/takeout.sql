-- name: profile
-- One row.
SELECT json_build_object('handle', p.name, 'displayName', p.display_name, 'spotifyId', p.spotify_id, 'timeZone', p.time_zone, 'livedBefore', p.past_zones,
    'theme', p.theme, 'language', p.language, 'createdAt', p.created_at, 'spotifyDataGoesAt', p.forget_polled_at, 'playCountsFromSeconds', p.least_play_s)::text
FROM people p WHERE p.id = %(user)s;

-- name: spotify
-- Without the tokens.
SELECT json_build_object('clientId', g.client_id, 'authorizedAt', g.authorized_at, 'scope', g.scope, 'state', g.state,
    'endedReason', g.ended_reason, 'endedAt', g.ended_at)::text
FROM grants g WHERE g.user_id = %(user)s
UNION ALL
SELECT json_build_object('ownApp', a.client_id, 'addedAt', a.added_at)::text FROM spotify_apps a WHERE a.user_id = %(user)s;

-- name: sweeps
-- The state of the hourly sweeps, then each request.
SELECT json_build_object('sweptAt', s.swept_at, 'dueAt', s.due_at, 'lastTrouble', s.last_trouble, 'newestPlayAt', s.head_at)::text
FROM sweeps s WHERE s.user_id = %(user)s
UNION ALL
SELECT json_build_object('requestedAt', r.requested_at, 'state', r.state, 'songsArchived', r.songs_archived, 'message', r.message)::text
FROM archive_requests r WHERE r.user_id = %(user)s;

-- name: unreadable
-- What lies aside, as bytes.
SELECT u.seen_at, u.objection, u.raw FROM unreadable u WHERE u.user_id = %(user)s ORDER BY u.seen_at, u.hash;

-- name: imports
-- Each with its files and rejected rows.
SELECT json_build_object('id', i.id, 'name', i.name, 'state', i.state, 'format', i.format, 'requestedAt', i.requested_at, 'rows', i.rows,
    'new', i.new, 'duplicates', i.duplicates, 'rejected', i.rejected,
    'files', (SELECT coalesce(json_agg(json_build_object('name', f.name, 'rows', f.rows) ORDER BY f.position), '[]'::json)
        FROM import_files f WHERE f.import_id = i.id),
    'setAside', (SELECT coalesce(json_agg(json_build_object('file', x.file, 'row', x.row, 'reason', x.reason, 'raw', x.raw) ORDER BY x.position),
        '[]'::json) FROM import_rejects x WHERE x.import_id = i.id),
    'repeatedToTheLetter', (SELECT coalesce(sum(length(k.keys) / 8), 0) FROM import_repeats k WHERE k.import_id = i.id))::text
FROM imports i WHERE i.user_id = %(user)s ORDER BY i.id;

-- name: playlists
-- By when it ended.
SELECT json_build_object('endedAt', h.ended_at, 'playlist', 'https://open.spotify.com/playlist/' || h.playlist)::text
FROM heard_from h WHERE h.user_id = %(user)s ORDER BY h.ended_at;

-- name: completeness
-- Proofs, then gaps.
SELECT json_build_object('proven', true, 'from', f.from_at, 'to', f.till_at, 'importId', nullif(f.import_id, 0))::text
FROM proofs f WHERE f.user_id = %(user)s
UNION ALL
SELECT json_build_object('proven', false, 'from', g.from_at, 'to', g.till_at, 'reason', g.reason)::text
FROM gaps g WHERE g.user_id = %(user)s;

-- name: notices
-- What was told.
SELECT json_build_object('kind', n.kind, 'about', n.about, 'toldAt', n.told_at)::text FROM notices_told n WHERE n.user_id = %(user)s ORDER BY n.told_at, n.kind;

-- name: left_out
-- The lens's rules.
SELECT json_build_object('kind', e.kind, 'name', e.name, 'since', e.created_at)::text FROM exclusions e WHERE e.user_id = %(user)s ORDER BY e.id;

-- name: shares
-- Whole, since it is theirs.
SELECT json_build_object('id', s.id, 'createdAt', s.created_at, 'expiresAt', s.expires_at, 'views', s.views,
    'report', convert_from(s.report, 'UTF8')::json)::text
FROM shares s WHERE s.user_id = %(user)s ORDER BY s.created_at, s.id;

-- name: copies
-- Without the keys.
SELECT json_build_object('place', c.place, 'format', c.format, 'every', c.every, 'dueAt', c.due_at, 'doneAt', c.done_at, 'outcome', c.outcome,
    'bytes', c.bytes_sent)::text
FROM scheduled_exports c WHERE c.user_id = %(user)s;

-- name: ways
-- Each way, then what was sent by it.
SELECT json_build_object('kind', w.kind, 'wants', w.wants, 'language', w.language, 'createdAt', w.created_at, 'confirmedAt', w.confirmed_at,
    'messages', (SELECT coalesce(json_agg(json_build_object('subject', o.subject, 'body', o.body, 'state', o.state, 'createdAt', o.created_at)
        ORDER BY o.id), '[]'::json) FROM outbox o WHERE o.way_id = w.id))::text
FROM notice_ways w WHERE w.user_id = %(user)s ORDER BY w.id;

-- name: comparisons
-- Those that one asked for, and those that one agreed to.
SELECT json_build_object('askedByMe', c.user_id = %(user)s, 'createdAt', c.created_at, 'agreedAt', c.agreed_at)::text
FROM comparisons c WHERE c.user_id = %(user)s OR c.other_id = %(user)s ORDER BY c.created_at, c.id;

-- name: access
-- Sessions, then tokens; of both only a hash is kept, which isn't told.
SELECT json_build_object('kind', 'session', 'createdAt', s.created_at, 'lastSeenAt', s.last_seen_at, 'expiresAt', s.expires_at)::text
FROM sessions s WHERE s.user_id = %(user)s
UNION ALL
SELECT json_build_object('kind', 'personal token', 'name', t.name, 'createdAt', t.created_at, 'lastUsedAt', t.last_used_at)::text
FROM personal_tokens t WHERE t.user_id = %(user)s;

-- name: reports
-- A portion of what each source said, in the order of the table's key, so that the next begins where this one ends.
SELECT json_build_object('endedAt', p.played_at, 'track', t.name, 'artist', a.name, 'spotifyId', t.spotify_id, 'msPlayed', nullif(p.ms_played, -1),
    'source', (%(labels)s::text[])[p.source], 'importId', nullif(p.import_id, 0), 'standsForThePlay', p.flags & 256 = 0)::text AS told,
    p.played_at, p.track_id, p.ms_played, p.source
FROM plays p JOIN tracks t ON t.id = p.track_id JOIN artists a ON a.id = t.artist_id
WHERE p.user_id = %(user)s
    AND (p.played_at, p.track_id, p.ms_played, p.source) > (%(played_at)s::timestamptz, %(track_id)s::int, %(ms_played)s::int, %(source)s::smallint)
ORDER BY p.played_at, p.track_id, p.ms_played, p.source LIMIT %(size)s;
