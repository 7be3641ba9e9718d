-- Photographs on their way up and documents on their way down. What they contain is sealed in a file beside the
-- database, named by the row's id and never by a path of the host.
CREATE TABLE attachments (
  seq              INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of acceptance
  id               BLOB NOT NULL,                      -- 16 bytes, made by the caller: the server's name of an upload too
  direction        INTEGER NOT NULL,                   -- attachments::Direction
  operation        BLOB,                               -- up: the operation that it belongs to
  entity_type      TEXT NOT NULL,                      -- whose lane keeps the file while it has unsettled work; '' is none
  entity_id        TEXT NOT NULL,
  source           TEXT NOT NULL,                      -- down: the profile's kind of file; '' going up
  source_id        TEXT NOT NULL,                      -- down: the server's name of it
  content_type     TEXT NOT NULL,
  bytes            INTEGER NOT NULL,                   -- of the content; 0: not known yet
  piece_bytes      INTEGER NOT NULL,                   -- of content in one sealed piece of the file
  sha256           BLOB,                               -- of the content: fixed when it was handed in, or named by the server
  hash_given       INTEGER NOT NULL,                   -- down: by the host, so that it holds for every version
  etag             TEXT NOT NULL,                      -- down: which version the pieces are of
  state            INTEGER NOT NULL,                   -- attachments::State
  block            INTEGER NOT NULL,                   -- attachments::Block, 0 unless blocked
  step             INTEGER NOT NULL,                   -- attachments::Step: what the server is asked next
  confirmed        INTEGER NOT NULL,                   -- bytes that the other side has for certain
  sent_to          INTEGER NOT NULL,                   -- up: behind the last byte that ever left
  attempts         INTEGER NOT NULL,                   -- failures in a row without a byte of progress
  restarts         INTEGER NOT NULL,                   -- how often it began again from the first byte
  due_ms           INTEGER NOT NULL,                   -- not called before; 0 is at once
  wait             INTEGER NOT NULL,                   -- attachments::Wait: what made it wait
  waiting_since_ms INTEGER NOT NULL,                   -- start of a free wait (Retry-After), 0 when none
  cause            TEXT NOT NULL,                      -- code of what last held it up
  has_file         INTEGER NOT NULL,                   -- its content is here
  first_sent_ms    INTEGER NOT NULL,                   -- 0: the server never heard of it
  created_ms       INTEGER NOT NULL,
  settled_ms       INTEGER NOT NULL,                   -- 0 while it is open
  used_ms          INTEGER NOT NULL                    -- when it was done or opened last
) STRICT;

CREATE UNIQUE INDEX attachments_id ON attachments (id);
CREATE INDEX attachments_open ON attachments (seq) WHERE settled_ms = 0;
CREATE INDEX attachments_operation ON attachments (operation) WHERE operation IS NOT NULL;
CREATE INDEX attachments_kept ON attachments (used_ms, seq) WHERE settled_ms <> 0 AND has_file = 1;
