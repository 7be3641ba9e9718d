-- partitions/<id>.db: the data of one (user, organisation). Owners of each table: schema/README.md.
-- Rowid tables with unique indexes: three times faster in bulk pulls than WITHOUT ROWID, a third of the bytes written.
-- Columns named sealed hold XChaCha20-Poly1305 envelopes; everything else stays clear, so that the queue can be ordered
-- and sent while the documents key is locked.

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
);

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE operations (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of acceptance, never reused
  id             BLOB NOT NULL,                      -- 16 bytes, version 7, made by the caller: the idempotency key
  entity_type    TEXT NOT NULL,                      -- (entity_type, entity_id) is the lane
  entity_id      TEXT NOT NULL,
  action         TEXT NOT NULL,
  schema         INTEGER NOT NULL,                   -- version of the payload's shape
  after          BLOB,                               -- the unsettled operation of this lane that this one stands on
  base_version   INTEGER,                            -- else the row_version that the user saw
  supersedes     BLOB,
  group_id       TEXT,
  state          INTEGER NOT NULL,                   -- sync::OperationState
  block_reason   INTEGER NOT NULL,                   -- sync::BlockReason, 0 unless blocked
  effect         INTEGER NOT NULL,                   -- sync::OperationEffect
  attempts       INTEGER NOT NULL,
  due_ms         INTEGER NOT NULL,                   -- not sent before; 0 is at once
  wait           INTEGER NOT NULL,                   -- sync::Wait: what made it wait
  waiting_since_ms INTEGER NOT NULL,                 -- start of a free wait (Retry-After), 0 when none
  part           INTEGER,                            -- operations of one part are sent together and with nothing else
  alone          INTEGER NOT NULL,                   -- it was alone in its last send
  batch          BLOB,                               -- the in-flight batch that carries it
  first_sent_ms  INTEGER NOT NULL,                   -- 0: never left the device, so it may still change
  last_sent_ms   INTEGER NOT NULL,
  created_ms     INTEGER NOT NULL,
  settled_ms     INTEGER NOT NULL,
  result_version INTEGER,                            -- row_version that it produced, or that it met in a conflict
  adopted        INTEGER NOT NULL,                   -- 0 while an entity in `result` waits to become a document
  cause          TEXT NOT NULL,                      -- code of what last held it up, for explain
  hash           BLOB NOT NULL,                      -- BLAKE2b-256 of the accepted request: the same id twice is compared
  bytes          INTEGER NOT NULL,                   -- what it counts against the outbox limit
  attestation    BLOB,                               -- sealed, outbox key
  payload        BLOB NOT NULL,                      -- sealed, outbox key
  result         BLOB                                -- sealed, outbox key: the verdict as it came
);

CREATE UNIQUE INDEX operations_id ON operations (id);
CREATE INDEX operations_lane ON operations (entity_type, entity_id, seq);
CREATE INDEX operations_sendable ON operations (seq) WHERE state IN (0, 2);
CREATE INDEX operations_blocked ON operations (block_reason, seq) WHERE state = 3;
CREATE INDEX operations_failed ON operations (seq) WHERE state = 7;
CREATE INDEX operations_after ON operations (after) WHERE after IS NOT NULL;
CREATE INDEX operations_in_batch ON operations (batch) WHERE batch IS NOT NULL;
CREATE INDEX operations_unadopted ON operations (seq) WHERE adopted = 0;

-- What the document was when the user acted: the third leg of a merge.
CREATE TABLE bases (
  operation_seq INTEGER PRIMARY KEY REFERENCES operations (seq) ON DELETE CASCADE,
  row_version   INTEGER NOT NULL,
  body          BLOB NOT NULL                        -- sealed, outbox key
);

-- The calls in flight that carry operations, written before they are sent. At most one of a batch or group, and a few
-- of endpoints.
CREATE TABLE batches (
  id         BLOB PRIMARY KEY,
  sent_ms    INTEGER NOT NULL,
  operations INTEGER NOT NULL,
  bytes      INTEGER NOT NULL
);

CREATE TABLE documents (
  rowid       INTEGER PRIMARY KEY,
  entity_type TEXT NOT NULL,
  entity_id   TEXT NOT NULL,
  row_version INTEGER NOT NULL,
  updated_ms  INTEGER NOT NULL,
  deleted     INTEGER NOT NULL,
  scope       TEXT NOT NULL,                         -- the pull scope that names it, or '' when fetched on demand
  pull_round  INTEGER NOT NULL,                      -- full pull that last named it; older ones go at its end
  stored_ms   INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,
  body        BLOB NOT NULL                          -- sealed, documents key
);

CREATE UNIQUE INDEX documents_entity ON documents (entity_type, entity_id);
CREATE INDEX documents_scope ON documents (scope, pull_round);

CREATE TABLE cursors (
  scope      TEXT PRIMARY KEY,
  cursor     TEXT,                                   -- the server's, opaque; NULL starts the scope again
  round      INTEGER NOT NULL,                       -- raised by each reset
  complete   INTEGER NOT NULL,                       -- a pull of this scope has reached has_more = false
  updated_ms INTEGER NOT NULL
);

-- What the user must be told about an operation, once, until seen.
CREATE TABLE notices (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  operation_id BLOB NOT NULL,
  kind         TEXT NOT NULL,
  code         TEXT NOT NULL,
  created_ms   INTEGER NOT NULL,
  seen         INTEGER NOT NULL
);

CREATE UNIQUE INDEX notices_once ON notices (operation_id, kind, code);
CREATE INDEX notices_unseen ON notices (seq) WHERE seen = 0;
