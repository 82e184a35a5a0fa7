-- What operators did and what checks found: written once, chained by hashes, never changed.

CREATE TABLE ops_ledger (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    event text NOT NULL,
    subject text NOT NULL,                           -- a box's id, or what else it is about
    body text NOT NULL,                              -- JSON, its keys in order
    prev_hash text NOT NULL,
    hash text NOT NULL                               -- of all that stands before it, and of this
);
CREATE INDEX ops_ledger_by_subject ON ops_ledger (event, subject, seq DESC);

CREATE FUNCTION ops_ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to';
END $$;
CREATE TRIGGER ops_ledger_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ops_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ops_ledger_stays();
