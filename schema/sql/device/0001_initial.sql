-- device.db: what belongs to this installation and to no partition. Owners of each table: schema/README.md.

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
);

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- One row for each (user, organisation) that ever logged in here. At most one is active.
CREATE TABLE sessions (
  user_id       TEXT NOT NULL,
  organisation  TEXT NOT NULL DEFAULT '',
  partition_id  BLOB NOT NULL,             -- 16 bytes; names the file under partitions/
  email         TEXT NOT NULL,
  active        INTEGER NOT NULL,
  last_login_ms INTEGER NOT NULL,
  profile_data  BLOB,                      -- sealed: what the login answered about the user
  PRIMARY KEY (user_id, organisation)
);

CREATE UNIQUE INDEX sessions_one_active ON sessions (active) WHERE active = 1;

-- One sealed record for each user: both generations of the pair and the intent to refresh, so that they change together.
CREATE TABLE tokens (
  user_id    TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  record     BLOB NOT NULL
);
