-- Two listeners who want to see how much they hear of the same: one asks by a link, the other says yes, either ends it.

CREATE TABLE comparisons (
    id text PRIMARY KEY,                             -- 128 random bits in URL-safe letters: the invitation
    user_id int NOT NULL REFERENCES people ON DELETE CASCADE,      -- who asked
    other_id int REFERENCES people ON DELETE CASCADE,              -- who said yes; NULL: nobody yet
    created_at timestamptz NOT NULL,
    agreed_at timestamptz
);
CREATE INDEX comparisons_by_user ON comparisons (user_id);
CREATE INDEX comparisons_by_other ON comparisons (other_id) WHERE other_id IS NOT NULL;
