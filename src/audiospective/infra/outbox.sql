-- name: store
-- The same news twice is one message; its row is as durable as the caller's transaction.
INSERT INTO outbox (dedupe_key, channel, fallback, subject, body, due_at, created_at, way_id, rich)
VALUES (%(key)s, %(channel)s, %(fallback)s, %(subject)s, %(body)s, %(now)s, %(now)s, %(way)s, %(rich)s)
ON CONFLICT (dedupe_key) DO NOTHING;

-- name: is_stored
-- Whether this news was left before, sent or not.
SELECT EXISTS (SELECT FROM outbox o WHERE o.dedupe_key = %(key)s);

-- name: take
-- Whoever takes a message has it until the lease ends; after a crash it is due again by itself.
UPDATE outbox SET attempts = attempts + 1, due_at = %(until)s
WHERE id IN (
    SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= %(now)s ORDER BY due_at, id LIMIT %(size)s FOR UPDATE SKIP LOCKED
)
RETURNING id, dedupe_key AS key, channel, fallback, subject, body, attempts, created_at, way_id, rich;

-- name: sent
-- The receipt is kept; an attempt that lost its lease settles nothing.
UPDATE outbox SET state = 'sent', settled_at = %(now)s, receipt = %(receipt)s, trouble = ''
WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'waiting';

-- name: later
-- Tried again after a pause that grows.
UPDATE outbox SET due_at = %(due)s, trouble = %(trouble)s WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'waiting';

-- name: dead
-- Given up; a person can read why.
UPDATE outbox SET state = 'dead', settled_at = %(now)s, trouble = %(trouble)s
WHERE id = %(id)s AND attempts = %(attempts)s AND state = 'waiting';

-- name: condition
-- What a watcher asks: how many were given up lately, and since when the oldest waits.
SELECT count(*) FILTER (WHERE state = 'dead' AND settled_at > %(since)s) AS dead,
    min(created_at) FILTER (WHERE state = 'waiting') AS oldest_waiting
FROM outbox;

-- name: receipts
-- The newest first, for whoever asks what became of a message.
SELECT dedupe_key AS key, channel, state, attempts, created_at, settled_at, receipt, trouble FROM outbox
WHERE starts_with(dedupe_key, %(prefix)s) ORDER BY id DESC LIMIT %(size)s;
