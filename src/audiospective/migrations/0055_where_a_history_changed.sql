-- From where on a history has changed: who holds an older version of it reads only that much anew.

ALTER TABLE people
    ADD COLUMN tail_version bigint NOT NULL DEFAULT -1, -- the history_version of which the two below are true; of no other
    ADD COLUMN tail_after bigint NOT NULL DEFAULT 0,    -- since this version …
    ADD COLUMN tail_from_us bigint NOT NULL DEFAULT 0;  -- … only plays that ended then (µs since 1970) or later came, went or changed
