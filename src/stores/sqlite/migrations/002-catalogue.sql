-- How often the workflow at a path ran to an end, and for how long altogether: kept while jobs end, so that a list never
-- counts jobs, and so that it outlives what is pruned.
CREATE TABLE workflow_runs (
  workflow   TEXT PRIMARY KEY,
  runs       INTEGER NOT NULL,
  elapsed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO workflow_runs
  SELECT workflow, count(*), sum(max(0, finished_at - started_at)) FROM (
    SELECT workflow, started_at, finished_at FROM jobs WHERE finished_at IS NOT NULL AND started_at IS NOT NULL
    UNION ALL SELECT workflow, started_at, finished_at FROM history WHERE started_at IS NOT NULL)
  GROUP BY workflow;

-- What no file says of a path in the repository; paths of folders end in a slash.
CREATE TABLE path_notes (
  path        TEXT PRIMARY KEY,
  author      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  description TEXT,
  hash        TEXT
) STRICT, WITHOUT ROWID;

-- Absent: as all are.
ALTER TABLE queues ADD COLUMN priority INTEGER CHECK (priority BETWEEN 1 AND 10);
