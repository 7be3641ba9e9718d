-- The entities that the payload of an operation names, as long as it is not settled: their documents stay in the cache.
CREATE TABLE named_entities (
  entity_type   TEXT NOT NULL,
  entity_id     TEXT NOT NULL,
  operation_seq INTEGER NOT NULL REFERENCES operations (seq) ON DELETE CASCADE,
  PRIMARY KEY (entity_type, entity_id, operation_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX named_entities_operation ON named_entities (operation_seq);

-- What the operations of an older program name stands in their sealed payloads alone, which the queue reads when it opens.
INSERT OR REPLACE INTO counters (name, value)
SELECT 'outbox.names_unread', 1 WHERE EXISTS (SELECT 1 FROM operations WHERE state IN (0, 1, 2, 3, 7));
