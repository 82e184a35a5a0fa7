-- What an import said that was there to the letter already: if the import that brought it is taken back, this one still stands for it.

CREATE TABLE import_repeats (
    import_id int NOT NULL REFERENCES imports ON DELETE CASCADE,
    part int GENERATED ALWAYS AS IDENTITY,
    keys bytea NOT NULL,                             -- 8 bytes a listen: archive/repeats.py
    PRIMARY KEY (import_id, part)
);
