-- Schedules submit jobs by the clock. When one is due is a column; what only its owner and the engine read is JSON.
CREATE TABLE schedules (
  id          TEXT PRIMARY KEY,  -- UUID
  owner       TEXT NOT NULL,
  enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  next_at     INTEGER,           -- kept while it is disabled; NULL: never again
  failures    INTEGER NOT NULL CHECK (failures >= 0),
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  last_run_at INTEGER,
  last_job    INTEGER,
  input       TEXT,
  input_blob  TEXT,
  input_bytes INTEGER,
  plan        TEXT NOT NULL,     -- SchedulePlan without what has a column
  CHECK ((input IS NULL) = (input_blob IS NOT NULL)),
  CHECK ((input_blob IS NULL) = (input_bytes IS NULL)),
  CHECK ((last_run_at IS NULL) = (last_job IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_due  ON schedules (next_at) WHERE enabled = 1 AND next_at IS NOT NULL;
CREATE INDEX schedules_blob ON schedules (input_blob) WHERE input_blob IS NOT NULL;

-- Jobs of schedules whose end is not counted yet: no more rows than jobs under way.
CREATE TABLE schedule_jobs (
  job      INTEGER PRIMARY KEY,
  schedule TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX schedule_jobs_of ON schedule_jobs (schedule);
