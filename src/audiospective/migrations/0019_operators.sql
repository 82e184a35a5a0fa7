-- Who runs this instance and may see its pages of operation.

ALTER TABLE people ADD COLUMN is_operator boolean NOT NULL DEFAULT false;
