-- What went wrong in the program, grouped; and what operators may do.

CREATE TABLE fault_kinds (
    fingerprint text PRIMARY KEY,                    -- of the error's kind and the functions that it passed
    title text NOT NULL,                             -- kind and message, with whatever could name somebody left out
    place text NOT NULL,
    weight text NOT NULL CHECK (weight IN ('critical', 'high', 'medium', 'low')),
    is_test boolean NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count int NOT NULL,
    trace text NOT NULL                              -- of the newest; '' where there was none
);

CREATE TABLE fault_events (
    event_id text PRIMARY KEY,                       -- told twice, it is counted once
    fingerprint text NOT NULL REFERENCES fault_kinds ON DELETE CASCADE,
    at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL,
    environment text NOT NULL,
    release text NOT NULL,
    has_trace boolean NOT NULL
);
CREATE INDEX fault_events_by_time ON fault_events (at);
CREATE INDEX fault_events_by_kind ON fault_events (fingerprint);

-- What somebody may do on the operators' pages; whoever was an operator may do everything.
ALTER TABLE people ADD COLUMN operator_role text NOT NULL DEFAULT 'lead'
    CHECK (operator_role IN ('viewer', 'support', 'monitor', 'lead'));

-- The code by which the first operator shows that the console is theirs; there is one row at most, and none once there is an operator.
CREATE TABLE operator_code (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    code_hash bytea NOT NULL,
    made_at timestamptz NOT NULL
);

-- When an operator's page was last heard of.
ALTER TABLE people ADD COLUMN operator_seen_at timestamptz;
