-- A lens may also leave out stretches of time (an evening, a party), and what was heard in private sessions.

ALTER TABLE exclusions DROP CONSTRAINT exclusions_kind_check;
ALTER TABLE exclusions
    ADD COLUMN until_minute int,                     -- of a stretch, minutes since 1970; `target` is its first
    ADD CONSTRAINT exclusions_kind_check CHECK (kind IN ('artist', 'album', 'track', 'hours', 'stretch', 'private'));
