-- Topics that hear of the end of a job, JSON object. Short ones only, so its place behind the payloads does no harm: whoever
-- needs it reads or writes the whole row.
ALTER TABLE jobs ADD COLUMN publish TEXT;

-- What was published. Ids never come again: readers go on behind the last one they have.
CREATE TABLE events (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  job        INTEGER NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('completed', 'failed', 'cancelled')),
  topic      TEXT NOT NULL,
  workflow   TEXT NOT NULL,
  owner      TEXT NOT NULL,
  attributes TEXT  -- JSON object
) STRICT;
CREATE INDEX events_by_topic           ON events (topic, id);
CREATE INDEX events_by_owner           ON events (owner, id);
CREATE INDEX events_by_owner_and_topic ON events (owner, topic, id);

CREATE INDEX tokens_expiring ON tokens (expires_at) WHERE expires_at IS NOT NULL;
