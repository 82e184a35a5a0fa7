-- What is watched after a launch, what comes again and again, what people say, and what is seen from outside.

CREATE TABLE watches (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phase text NOT NULL CHECK (phase IN ('15m', '1h', '2h', 'day', 'week')),
    started_at timestamptz NOT NULL,                 -- the cut-over, where it is of a launch
    ends_at timestamptz NOT NULL,
    started_by text NOT NULL,
    stopped_at timestamptz,                          -- before its end, by somebody
    judged_at timestamptz                            -- its boxes are in the ledger
);
CREATE INDEX watches_by_phase ON watches (phase, started_at DESC);

CREATE TABLE cadence_runs (
    round text NOT NULL CHECK (round IN ('hourly', 'morning', 'afternoon', 'evening', 'weekly', 'monthly')),
    due_at timestamptz NOT NULL,
    ran_at timestamptz NOT NULL,
    ran_by text NOT NULL,
    passed int NOT NULL,
    failed int NOT NULL,
    unknown int NOT NULL,
    waiting int NOT NULL,
    PRIMARY KEY (round, due_at)
);

CREATE TABLE feedback (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL,
    at timestamptz NOT NULL,
    said text NOT NULL,                              -- in the operator's words, without names
    is_critical boolean NOT NULL,
    incident_id int REFERENCES incidents,
    replied_at timestamptz,
    reply text NOT NULL DEFAULT ''
);
CREATE INDEX feedback_by_time ON feedback (at);

CREATE TABLE probe_looks (
    at timestamptz PRIMARY KEY,                      -- a whole minute; kept for 8 days
    is_up boolean NOT NULL,
    ms int NOT NULL,
    said text NOT NULL                               -- what was wrong; '' when nothing was
);

CREATE TABLE notices (
    place text PRIMARY KEY CHECK (place IN ('status', 'landing', 'announcement')),
    said text NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL
);
