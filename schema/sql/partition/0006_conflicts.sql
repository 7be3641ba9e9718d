-- The conflict inbox: what an operation met that the server found in conflict, and what became of it.
CREATE TABLE conflicts (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  operation   BLOB NOT NULL,                       -- the one that met it
  entity_type TEXT NOT NULL,
  entity_id   TEXT NOT NULL,
  state       INTEGER NOT NULL,                    -- conflict::ConflictState
  generation  INTEGER NOT NULL,                    -- merges in a row before this one
  row_version INTEGER NOT NULL,                    -- of the server's document
  lost        BLOB NOT NULL,                       -- ids, 16 bytes each: the operation and what stood on it
  heirs       BLOB NOT NULL,                       -- ids of the operations that supersede them
  taken_back  INTEGER NOT NULL,                    -- a decision was taken back: `lost` are to be decided anew
  created_ms  INTEGER NOT NULL,
  resolved_ms INTEGER NOT NULL,                    -- 0 while it is open
  body        BLOB NOT NULL                        -- sealed, outbox key: base, mine, theirs, rule by field
);

CREATE UNIQUE INDEX conflicts_operation ON conflicts (operation);
CREATE INDEX conflicts_open ON conflicts (seq) WHERE state = 0;
