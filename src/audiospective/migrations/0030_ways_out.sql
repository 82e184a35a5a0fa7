-- Where a listener is told things, and where copies of their archive go by themselves. Addresses and keys are sealed.

CREATE TABLE notice_ways (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('mail', 'webhook', 'ntfy', 'gotify')),
    target bytea NOT NULL,                           -- sealed: where to
    signing_key bytea NOT NULL,                      -- sealed: what a hook's messages are signed with
    wants text[] NOT NULL,                           -- reports/notices.py Topic
    confirmed_at timestamptz,                        -- of mail: when the link in its first letter was opened
    created_at timestamptz NOT NULL
);
CREATE INDEX notice_ways_by_user ON notice_ways (user_id);

-- Messages to listeners travel as those to operators do; they go when their way goes.
ALTER TABLE outbox
    ADD COLUMN way_id int REFERENCES notice_ways ON DELETE CASCADE,
    ADD COLUMN rich text NOT NULL DEFAULT '';        -- the same as HTML, for mail
CREATE INDEX outbox_by_way ON outbox (way_id) WHERE way_id IS NOT NULL;

CREATE TABLE scheduled_exports (
    user_id int PRIMARY KEY REFERENCES people ON DELETE CASCADE,
    place text NOT NULL CHECK (place IN ('folder', 's3')),
    target bytea NOT NULL,                           -- sealed JSON of export/scheduled.py Bucket; empty for the folder
    format text NOT NULL,
    every text NOT NULL CHECK (every IN ('day', 'week', 'month')),
    due_at timestamptz NOT NULL,                     -- also the lease: whoever takes it moves it on
    troubles int NOT NULL DEFAULT 0,                 -- in a row
    tried_at timestamptz,
    done_at timestamptz,
    outcome text NOT NULL DEFAULT '',                -- in a sentence, without address or key
    bytes_sent bigint NOT NULL DEFAULT 0
);
CREATE INDEX scheduled_exports_due ON scheduled_exports (due_at);
