-- Opening a store looks for operations that wait for a time, and every plan for those that were split off a batch. Both
-- are few among tens of thousands that were never sent.

CREATE INDEX operations_waiting ON operations (wait, seq) WHERE wait <> 0;
CREATE INDEX operations_part ON operations (part, due_ms) WHERE part IS NOT NULL;
