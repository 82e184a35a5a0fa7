-- Whoever was deleted stays deleted: a keyed mark, from which nobody can be told, ends what a restored backup would bring back.

CREATE TABLE tombstones (
    mark text PRIMARY KEY,                           -- privacy/tombstones.py
    deleted_at timestamptz NOT NULL
);
