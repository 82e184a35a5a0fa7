-- name: add
-- A way; mail waits until the link in its first letter is opened.
INSERT INTO notice_ways (user_id, kind, target, signing_key, wants, confirmed_at, created_at, language)
VALUES (%(user)s, %(kind)s, %(target)s, %(key)s, %(wants)s, %(confirmed_at)s, %(now)s, %(language)s) RETURNING id;

-- name: count
-- How many one has.
SELECT count(*)::int FROM notice_ways w WHERE w.user_id = %(user)s;

-- name: own
-- One's own, the oldest first.
SELECT w.id, w.user_id, w.kind, w.target, w.signing_key, w.wants, w.confirmed_at, w.created_at,
    coalesce(nullif(p.language, ''), w.language) AS language
FROM notice_ways w JOIN people p ON p.id = w.user_id WHERE w.user_id = %(user)s ORDER BY w.id;

-- name: one
-- For whoever carries a message.
SELECT w.id, w.user_id, w.kind, w.target, w.signing_key, w.wants, w.confirmed_at, w.created_at,
    coalesce(nullif(p.language, ''), w.language) AS language
FROM notice_ways w JOIN people p ON p.id = w.user_id WHERE w.id = %(way)s;

-- name: all
-- Everybody's that work, for who looks at what there is to tell.
SELECT w.id, w.user_id, w.kind, w.target, w.signing_key, w.wants, w.confirmed_at, w.created_at,
    coalesce(nullif(p.language, ''), w.language) AS language
FROM notice_ways w JOIN people p ON p.id = w.user_id WHERE w.confirmed_at IS NOT NULL ORDER BY w.user_id, w.id;

-- name: remove
-- Only one's own; what waits to be sent goes too.
DELETE FROM notice_ways WHERE id = %(way)s AND user_id = %(user)s;

-- name: confirm
-- The letter was opened by whom it was sent to.
UPDATE notice_ways SET confirmed_at = %(now)s WHERE id = %(way)s AND confirmed_at IS NULL;

-- name: want_no_more
-- One topic less.
UPDATE notice_ways SET wants = array_remove(wants, %(topic)s) WHERE id = %(way)s;
