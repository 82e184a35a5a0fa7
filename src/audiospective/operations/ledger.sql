-- name: one_at_a_time
-- Whoever adds a line knows the line before it.
SELECT pg_advisory_xact_lock(7301002) IS NULL;

-- name: last
-- The end of the chain.
SELECT l.seq, l.at, l.actor, l.event, l.subject, l.body, l.prev_hash, l.hash FROM ops_ledger l ORDER BY l.seq DESC LIMIT 1;

-- name: add
-- Lines; nothing is ever changed.
INSERT INTO ops_ledger (seq, at, actor, event, subject, body, prev_hash, hash)
SELECT u.seq, u.at, u.actor, u.event, u.subject, u.body, u.prev_hash, u.hash
FROM unnest(%(seq)s::bigint[], %(at)s::timestamptz[], %(actor)s::text[], %(event)s::text[], %(subject)s::text[], %(body)s::text[],
    %(prev_hash)s::text[], %(hash)s::text[]) AS u (seq, at, actor, event, subject, body, prev_hash, hash);

-- name: whole
-- Everything, oldest first.
SELECT l.seq, l.at, l.actor, l.event, l.subject, l.body, l.prev_hash, l.hash FROM ops_ledger l ORDER BY l.seq;

-- name: last_of
-- The newest line of these events, whatever its subject.
SELECT l.seq, l.at, l.actor, l.event, l.subject, l.body, l.prev_hash, l.hash
FROM ops_ledger l WHERE l.event = ANY(%(events)s::text[]) ORDER BY l.seq DESC LIMIT 1;

-- name: told_since
-- Every line of these events since that moment, oldest first.
SELECT l.seq, l.at, l.actor, l.event, l.subject, l.body, l.prev_hash, l.hash
FROM ops_ledger l WHERE l.event = ANY(%(events)s::text[]) AND l.at >= %(since)s ORDER BY l.seq;

-- name: newest
-- The newest line of each subject; none behind a line, where one is given.
SELECT DISTINCT ON (l.subject) l.seq, l.at, l.actor, l.event, l.subject, l.body, l.prev_hash, l.hash
FROM ops_ledger l WHERE l.event = ANY(%(events)s::text[]) AND l.seq <= coalesce(%(until)s, l.seq) ORDER BY l.subject, l.seq DESC;

-- name: behind
-- One and all after it.
SELECT l.seq, l.at, l.actor, l.event, l.subject, l.body, l.prev_hash, l.hash FROM ops_ledger l WHERE l.seq >= %(seq)s ORDER BY l.seq;
