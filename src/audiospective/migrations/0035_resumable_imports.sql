-- Where an import that was cut short goes on: which files were stored, and what time they cover. And what couldn't be read, as it came.

ALTER TABLE import_files
    ADD COLUMN size bigint NOT NULL DEFAULT -1,      -- bytes, unpacked; -1: stored before this was written down
    ADD COLUMN format text NOT NULL DEFAULT '',
    ADD COLUMN covers_from timestamptz,
    ADD COLUMN covers_till timestamptz;

CREATE TABLE unreadable (
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    hash bytea NOT NULL,                             -- of the item: the same again isn't kept again
    seen_at timestamptz NOT NULL,
    objection text NOT NULL,
    raw bytea NOT NULL,                              -- at most 64 kB
    PRIMARY KEY (user_id, hash)
);
