-- In which language somebody reads; '' is whatever their browser asks for.

ALTER TABLE people ADD COLUMN language text NOT NULL DEFAULT '' CHECK (length(language) <= 35);
