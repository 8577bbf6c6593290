-- How often the workflow at a path ran to an end, and for how long altogether: so that no list counts jobs, and
-- for what is pruned too. It holds all that ended up to a mark, see workflow-runs.ts.
CREATE TABLE workflow_runs (
  workflow   TEXT PRIMARY KEY,
  runs       INTEGER NOT NULL,
  elapsed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE ended AS
  SELECT id, workflow, started_at, finished_at FROM jobs WHERE finished_at IS NOT NULL AND started_at IS NOT NULL
  UNION ALL SELECT id, workflow, started_at, finished_at FROM history WHERE started_at IS NOT NULL;
INSERT INTO workflow_runs SELECT workflow, count(*), sum(max(0, finished_at - started_at)) FROM ended GROUP BY workflow;
-- The moment up to which ends are in these counts.
INSERT INTO meta SELECT 'runs_summed', max(finished_at) FROM ended HAVING max(finished_at) IS NOT NULL;
DROP TABLE ended;

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
