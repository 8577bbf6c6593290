-- Times are milliseconds since 1970. The tables guard themselves: CHECKs tie states to times, a trigger refuses every
-- move that model/job.ts does not allow. Indexes serve the hot paths only, and none of them holds random values of every row.
-- OR instead of IN where rows are written often: for IN with three values or more SQLite makes a table in every statement,
-- which took two fifths of the time of an insert and of an update.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per job that can still be seen. Short columns first: a list reads them without touching overflow pages.
CREATE TABLE jobs (
  id                  INTEGER PRIMARY KEY,
  state               TEXT NOT NULL
    CHECK (state = 'loaded' OR state = 'queued' OR state = 'running' OR state = 'waiting'
           OR state = 'completed' OR state = 'failed' OR state = 'cancelled'),
  priority            INTEGER NOT NULL CHECK (priority BETWEEN -1000 AND 1000),
  delayed             INTEGER NOT NULL CHECK (delayed IN (0, 1)),  -- queued, but run_at has not come yet
  resume              INTEGER NOT NULL CHECK (resume IN (0, 1)),   -- the next claim goes on with the same attempt
  attempt             INTEGER NOT NULL CHECK (attempt >= 0),
  interruptions       INTEGER NOT NULL CHECK (interruptions >= 0),
  token               INTEGER NOT NULL CHECK (token >= 0),
  created_at          INTEGER NOT NULL,
  run_at              INTEGER,
  started_at          INTEGER,  -- begin of the first run
  claimed_at          INTEGER,  -- begin of the current or last run
  finished_at         INTEGER,
  expires_at          INTEGER,  -- when a queue or total limit ends while no run is under way
  lease_expires_at    INTEGER,
  cancel_requested_at INTEGER,
  queue_ms            INTEGER,
  run_ms              INTEGER,
  total_ms            INTEGER,
  since_start_ms      INTEGER,
  parent_job          INTEGER,
  parent_attempt      INTEGER,
  retry_of            INTEGER,
  workflow            TEXT NOT NULL,
  version             TEXT NOT NULL,
  owner               TEXT NOT NULL,
  queue               TEXT NOT NULL,
  dialect             TEXT NOT NULL,
  on_interrupted      TEXT NOT NULL 
    CHECK (on_interrupted = 'resume' OR on_interrupted = 'retry' OR on_interrupted = 'fail'),
  on_limit            TEXT CHECK (on_limit IN ('fail', 'cancel')),
  lease_owner         TEXT,     -- stays after the run as the owner of the last one
  business_key        TEXT,
  parent_step         TEXT,
  labels              TEXT,     -- JSON object
  origin              TEXT,     -- JSON object
  retry               TEXT,     -- JSON object
  cancel_reason       TEXT,
  input_blob          TEXT,
  input_bytes         INTEGER,
  output_blob         TEXT,
  output_bytes        INTEGER,
  error               TEXT,     -- problem document
  input               TEXT,
  output              TEXT,
  CHECK ((state = 'running') = (lease_expires_at IS NOT NULL)),
  CHECK (state <> 'running' OR (lease_owner IS NOT NULL AND claimed_at IS NOT NULL AND started_at IS NOT NULL
                                AND attempt > 0 AND token > 0)),
  CHECK ((state = 'completed' OR state = 'failed' OR state = 'cancelled') = (finished_at IS NOT NULL)),
  CHECK ((state = 'completed') = (output IS NOT NULL OR output_blob IS NOT NULL)),
  CHECK ((state = 'failed') = (error IS NOT NULL)),
  CHECK (state <> 'cancelled' OR cancel_reason IS NOT NULL),
  CHECK (delayed = 0 OR (state = 'queued' AND run_at IS NOT NULL)),
  CHECK ((input IS NULL) = (input_blob IS NOT NULL)),
  CHECK (output IS NULL OR output_blob IS NULL),
  CHECK ((input_blob IS NULL) = (input_bytes IS NULL)),
  CHECK ((output_blob IS NULL) = (output_bytes IS NULL)),
  CHECK ((parent_job IS NULL) = (parent_step IS NULL) AND (parent_job IS NULL) = (parent_attempt IS NULL))
) STRICT;

-- The way out of a queue: one index, shaped as claims read it.
CREATE INDEX jobs_ready    ON jobs (queue, priority DESC, id) WHERE state = 'queued' AND delayed = 0;
CREATE INDEX jobs_delayed  ON jobs (run_at, queue) WHERE state = 'queued' AND delayed = 1;
CREATE INDEX jobs_running  ON jobs (queue) WHERE state = 'running';
CREATE INDEX jobs_waiting  ON jobs (queue) WHERE state = 'waiting';
CREATE INDEX jobs_loaded   ON jobs (queue) WHERE state = 'loaded';
CREATE INDEX jobs_expiring ON jobs (expires_at)
  WHERE expires_at IS NOT NULL AND state IN ('loaded', 'queued', 'waiting');
-- Lists and pruning. Values that come in the order of the ids, or few distinct ones: appends, not random writes.
CREATE INDEX jobs_ended_badly ON jobs (state, id) WHERE state IN ('failed', 'cancelled');
CREATE INDEX jobs_by_workflow ON jobs (workflow, id);
CREATE INDEX jobs_by_owner    ON jobs (owner, id);
CREATE INDEX jobs_by_key      ON jobs (business_key, id) WHERE business_key IS NOT NULL;
CREATE INDEX jobs_finished    ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_children ON jobs (parent_job, parent_step, parent_attempt) WHERE parent_job IS NOT NULL;
CREATE INDEX jobs_input_blob  ON jobs (input_blob) WHERE input_blob IS NOT NULL;
CREATE INDEX jobs_output_blob ON jobs (output_blob) WHERE output_blob IS NOT NULL;

-- One trigger for both rules: each costs as much as a fifth of the update itself.
CREATE TRIGGER jobs_moves BEFORE UPDATE ON jobs
WHEN OLD.finished_at IS NOT NULL OR (NEW.state <> OLD.state AND NOT (
     (OLD.state = 'running' AND (NEW.state = 'queued' OR NEW.state = 'waiting' OR NEW.state = 'completed'))
  OR (OLD.state = 'queued'  AND NEW.state = 'running')
  OR (OLD.state = 'waiting' AND NEW.state = 'queued')
  OR (OLD.state = 'loaded'  AND (NEW.state = 'queued' OR NEW.state = 'running'))
  OR NEW.state = 'failed' OR NEW.state = 'cancelled'))
BEGIN
  SELECT CASE WHEN OLD.finished_at IS NOT NULL THEN RAISE(ABORT, 'a final job does not change')
              ELSE RAISE(ABORT, 'this move between states is not allowed') END;
END;

CREATE TRIGGER jobs_delete BEFORE DELETE ON jobs
WHEN OLD.finished_at IS NULL
BEGIN
  SELECT RAISE(ABORT, 'an unfinished job is not deleted');
END;

-- What is left of discarded jobs and of synchronous runs that were never listed: no payloads.
CREATE TABLE history (
  id           INTEGER PRIMARY KEY,
  state        TEXT NOT NULL CHECK (state = 'completed' OR state = 'failed' OR state = 'cancelled'),
  attempt      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  started_at   INTEGER,
  finished_at  INTEGER NOT NULL,
  discarded_at INTEGER NOT NULL,
  workflow     TEXT NOT NULL,
  version      TEXT NOT NULL,
  owner        TEXT NOT NULL,
  queue        TEXT NOT NULL,
  dialect      TEXT NOT NULL,
  error_code   TEXT
) STRICT;
CREATE INDEX history_finished ON history (finished_at);

-- Runs that did not end their job. The one that did is told by the job's own row: one row less for every job.
CREATE TABLE runs (
  job        INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  token      INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL,
  owner      TEXT NOT NULL,
  outcome    TEXT NOT NULL CHECK (outcome IN ('completed', 'failed', 'cancelled', 'waiting', 'interrupted')),
  error      TEXT,
  PRIMARY KEY (job, token)
) STRICT, WITHOUT ROWID;

-- An answered wait on a child whose output is a file has both: the answer in output, and in output_blob what it refers to.
CREATE TABLE journal (
  id           INTEGER PRIMARY KEY,
  job          INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  state        TEXT NOT NULL CHECK (state = 'begun' OR state = 'completed' OR state = 'failed'),
  attempt      INTEGER NOT NULL CHECK (attempt > 0),
  started_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  key          TEXT NOT NULL,
  name         TEXT NOT NULL,
  type         TEXT NOT NULL,
  output_blob  TEXT,
  output_bytes INTEGER,
  error        TEXT,
  output       TEXT,
  UNIQUE (job, key),
  CHECK ((state = 'begun') = (ended_at IS NULL)),
  CHECK (state = 'completed' OR (output IS NULL AND output_blob IS NULL)),
  CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;
CREATE INDEX journal_blob ON journal (output_blob) WHERE output_blob IS NOT NULL;

CREATE TABLE waits (
  job        INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  key        TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('timer', 'job', 'signal')),
  created_at INTEGER NOT NULL,
  wake_at    INTEGER,
  child      INTEGER,
  match      TEXT,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  PRIMARY KEY (job, key),
  CHECK ((kind = 'timer') <= (wake_at IS NOT NULL)),
  CHECK ((kind = 'job') = (child IS NOT NULL)),
  CHECK ((kind = 'signal') = (match IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_due   ON waits (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX waits_child ON waits (child) WHERE child IS NOT NULL;

-- Lines come in chunks: a JSON array each, numbered from first to last.
CREATE TABLE logs (
  job       INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  first_seq INTEGER NOT NULL,
  last_seq  INTEGER NOT NULL,
  lines     TEXT NOT NULL,
  PRIMARY KEY (job, first_seq),
  CHECK (first_seq <= last_seq)
) STRICT;

CREATE TABLE log_totals (
  job      INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  lines    INTEGER NOT NULL,
  bytes    INTEGER NOT NULL,
  dropped  INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  errors   INTEGER NOT NULL
) STRICT;

CREATE TABLE files (
  job          INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  direction    TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  name         TEXT NOT NULL,
  bytes        INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  blob         TEXT NOT NULL,
  PRIMARY KEY (job, direction, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_blob ON files (blob);

-- In the order they were made, so that pruning takes the oldest without an index of its own.
CREATE TABLE idempotency_keys (
  id          INTEGER PRIMARY KEY,
  scope       TEXT NOT NULL,
  key         TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  job         INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  UNIQUE (scope, key)
) STRICT;

CREATE TABLE workflow_versions (
  hash       TEXT PRIMARY KEY,
  runtime    TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  info       TEXT NOT NULL,
  source     TEXT NOT NULL
) STRICT;

CREATE TABLE workflow_current (
  path       TEXT PRIMARY KEY,
  hash       TEXT NOT NULL REFERENCES workflow_versions (hash),
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE queues (
  name        TEXT PRIMARY KEY,
  concurrency INTEGER CHECK (concurrency > 0),
  paused      INTEGER NOT NULL CHECK (paused IN (0, 1)),
  description TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO queues (name, paused) VALUES ('default', 0);

CREATE TABLE groups (
  name        TEXT PRIMARY KEY,
  description TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  name          TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  roles         TEXT NOT NULL,
  enabled       INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_at    INTEGER NOT NULL,
  revision      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_groups (
  user       TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  group_name TEXT NOT NULL REFERENCES groups (name) ON DELETE CASCADE,
  PRIMARY KEY (user, group_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_groups_by_group ON user_groups (group_name);

CREATE TABLE tokens (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  hash        TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  user        TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  prefix      TEXT NOT NULL,
  description TEXT,
  scopes      TEXT,
  enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  expires_at  INTEGER
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user, id);

CREATE TABLE permissions (
  path    TEXT NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('user', 'group')),
  subject TEXT NOT NULL,
  actions TEXT NOT NULL,
  PRIMARY KEY (path, kind, subject)
) STRICT, WITHOUT ROWID;

-- Append-only.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  target  TEXT,
  address TEXT,
  detail  TEXT
) STRICT;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
