-- What the operators are told, and of what.

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dedupe_key text NOT NULL UNIQUE,                 -- the same news is stored once; also told to the receiver
    channel text NOT NULL,
    fallback text[] NOT NULL DEFAULT '{}',           -- where it goes when this channel gives up, in order
    subject text NOT NULL,
    body text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts int NOT NULL DEFAULT 0,                 -- also the fence: only the newest attempt may settle
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    receipt text NOT NULL DEFAULT '',
    trouble text NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';

CREATE TABLE alert_samples (
    at timestamptz PRIMARY KEY,                      -- a whole minute
    figures jsonb NOT NULL
);

CREATE TABLE alerts_firing (
    rule text PRIMARY KEY,
    since timestamptz NOT NULL,
    told_at timestamptz,                             -- NULL while silenced from the start
    detail text NOT NULL
);

CREATE TABLE alert_silences (
    rule text PRIMARY KEY,
    until timestamptz NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL
);
