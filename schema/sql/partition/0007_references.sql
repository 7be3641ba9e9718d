-- What waits for an entity that is made here: an operation whose payload names it, and the create that has to be applied
-- before the server can know that name.
CREATE TABLE needed_creates (
  operation_seq INTEGER NOT NULL REFERENCES operations (seq) ON DELETE CASCADE,
  create_id     BLOB NOT NULL,
  PRIMARY KEY (operation_seq, create_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX needed_creates_create ON needed_creates (create_id);
