-- A job that is run again stays one job to those who hold its UUID: each further run is a job of its own, and `series` is
-- the id of the first. It holds also when that one is gone, because a UUID is made of the id alone.
ALTER TABLE jobs ADD COLUMN series INTEGER;
ALTER TABLE jobs ADD COLUMN series_created_at INTEGER CHECK ((series_created_at IS NULL) = (series IS NULL));
CREATE INDEX jobs_series ON jobs (series, id) WHERE series IS NOT NULL;

-- To be discarded once it has ended: by who waits for it, or else by the pruner.
ALTER TABLE jobs ADD COLUMN discard INTEGER CHECK (discard = 1);
CREATE INDEX jobs_to_discard ON jobs (finished_at) WHERE discard = 1 AND finished_at IS NOT NULL;
