-- Where somebody lived before: “Asia/Tokyo<2019-05-01;” in front of the zone that holds now, oldest first. Both together name their clock.

ALTER TABLE people ADD COLUMN past_zones text NOT NULL DEFAULT '';
