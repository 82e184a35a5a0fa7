-- name: plays
-- All that is stored of a listener, whatever counts.
SELECT count(*)::int FROM plays p WHERE p.user_id = %(user)s;

-- name: shares
-- Reports that a listener shares.
SELECT count(*)::int FROM shares s WHERE s.user_id = %(user)s;

-- name: play_events
-- The runbook's own question, of one listener.
SELECT count(*)::int FROM "PlayEvent" WHERE "userId" = %(user)s;

-- name: swept
-- Whether a listener was swept at least once and isn't being swept now, or has no Spotify to be swept from.
SELECT NOT EXISTS (SELECT FROM grants g WHERE g.user_id = %(user)s AND g.state = 'active')
    OR EXISTS (SELECT FROM sweeps s WHERE s.user_id = %(user)s AND s.swept_at IS NOT NULL AND s.leased_until IS NULL);
