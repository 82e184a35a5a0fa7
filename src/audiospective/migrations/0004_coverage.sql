-- What is proven, and what is known to be missing.

ALTER TABLE sweeps
    ADD COLUMN asked_at timestamptz,                 -- the last answer that could be believed was asked for then
    ADD COLUMN proven_from timestamptz,              -- from here to asked_at nothing is missing
    ADD COLUMN head_at timestamptz,                  -- the newest play that Spotify told
    ADD COLUMN page_hash bytea NOT NULL DEFAULT '',  -- of the last answer: the same again costs no decoding
    ADD COLUMN page_count smallint NOT NULL DEFAULT 0,
    ADD COLUMN fill_s int NOT NULL DEFAULT 0;        -- so fast this person can fill a page of 50; 0: not known

-- Stretches without a hole: earlier runs of sweeps (import_id 0), and what an official export covers.
CREATE TABLE proofs (
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    from_at timestamptz NOT NULL,
    till_at timestamptz NOT NULL,
    import_id int NOT NULL,
    PRIMARY KEY (user_id, import_id, from_at)
);

-- Where a run of sweeps broke. A gap stays on record; whether a proof closes it is found when it is asked for.
CREATE TABLE gaps (
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    from_at timestamptz NOT NULL,
    till_at timestamptz NOT NULL,
    reason text NOT NULL,                            -- archive/proofs.py Reason
    per_hour real NOT NULL DEFAULT 0,                -- how many plays an hour were told just after it; 0: as usual
    PRIMARY KEY (user_id, from_at)
);
