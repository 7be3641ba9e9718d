#include "simulator/backend/database.hpp"

namespace landfall::backend {
namespace {

// One file is one version of this schema: a reference backend starts again rather than migrate.
constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS users (
  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, roles TEXT NOT NULL,
  salt TEXT NOT NULL, password_hash TEXT NOT NULL,
  username TEXT NOT NULL DEFAULT '', account_id TEXT NOT NULL DEFAULT '',
  claims TEXT NOT NULL DEFAULT '{}',                -- what access tokens say beside roles
  access_epoch INTEGER NOT NULL DEFAULT 0);         -- tokens of an older epoch are refused
CREATE TABLE IF NOT EXISTS devices (
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, registered_at INTEGER NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (user_id, device_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS biometrics (              -- one a device
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, token TEXT NOT NULL UNIQUE, public_key TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, device_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attestation_keys (        -- all that a device ever said
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, public_key TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, device_id, public_key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attestation_nonces (      -- and the one statement that used each
  nonce TEXT PRIMARY KEY, signature TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pins (
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, salt TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (user_id, device_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pin_locks (               -- of those who failed since the last right one
  user_id TEXT PRIMARY KEY, failures INTEGER NOT NULL, locked_until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS login_failures (          -- since the last login that succeeded
  user_id TEXT PRIMARY KEY, failures INTEGER NOT NULL, locked_until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS families (                -- one login on one device
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  revoked_at INTEGER, cause TEXT);
CREATE INDEX IF NOT EXISTS families_by_device ON families (user_id, device_id);
CREATE TABLE IF NOT EXISTS generations (             -- refresh tokens of a family, in order
  family_id TEXT NOT NULL, generation INTEGER NOT NULL,
  token TEXT NOT NULL UNIQUE, access_token TEXT NOT NULL,   -- in clear: a retry gets the same
  expires_at INTEGER NOT NULL, used_at INTEGER,      -- first use of this pair, as access or refresh token
  rotated_at INTEGER, refresh_id TEXT,               -- when and by which intent it was exchanged
  PRIMARY KEY (family_id, generation)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refresh_ids (             -- every intent that was given the successor
  family_id TEXT NOT NULL, generation INTEGER NOT NULL, refresh_id TEXT NOT NULL,
  PRIMARY KEY (family_id, generation, refresh_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
  entity_type TEXT NOT NULL, entity_id TEXT NOT NULL, row_version INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  deleted INTEGER NOT NULL, data TEXT NOT NULL, owner TEXT, listed INTEGER NOT NULL,
  change_seq INTEGER NOT NULL UNIQUE, produced_by TEXT,
  UNIQUE (entity_type, entity_id));
CREATE INDEX IF NOT EXISTS documents_by_owner ON documents (owner, change_seq);
CREATE TABLE IF NOT EXISTS receipts (
  operation_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, entity_type TEXT NOT NULL, entity_id TEXT NOT NULL,
  status TEXT NOT NULL, produced_version INTEGER, bytes_hash TEXT NOT NULL, result TEXT NOT NULL,
  decided_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS uploads (
  id TEXT NOT NULL, user_id TEXT NOT NULL, operation_id TEXT NOT NULL, sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL, content_type TEXT NOT NULL, content TEXT NOT NULL, complete INTEGER NOT NULL,
  PRIMARY KEY (id, user_id));
CREATE INDEX IF NOT EXISTS receipts_by_age ON receipts (decided_at);
CREATE TABLE IF NOT EXISTS second_factors (
  user_id TEXT PRIMARY KEY, secret TEXT, waiting TEXT,   -- base32; `waiting` has seen no code yet
  last_step INTEGER NOT NULL DEFAULT -1,             -- of the last code that was taken
  phone_number TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
  locked_until INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS backup_codes (
  user_id TEXT NOT NULL, salt TEXT NOT NULL, hash TEXT NOT NULL, used_at INTEGER,
  PRIMARY KEY (user_id, hash)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS login_challenges (        -- a right password that waits for its code
  token TEXT PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sms_codes (               -- A-28
  id INTEGER PRIMARY KEY, phone_number TEXT NOT NULL, code TEXT NOT NULL, purpose TEXT NOT NULL,
  expires_at INTEGER NOT NULL, is_used INTEGER NOT NULL, attempt_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sms_codes_by_number ON sms_codes (phone_number, created_at);
)sql";

}  // namespace

// The file system is named because a simulated world registers one of its own for the phones.
BackendDatabase::BackendDatabase(const std::string& path)
    : connection_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000, "unix") {
  if (path != ":memory:") connection_.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
  connection_.exec("PRAGMA temp_store=MEMORY");
  connection_.exec(kSchema);
}

void BackendDatabase::rollback() noexcept { connection_.tryExec("ROLLBACK"); }

SQLite::Statement& BackendDatabase::prepared(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) statement = std::make_unique<SQLite::Statement>(connection_, sql);
  return *statement;
}

std::optional<std::string> BackendDatabase::meta(std::string_view key) {
  Query query(*this, "SELECT value FROM meta WHERE key = ?", key);
  if (!query.step()) return std::nullopt;
  return query.text(0);
}

void BackendDatabase::set_meta(std::string_view key, std::string_view value) {
  Query(*this, "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        key, value)
      .run();
}

std::optional<std::string> Query::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

}  // namespace landfall::backend
