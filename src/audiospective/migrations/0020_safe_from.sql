-- What a migration takes away, and from which one on a program no longer misses it; empty: it only adds.

ALTER TABLE migrations ADD COLUMN IF NOT EXISTS safe_from text NOT NULL DEFAULT '';
