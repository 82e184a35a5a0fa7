-- An incident that opened by itself knows of what, and the newest line of the ledger that spoke of it: one is open at a time, and a line
-- that was answered opens none again.
ALTER TABLE incidents ADD COLUMN cause text;
ALTER TABLE incidents ADD COLUMN cause_line bigint;
CREATE UNIQUE INDEX incidents_open_by_cause ON incidents (cause) WHERE resolved_at IS NULL;
