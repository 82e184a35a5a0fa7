-- name: advance
-- Progress, in the transaction that stored the rows it speaks of.
UPDATE imports SET files_done = files_done + %(files)s, bytes_done = bytes_done + %(bytes)s, rows = rows + %(rows)s, new = new + %(new)s,
    duplicates = duplicates + %(duplicates)s, rejected = rejected + %(rejected)s,
    first_played_at = least(first_played_at, %(first)s), last_played_at = greatest(last_played_at, %(last)s)
WHERE id = %(id)s;

-- name: add_files
-- What became of each file.
INSERT INTO import_files (import_id, position, name, size, format, rows, new, duplicates, rejected, covers_from, covers_till)
SELECT %(id)s, u.position, u.name, u.size, u.format, u.rows, u.new, u.duplicates, u.rejected, u.covers_from, u.covers_till
FROM unnest(%(positions)s::int[], %(names)s::text[], %(sizes)s::bigint[], %(formats)s::text[], %(rows)s::int[], %(news)s::int[],
    %(duplicates)s::int[], %(rejecteds)s::int[], %(froms)s::timestamptz[], %(tills)s::timestamptz[])
    AS u (position, name, size, format, rows, new, duplicates, rejected, covers_from, covers_till);

-- name: add_rejects
-- The rows set aside, as they came.
INSERT INTO import_rejects (import_id, position, file, row, reason, raw)
SELECT %(id)s, u.position, u.file, u.row, u.reason, u.raw
FROM unnest(%(positions)s::int[], %(files)s::text[], %(rows)s::int[], %(reasons)s::text[], %(raws)s::text[])
    AS u (position, file, row, reason, raw);
