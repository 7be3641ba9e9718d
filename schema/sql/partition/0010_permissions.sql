-- What is known of the user's rights: one row, because they change together.
CREATE TABLE permissions (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL,                          -- rises with every change: who keeps a copy sees that it is old
  body    BLOB NOT NULL                              -- sealed, outbox key
);
