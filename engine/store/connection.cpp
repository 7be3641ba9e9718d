#include "engine/store/connection.hpp"

#include <sqlite3.h>

#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/store/find_vfs.hpp"
#include "engine/store/page_checksums.hpp"
#include "engine/store/sqlite_error.hpp"

namespace landfall::store {

namespace {

// The engine's texts are a few hundred; a text made at run time (a query by a profile's fields)
// must not grow this.
constexpr std::size_t kCachedTextsMax = 512;

struct Limit {
  int id;
  int value;
};

// What the engine's own statements never reach and a hostile file or text would have to.
constexpr Limit kLimits[] = {
    {SQLITE_LIMIT_LENGTH,
     32 * 1024 * 1024},  // bytes of one value or row: twice the largest server answer
    {SQLITE_LIMIT_SQL_LENGTH, 256 * 1024},  // a migration file is a few KiB
    {SQLITE_LIMIT_COLUMN, 128},
    {SQLITE_LIMIT_EXPR_DEPTH, 64},
    {SQLITE_LIMIT_COMPOUND_SELECT, 16},
    {SQLITE_LIMIT_VDBE_OP, 250'000},  // an integrity check is one program over the whole schema
    {SQLITE_LIMIT_FUNCTION_ARG, 16},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 256},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 8},  // foreign key actions count as triggers
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

struct Switch {
  int id;
  int value;
};

// A file that somebody prepared must not run code of its own when it is opened or written.
constexpr Switch kSwitches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},
    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
};

struct Setting {
  std::string_view name;
  std::string_view value;
};

constexpr Setting kCommonSettings[] = {
    // Only a truncating checkpoint ever waits, for a reader; more than this is better tried later.
    {"busy_timeout", "100"},
    {"trusted_schema", "0"},
    {"cell_size_check", "1"},
    // A mapped file turns an I/O error into a signal.
    {"mmap_size", "0"},
    // A temporary file would hold clear sort keys outside of the database's own files.
    {"temp_store", "2"},
};

constexpr Setting kWriterSettings[] = {
    {"journal_mode", "wal"},
    {"locking_mode", "normal"},
    {"foreign_keys", "1"},
    // Sealed bytes of deleted rows are overwritten too; destroying the key is the wipe, this is the
    // second line.
    {"secure_delete", "1"},
    // Checkpoints are never on the way of an acknowledgement: Database::checkpoint alone makes
    // them.
    {"wal_autocheckpoint", "0"},
    // The log file stays allocated after a checkpoint.
    {"journal_size_limit", "-1"},
    // On Apple systems fsync does not reach the medium, F_FULLFSYNC does; elsewhere these say
    // nothing.
    {"fullfsync", "1"},
    {"checkpoint_fullfsync", "1"},
    {"cache_size", "-2000"},
};

constexpr Setting kReaderSettings[] = {
    {"query_only", "1"},
    {"cache_size", "-1000"},
};

constexpr std::string_view kCommit = "COMMIT";
constexpr std::string_view kRollback = "ROLLBACK";

// A path as part of a URI.
std::string escaped(const std::string& path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#') {
      text += {'%', kHex[byte >> 4U], kHex[byte & 0x0fU]};
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path,
                                                     const std::string& vfs, Role role) {
  const int flags =
      role == Role::writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  return open_as(path, vfs, role, flags);
}

Result<std::unique_ptr<Connection>> Connection::open_without_log(const std::string& path,
                                                                 const std::string& vfs) {
  return open_as("file:" + escaped(path) + "?immutable=1", vfs, Role::reader,
                 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

Result<std::unique_ptr<Connection>> Connection::open_as(const std::string& name,
                                                        const std::string& vfs, Role role,
                                                        int flags) {
  set_up_sqlite();
  LANDFALL_ASSERT(sqlite3_threadsafe() != 0);
  // Each connection is used by one thread at a time, which its owner sees to.
  flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, vfs.c_str());
  if (code != SQLITE_OK) {
    Error error = sqlite_error(code, handle, "opening the database");
    sqlite3_close(handle);
    return failure(std::move(error));
  }
  std::unique_ptr<Connection> connection(new Connection(handle, role));
  LANDFALL_TRY(connection->harden());
  if (role == Role::writer && sqlite3_db_readonly(handle, "main") != 0) {
    return failure(ErrorClass::refused, "directory.unwritable",
                   "opening the database: the file is read-only");
  }
  return connection;
}

CachedStatement::~CachedStatement() { sqlite3_finalize(handle); }

Connection::~Connection() {
  LANDFALL_ASSERT(borrowed_ == 0);
  statements_.clear();
  // Closing the last connection would move the log into the file: not after a failure, and not for
  // a file that was refused. An empty log has nothing to move, and is removed.
  if ((has_failed() || !trusts_log_) && wal_file_bytes() != 0) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  const int code = sqlite3_close(handle_);
  LANDFALL_ASSERT(code == SQLITE_OK);
}

Status Connection::harden() {
  for (const Limit& limit : kLimits) {
    sqlite3_limit(handle_, limit.id, limit.value);
    if (sqlite3_limit(handle_, limit.id, -1) > limit.value) {
      return failure(ErrorClass::internal, "store.unsupported",
                     "this SQLite does not take the limit " + std::to_string(limit.id));
    }
  }
  for (const Switch& option : kSwitches) {
    int now = -1;
    const int code = sqlite3_db_config(handle_, option.id, option.value, &now);
    if (code != SQLITE_OK || now != option.value) {
      return failure(ErrorClass::internal, "store.unsupported",
                     "this SQLite does not know the option " + std::to_string(option.id));
    }
  }
  return {};
}

Status Connection::reserve_checksums() {
  int bytes = kPageChecksumBytes;
  const int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
  if (code != SQLITE_OK) return failure(fail(code, "reserving room for checksums"));
  return {};
}

Status Connection::apply_settings() {
  for (const Setting& setting : kCommonSettings)
    LANDFALL_TRY(set_and_read_back(setting.name, setting.value));
  if (role_ == Role::reader) {
    for (const Setting& setting : kReaderSettings)
      LANDFALL_TRY(set_and_read_back(setting.name, setting.value));
    return {};
  }
  for (const Setting& setting : kWriterSettings)
    LANDFALL_TRY(set_and_read_back(setting.name, setting.value));
  // Both levels, so that neither is met for the first time under load.
  LANDFALL_TRY(set_and_read_back("synchronous", "1"));
  LANDFALL_TRY(set_and_read_back("synchronous", "2"));
  sync_level_ = SyncLevel::full;
  return {};
}

Status Connection::set_and_read_back(std::string_view name, std::string_view value) {
  const std::string read = "PRAGMA " + std::string(name);
  LANDFALL_TRY(execute((read + "=" + std::string(value)).c_str(), name));
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(handle_, read.c_str(), -1, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  // A VFS that cannot map files answers mmap_size with no row, which is as good as zero.
  bool taken = code == SQLITE_DONE && name == "mmap_size";
  if (code == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    taken = text != nullptr && value == text;
  }
  sqlite3_finalize(statement);
  if (taken) return {};
  if (code != SQLITE_ROW && code != SQLITE_DONE) return failure(fail(code, name));
  return failure(
      ErrorClass::internal, "store.unsupported",
      "the pragma " + std::string(name) + " does not take the value " + std::string(value));
}

Result<std::unique_ptr<CachedStatement>> Connection::prepare(std::string_view sql) {
  auto cached = std::make_unique<CachedStatement>();
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &cached->handle, &tail);
  if (code != SQLITE_OK) return failure(fail(code, "preparing"));
  LANDFALL_ASSERT(cached->handle != nullptr);
  LANDFALL_ASSERT(tail == sql.data() + sql.size());
  cached->parameters = sqlite3_bind_parameter_count(cached->handle);
  return cached;
}

Result<Statement> Connection::borrow(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found != statements_.end()) {
    for (auto& copy : found->second) {
      if (!copy->borrowed) return Statement(*this, *copy);
    }
  }
  LANDFALL_TRY_ASSIGN(std::unique_ptr<CachedStatement> cached, prepare(sql));
  if (found == statements_.end()) {
    if (statements_.size() >= kCachedTextsMax && borrowed_ == 0) statements_.clear();
    found = statements_.try_emplace(std::string(sql)).first;
  }
  CachedStatement& kept = *found->second.emplace_back(std::move(cached));
  return Statement(*this, kept);
}

void Connection::give_back(CachedStatement& cached, Bound bound) noexcept {
  // The code of a reset repeats the one of the last step, which was reported then.
  sqlite3_reset(cached.handle);
  // What is referred to is not looked at before `bind_all` has bound each value anew.
  if (bound == Bound::copies) sqlite3_clear_bindings(cached.handle);
  cached.borrowed = false;
  --borrowed_;
}

Status Connection::execute(const char* sql, std::string_view doing) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(fail(code, doing));
  return {};
}

Result<std::int64_t> Connection::read_integer(std::string_view sql) {
  LANDFALL_TRY_ASSIGN(Statement statement, borrow(sql));
  Rows rows(std::move(statement));
  LANDFALL_TRY_ASSIGN(const auto value, rows.first([](const Rows& row) { return row.integer(0); }));
  if (!value)
    return failure(ErrorClass::corrupt, "store.corrupt",
                   "a row that every database has is missing");
  return *value;
}

Status Connection::set_sync_level(SyncLevel level) {
  if (sync_level_ == level) return {};
  sync_level_ = SyncLevel::unset;
  const char* sql =
      level == SyncLevel::full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
  LANDFALL_TRY(execute(sql, "setting the sync level"));
  sync_level_ = level;
  return {};
}

Status Connection::step_once(std::string_view sql) {
  LANDFALL_TRY_ASSIGN(Statement statement, borrow(sql));
  LANDFALL_TRY(statement.step());
  return {};
}

Status Connection::begin() {
  LANDFALL_ASSERT(!in_transaction_);
  LANDFALL_TRY(step_once(role_ == Role::writer ? "BEGIN IMMEDIATE" : "BEGIN"));
  in_transaction_ = true;
  return {};
}

Status Connection::commit() {
  LANDFALL_ASSERT(in_transaction_);
  // A row that is still open would keep its snapshot, and a statement of a finished transaction
  // must not be stepped.
  LANDFALL_ASSERT(borrowed_ == 0);
  LANDFALL_TRY(step_once(kCommit));
  in_transaction_ = false;
  return {};
}

void Connection::roll_back() noexcept {
  LANDFALL_ASSERT(borrowed_ == 0);
  in_transaction_ = false;
  lost_to_.reset();
  if (sqlite3_get_autocommit(handle_) != 0) return;
  if (const Status done = step_once(kRollback); !done) mark_failed(done.error());
}

void Connection::mark_failed(const Error& error) {
  if (mutant::is(mutant::Mutant::trust_failed_sync)) return;
  if (!failure_) failure_ = error;
}

Error Connection::fail(int extended_code, std::string_view doing) {
  Error error = sqlite_error(extended_code, handle_, doing);
  if (breaks_connection(extended_code)) mark_failed(error);
  const bool is_lost = in_transaction_ && sqlite3_get_autocommit(handle_) != 0;
  if (is_lost && !lost_to_) lost_to_ = error;
  return error;
}

std::int64_t Connection::wal_file_bytes() const noexcept {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK)
    return 0;
  if (file == nullptr || file->pMethods == nullptr) return 0;
  sqlite3_int64 bytes = 0;
  if (file->pMethods->xFileSize(file, &bytes) != SQLITE_OK) return -1;
  return bytes;
}

Status Connection::sync_wal_file() {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK)
    return {};
  if (file == nullptr || file->pMethods == nullptr) return {};
  const int code = file->pMethods->xSync(file, SQLITE_SYNC_FULL);
  if (code != SQLITE_OK) return failure(fail(code, "syncing the log"));
  return {};
}

}  // namespace landfall::store
