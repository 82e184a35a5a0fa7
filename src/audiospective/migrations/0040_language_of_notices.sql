-- In which language somebody was asking when they chose a way to be told things: it is spoken to whoever has set none.

ALTER TABLE notice_ways
    ADD COLUMN language text NOT NULL DEFAULT '';    -- a tag of infra/language.py; '': chosen before this was written down
