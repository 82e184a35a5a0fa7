-- A session that was begun with a personal token goes with the token, whichever release revokes it; those that began before know of none.
ALTER TABLE sessions ADD COLUMN token_hash bytea REFERENCES personal_tokens ON DELETE CASCADE;
CREATE INDEX sessions_by_token ON sessions (token_hash) WHERE token_hash IS NOT NULL;
