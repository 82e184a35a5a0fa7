-- name: twin
-- The same report, made a moment ago.
SELECT s.id, s.report, s.signature, s.created_at, s.expires_at, s.views
FROM shares s WHERE s.user_id = %(user)s AND s.report = %(report)s AND s.created_at >= %(since)s ORDER BY s.created_at LIMIT 1;

-- name: publish
-- A report under its random name.
INSERT INTO shares (id, user_id, report, signature, created_at, expires_at)
VALUES (%(id)s, %(user)s, %(report)s, %(signature)s, %(now)s, %(expires_at)s);

-- name: open
-- A report that hasn't expired.
SELECT s.id, s.report, s.signature, s.created_at, s.expires_at, s.views
FROM shares s WHERE s.id = %(id)s AND (s.expires_at IS NULL OR s.expires_at > %(now)s);

-- name: own
-- One's own, the newest first, the expired among them.
SELECT s.id, s.report, s.signature, s.created_at, s.expires_at, s.views
FROM shares s WHERE s.user_id = %(user)s ORDER BY s.created_at DESC, s.id LIMIT 500;

-- name: count
-- How many one has.
SELECT count(*)::int FROM shares s WHERE s.user_id = %(user)s;

-- name: revoke
-- Only one's own.
DELETE FROM shares WHERE id = %(id)s AND user_id = %(user)s;

-- name: set_expiry
-- Only one's own.
UPDATE shares SET expires_at = %(expires_at)s WHERE id = %(id)s AND user_id = %(user)s;

-- name: add_views
-- Several at a time.
UPDATE shares SET views = views + %(views)s WHERE id = %(id)s;
