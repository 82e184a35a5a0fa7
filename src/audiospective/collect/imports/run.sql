-- name: begin
-- A new import, waiting.
INSERT INTO imports (user_id, name, bytes_total, requested_at) VALUES (%(user)s, %(name)s, %(size)s, %(now)s) RETURNING id;

-- name: waits
-- The bytes of each import of theirs that hasn't ended.
SELECT i.bytes_total FROM imports i WHERE i.user_id = %(user)s AND i.state IN ('queued', 'running');

-- name: owner
-- Whose import it is; nobody's when it is gone or was undone.
SELECT user_id FROM imports WHERE id = %(id)s AND state IN ('queued', 'running');

-- name: start
-- Work begins, or begins again after a crash: what the earlier try brought is known and counts as its own.
UPDATE imports SET state = 'running', started_at = %(now)s, format = %(format)s, files = %(files)s, bytes_total = %(size)s,
    files_done = 0, bytes_done = 0, rows = 0, new = 0, duplicates = 0, rejected = 0
WHERE id = %(id)s;

-- name: stored
-- What an earlier try stored, in the order of its files.
SELECT f.name, f.size, f.format, f.rows, f.rejected, f.covers_from, f.covers_till FROM import_files f
JOIN imports i ON i.id = f.import_id AND i.state = 'running'
WHERE f.import_id = %(id)s ORDER BY f.position;

-- name: clear_files
-- Counts of an earlier try.
DELETE FROM import_files WHERE import_id = %(id)s;

-- name: clear_rejects
-- Rejects of an earlier try.
DELETE FROM import_rejects WHERE import_id = %(id)s;

-- name: count_nothing
-- It has failed, and nothing of it was kept.
UPDATE imports SET files_done = 0, bytes_done = 0, rows = 0, new = 0, duplicates = 0, rejected = 0 WHERE id = %(id)s;

-- name: finish
-- Done, or failed with a sentence for the person.
UPDATE imports SET state = %(state)s, message = %(message)s, finished_at = %(now)s WHERE id = %(id)s;

-- name: one
-- One import of this person.
SELECT id, state, name, format, files, files_done, rows, new, duplicates, rejected, bytes_total, bytes_done, first_played_at,
    last_played_at, message, requested_at, started_at, finished_at
FROM imports WHERE id = %(id)s AND user_id = %(user)s;

-- name: all
-- A person's imports, newest first.
SELECT id, state, name, format, files, files_done, rows, new, duplicates, rejected, bytes_total, bytes_done, first_played_at,
    last_played_at, message, requested_at, started_at, finished_at
FROM imports WHERE user_id = %(user)s ORDER BY id DESC LIMIT 200;

-- name: files
-- Its files.
SELECT name, rows, new, duplicates, rejected FROM import_files WHERE import_id = %(id)s ORDER BY position;

-- name: reasons
-- Why rows were set aside, the most frequent reason first.
SELECT reason, count(*) AS rows FROM import_rejects WHERE import_id = %(id)s GROUP BY reason ORDER BY 2 DESC, 1;

-- name: rejects
-- Its rows set aside, the first so many.
SELECT file, row, reason, raw FROM import_rejects WHERE import_id = %(id)s ORDER BY position LIMIT %(limit)s;
