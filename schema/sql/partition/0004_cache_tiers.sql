-- What the cache counts and throws away by. Rows that are older than this version have tier 0 until the pull machine has
-- sorted them by the profile, in its first step.

ALTER TABLE documents ADD COLUMN pinned  INTEGER NOT NULL DEFAULT 0;  -- the profile wants it fetched ahead and kept
ALTER TABLE documents ADD COLUMN tier    INTEGER NOT NULL DEFAULT 0;  -- whose bytes it counts: 1; 2 also for what is pinned and did not fit
ALTER TABLE documents ADD COLUMN used_ms INTEGER NOT NULL DEFAULT 0;  -- when it was stored or looked at last

CREATE INDEX documents_least_used ON documents (tier, used_ms);
CREATE INDEX documents_beyond ON documents (used_ms) WHERE tier = 2 AND pinned = 1;
