#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/compressor.hpp"
#include "engine/store/statement.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace landfall::store {

struct CachedStatement {
  CachedStatement() = default;
  CachedStatement(const CachedStatement&) = delete;
  CachedStatement& operator=(const CachedStatement&) = delete;
  ~CachedStatement();

  sqlite3_stmt* handle = nullptr;
  int parameters = 0;
  bool borrowed = false;
};

// How often a commit is synced: SQLite's numbers for `PRAGMA synchronous` in WAL mode.
enum class SyncLevel { unset = -1, normal = 1, full = 2 };

// One SQLite connection, hardened, with its statements. Internal to engine/store. One thread at a
// time.
class Connection final {
 public:
  enum class Role { writer, reader };

  // Opens the file and takes the measures that change nothing in it: limits, defensive mode, no
  // triggers, no views, no trust in the schema. `apply_settings` follows once the file is known to
  // be ours.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& path,
                                                                const std::string& vfs, Role role);
  // The file as it is without its log, to be read alone. Nobody writes it meanwhile.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open_without_log(const std::string& path,
                                                                            const std::string& vfs);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Every pragma of the role, set and read back. store.unsupported names one that does not take.
  [[nodiscard]] Status apply_settings();

  // Reserves room for PageChecksums in every page. Of a new file only, behind its page size.
  [[nodiscard]] Status reserve_checksums();

  // A statement of this text that is not in use, prepared at most once for each time it is in use
  // at once.
  [[nodiscard]] Result<Statement> borrow(std::string_view sql);
  // Statements without values that are not kept.
  [[nodiscard]] Status execute(const char* sql, std::string_view doing);
  [[nodiscard]] Result<std::int64_t> read_integer(std::string_view sql);

  // Sets the level by a freshly prepared PRAGMA, and only when it changes: the pragma acts when it
  // is prepared, so that a kept statement would change nothing.
  [[nodiscard]] Status set_sync_level(SyncLevel level);

  // BEGIN, COMMIT and ROLLBACK. After a failed step `commit` refuses.
  [[nodiscard]] Status begin();
  [[nodiscard]] Status commit();
  void roll_back() noexcept;
  [[nodiscard]] bool in_transaction() const noexcept { return in_transaction_; }

  // Turns a result code into an Error and remembers what it means for this connection.
  [[nodiscard]] Error fail(int extended_code, std::string_view doing);
  // The medium failed or the file is damaged: nothing more is written here, not even on closing.
  [[nodiscard]] bool has_failed() const noexcept { return failure_.has_value(); }
  // What it was, whoever looks at it: a step may go on after an error that it can do without.
  [[nodiscard]] const std::optional<Error>& first_failure() const noexcept { return failure_; }
  void mark_failed(const Error& error);
  // Until this is called, closing leaves the log as it was found.
  void trust_log() noexcept { trusts_log_ = true; }

  [[nodiscard]] std::int64_t wal_file_bytes() const noexcept;
  // Syncs the log file by itself, without moving it into the database.
  [[nodiscard]] Status sync_wal_file();
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
  [[nodiscard]] Compressor& compressor() noexcept { return compressor_; }

 private:
  friend class Statement;

  struct TextHash {
    using is_transparent = void;
    // Statements are long and begin alike: their length and their end tell most of them apart.
    std::size_t operator()(std::string_view text) const noexcept {
      const std::string_view end =
          text.substr(text.size() - std::min<std::size_t>(text.size(), 16));
      return std::hash<std::string_view>{}(end) + text.size();
    }
  };
  using Copies = std::vector<std::unique_ptr<CachedStatement>>;

  Connection(sqlite3* handle, Role role) noexcept : handle_(handle), role_(role) {}

  // `flags` are SQLite's, beside those that every connection has.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open_as(const std::string& name,
                                                                   const std::string& vfs,
                                                                   Role role, int flags);
  [[nodiscard]] Status harden();
  [[nodiscard]] Status set_and_read_back(std::string_view name, std::string_view value);
  [[nodiscard]] Result<std::unique_ptr<CachedStatement>> prepare(std::string_view sql);
  [[nodiscard]] Status step_once(std::string_view sql);
  enum class Bound { copies, references };
  void give_back(CachedStatement& cached, Bound bound) noexcept;

  sqlite3* handle_;
  Role role_;
  std::unordered_map<std::string, Copies, TextHash, std::equal_to<>> statements_;
  int borrowed_ = 0;
  SyncLevel sync_level_ = SyncLevel::unset;
  bool in_transaction_ = false;
  // Why SQLite rolled the transaction back by itself: what follows would run outside of it.
  std::optional<Error> lost_to_;
  std::optional<Error> failure_;
  bool trusts_log_ = false;
  Compressor compressor_;
};

}  // namespace landfall::store
