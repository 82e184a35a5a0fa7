-- What counts, as its owner wants it. Nothing that is stored changes.

ALTER TABLE people ADD COLUMN least_play_s smallint NOT NULL DEFAULT 30 CHECK (least_play_s BETWEEN 0 AND 600);

CREATE TABLE exclusions (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('artist', 'album', 'track', 'hours')),
    target int NOT NULL,                             -- of the catalogue; of hours, the first × 100 + the last
    name text NOT NULL,                              -- as it was called when it was left out
    created_at timestamptz NOT NULL,
    UNIQUE (user_id, kind, target)
);
