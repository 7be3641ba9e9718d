-- How each user unlocks the app without a password: PIN verifier, failures, wait, biometrics, last online login and last
-- activity as one sealed record, so that they change together.
CREATE TABLE unlocks (
  user_id TEXT PRIMARY KEY,
  record  BLOB NOT NULL
);

-- How far time has come on this device (engine/unlock/elapsed_clock): one row, whoever uses it, because the clock that
-- somebody sets is the device's.
CREATE TABLE elapsed (
  id                 INTEGER PRIMARY KEY CHECK (id = 1),
  sure_ms            INTEGER NOT NULL,  -- has passed for certain
  possible_ms        INTEGER NOT NULL,  -- the most that may have passed
  now_ms             INTEGER NOT NULL,
  boot               TEXT,
  up_ms              INTEGER,
  server_ms          INTEGER,
  server_possible_ms INTEGER NOT NULL
);
