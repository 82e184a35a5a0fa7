-- What a listener is told once, and when what Spotify told goes after they have disconnected.

ALTER TABLE people
    ADD COLUMN forget_polled_at timestamptz;           -- NULL: connected, or there is nothing of Spotify's call

-- Its end wasn't believed, since many came at once: for a while it counts as one of them.
ALTER TABLE grants ADD COLUMN doubted_at timestamptz;

CREATE TABLE notices_told (
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,
    kind text NOT NULL,                              -- collect/notices.py NoticeKind
    about timestamptz NOT NULL,                      -- what it is about began then: the same again is told again
    told_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, kind, about)
);
