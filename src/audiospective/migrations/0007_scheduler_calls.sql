-- Calls of the outside scheduler that were carried out, until their signatures expire: the same one again does nothing.

CREATE TABLE scheduler_calls (
    call_id text PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
