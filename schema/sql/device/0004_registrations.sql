-- What each user's server knows of this phone, or is still to be told (P-21): one sealed record, so that what the host
-- said and what became of it change together.
CREATE TABLE registrations (
  user_id TEXT PRIMARY KEY,
  record  BLOB NOT NULL
);
