-- The first floor: who listens, what there is to hear, what was heard, and where it came from.

CREATE TABLE people (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,                       -- the handle used by the command line; a slug
    display_name text NOT NULL,
    spotify_id text UNIQUE,                          -- /me account_id, or id where it isn't sent
    time_zone text NOT NULL DEFAULT 'UTC',
    theme text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
    created_at timestamptz NOT NULL,
    history_version bigint NOT NULL DEFAULT 0        -- grows with every change of this person's plays
);

CREATE TABLE sessions (
    id_hash bytea PRIMARY KEY,                       -- SHA-256 of the cookie: a stolen dump signs nobody in
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE personal_tokens (
    token_hash bytea PRIMARY KEY,
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX personal_tokens_by_user ON personal_tokens (user_id);

CREATE TABLE grants (
    user_id int PRIMARY KEY REFERENCES people ON DELETE CASCADE,
    client_id text NOT NULL,                         -- a grant belongs to one Spotify app
    access_token bytea NOT NULL,                     -- sealed; the user id is bound in
    refresh_token bytea NOT NULL,                    -- sealed
    expires_at timestamptz NOT NULL,                 -- of the access token
    authorized_at timestamptz NOT NULL,              -- consent ends six months later, refreshing doesn't extend it
    scope text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended')),
    ended_reason text
);

CREATE TABLE sweeps (
    user_id int PRIMARY KEY REFERENCES people ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    leased_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,                 -- grows with each lease; a late holder can't settle
    swept_at timestamptz,                            -- last success
    troubles int NOT NULL DEFAULT 0,                 -- in a row
    last_trouble text
);
CREATE INDEX sweeps_due ON sweeps (due_at);

CREATE TABLE archive_requests (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed')),
    songs_archived int NOT NULL DEFAULT 0,
    message text NOT NULL DEFAULT '',
    requested_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE UNIQUE INDEX archive_requests_one_at_a_time ON archive_requests (user_id) WHERE state IN ('queued', 'running');
CREATE INDEX archive_requests_by_user ON archive_requests (user_id, id DESC);

CREATE TABLE artists (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    spotify_id text COLLATE "C",
    name text NOT NULL,
    image_url text
);
CREATE UNIQUE INDEX artists_by_spotify_id ON artists (spotify_id) WHERE spotify_id IS NOT NULL;
CREATE UNIQUE INDEX artists_by_name_alone ON artists (name) WHERE spotify_id IS NULL;
CREATE INDEX artists_by_name ON artists (name);

CREATE TABLE albums (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id int NOT NULL REFERENCES artists,
    spotify_id text COLLATE "C",
    name text NOT NULL,
    image_url text
);
CREATE UNIQUE INDEX albums_by_spotify_id ON albums (spotify_id) WHERE spotify_id IS NOT NULL;
CREATE UNIQUE INDEX albums_by_name_alone ON albums (artist_id, name) WHERE spotify_id IS NULL;
CREATE INDEX albums_by_name ON albums (artist_id, name);

CREATE TABLE tracks (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    artist_id int NOT NULL REFERENCES artists,       -- the first artist; a podcast's show, a book's author
    album_id int REFERENCES albums,                  -- NULL where the source names none
    duration_ms int NOT NULL DEFAULT 0,              -- 0: not known
    kind smallint NOT NULL DEFAULT 0,                -- archive/plays.py Kind
    spotify_id text COLLATE "C",                     -- bare id of the track, episode or chapter
    isrc text,
    name text NOT NULL
);
CREATE UNIQUE INDEX tracks_by_spotify_id ON tracks (kind, spotify_id) WHERE spotify_id IS NOT NULL;
CREATE UNIQUE INDEX tracks_by_name_alone ON tracks (artist_id, name, kind) WHERE spotify_id IS NULL;
CREATE INDEX tracks_by_name ON tracks (artist_id, name, kind);

CREATE TABLE track_artists (
    track_id int NOT NULL REFERENCES tracks,
    position smallint NOT NULL,
    artist_id int NOT NULL REFERENCES artists,
    PRIMARY KEY (track_id, position)
);

CREATE TABLE imports (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'undone')),
    name text NOT NULL,                              -- what the person called the file or folder
    format text NOT NULL DEFAULT '',
    files int NOT NULL DEFAULT 0,
    files_done int NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    new bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    bytes_total bigint NOT NULL DEFAULT 0,
    bytes_done bigint NOT NULL DEFAULT 0,
    first_played_at timestamptz,
    last_played_at timestamptz,
    message text NOT NULL DEFAULT '',                -- why it failed, for the person
    requested_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX imports_by_user ON imports (user_id, id DESC);

CREATE TABLE import_files (
    import_id int NOT NULL REFERENCES imports ON DELETE CASCADE,
    position int NOT NULL,
    name text NOT NULL,
    rows int NOT NULL,
    new int NOT NULL,
    duplicates int NOT NULL,
    rejected int NOT NULL,
    PRIMARY KEY (import_id, position)
);

CREATE TABLE import_rejects (
    import_id int NOT NULL REFERENCES imports ON DELETE CASCADE,
    position int NOT NULL,
    file text NOT NULL,
    row int NOT NULL,                                -- from 1, within the file
    reason text NOT NULL,
    raw text NOT NULL,                               -- the row as it came, private fields left out
    PRIMARY KEY (import_id, position)
);

CREATE TABLE platforms (
    id int GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START WITH 0) PRIMARY KEY,
    word text NOT NULL UNIQUE                        -- as the export says it; few, and repeated
);
INSERT INTO platforms (word) VALUES ('');

CREATE TABLE reasons (
    id smallint GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START WITH 0) PRIMARY KEY,
    word text NOT NULL UNIQUE                        -- why a track started or ended; at most 181, so that a pair fits a smallint
);
INSERT INTO reasons (word) VALUES ('');

-- A row is a listen: what one source said. MERGED in `flags` marks those that another listen stands for.
-- Columns from wide to narrow, none nullable: no padding, no null bitmap.
CREATE TABLE plays (
    played_at timestamptz NOT NULL,                  -- end of the listening
    user_id int NOT NULL,
    track_id int NOT NULL,
    ms_played int NOT NULL,                          -- -1: the source doesn't tell
    import_id int NOT NULL,                          -- 0: a sweep or a scrobble
    shifted_s int NOT NULL,                          -- the source's own stamp lies so many seconds after played_at
    platform_id int NOT NULL,
    source smallint NOT NULL,
    flags smallint NOT NULL,
    country smallint NOT NULL,                       -- two letters as a number; archive/plays.py country_code
    reasons smallint NOT NULL,                       -- start × 181 + end
    PRIMARY KEY (user_id, played_at, track_id, ms_played, source) INCLUDE (flags)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_insert_threshold = 5000, fillfactor = 100);
