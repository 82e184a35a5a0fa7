-- What the runbook asks beside what is kept already: the record of an hour's sweeps, and whose page of figures is open.

CREATE TABLE sweep_hours (
    hour timestamptz PRIMARY KEY,
    people int NOT NULL,                             -- begun with, by the clock or by a button
    ended int NOT NULL DEFAULT 0,                    -- of them, those who were seen to, trouble or not
    troubled int NOT NULL DEFAULT 0,
    stored int NOT NULL DEFAULT 0,                   -- new ones
    begun_at timestamptz NOT NULL                    -- the newest
);

ALTER TABLE people ADD COLUMN watching_at timestamptz; -- an operator's page of figures was open then
