-- Pushes that were accepted to be shown: what waits for the end of quiet hours or for the host's answer, and the ids of
-- what came before, so that the same one twice is shown once.

CREATE TABLE notifications (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival
  id          TEXT NOT NULL,                      -- the sender's name for it, or a hash of what it says
  type        TEXT NOT NULL,
  state       INTEGER NOT NULL,                   -- notify::NotificationState
  asked       INTEGER NOT NULL,                   -- how often the host was asked to show it; durable before it is asked
  received_ms INTEGER NOT NULL,
  expires_ms  INTEGER,
  settled_ms  INTEGER NOT NULL,                   -- 0 while it waits
  content     BLOB                                -- sealed, outbox key; NULL once settled
);

CREATE UNIQUE INDEX notifications_id ON notifications (id);
CREATE INDEX notifications_waiting ON notifications (seq) WHERE state = 0;
CREATE INDEX notifications_settled ON notifications (seq) WHERE state <> 0;
