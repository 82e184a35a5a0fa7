-- Reports that people share: frozen when they are made, so that a link never tells more than its maker saw.

CREATE TABLE shares (
    id text PRIMARY KEY,                             -- 128 random bits in URL-safe letters
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    report bytea NOT NULL,                           -- JSON of reports/share.py Report
    signature text NOT NULL,                         -- of id and report
    created_at timestamptz NOT NULL,
    expires_at timestamptz,                          -- NULL: never
    views int NOT NULL DEFAULT 0                     -- about so many; who looked is not written down
);
CREATE INDEX shares_by_user ON shares (user_id, created_at DESC);
