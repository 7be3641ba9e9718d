-- Entities that were made here under an id of the phone's own, and the id that the server gave them.
CREATE TABLE aliases (
  entity_type TEXT NOT NULL,
  local_id    TEXT NOT NULL,
  server_id   TEXT NOT NULL,
  PRIMARY KEY (entity_type, local_id)
) STRICT, WITHOUT ROWID;
