-- From which playlist something was played, as Spotify's call tells it and an export doesn't: so that a lens can leave out the children's.

CREATE TABLE heard_from (
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    ended_at timestamptz NOT NULL,                   -- of the listen, as the call told it
    playlist text COLLATE "C" NOT NULL,              -- bare id
    PRIMARY KEY (user_id, ended_at)
);

ALTER TABLE exclusions DROP CONSTRAINT exclusions_kind_check;
ALTER TABLE exclusions
    ADD CONSTRAINT exclusions_kind_check CHECK (kind IN ('artist', 'album', 'track', 'hours', 'stretch', 'private', 'playlist'));
