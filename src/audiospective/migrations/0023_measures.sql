-- What is measured of requests, pages and the machine, by the minute; nothing of whom.

CREATE TABLE measured_minutes (
    at timestamptz NOT NULL,                         -- a whole minute; kept for 26 hours
    kind text NOT NULL,                              -- of request (page, api, …), vital.lcp and its like, query
    class text NOT NULL,                             -- 2xx, 4xx, 5xx; real or robot; all
    buckets int[] NOT NULL,                          -- infra/histogram.py
    PRIMARY KEY (at, kind, class)
);

CREATE TABLE measured_hours (
    at timestamptz NOT NULL,                         -- a whole hour; kept for 36 days
    kind text NOT NULL,
    class text NOT NULL,
    buckets int[] NOT NULL,
    PRIMARY KEY (at, kind, class)
);

CREATE TABLE machine_minutes (
    at timestamptz PRIMARY KEY,                      -- a whole minute; kept for 8 days. A minute without a row was not looked at
    version text NOT NULL,
    is_up boolean NOT NULL,
    is_well boolean NOT NULL,                        -- every service that is set up
    connections int NOT NULL,
    database_bytes bigint NOT NULL,
    cpu_ratio real                                   -- NULL in a worker's first minute
);

-- Visits without cookies: address and browser mixed with a number that is thrown away after two days, so that no key outlives them.
CREATE TABLE visit_salts (
    day date PRIMARY KEY,
    salt bytea NOT NULL
);

CREATE TABLE visits (
    visitor bytea NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    pages int NOT NULL,
    PRIMARY KEY (visitor, first_at)
);
CREATE INDEX visits_by_time ON visits (first_at);
