#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/change_journal.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/known_counters.hpp"
#include "engine/store/late_counters.hpp"
#include "engine/store/log_move_plan.hpp"
#include "engine/store/page_checksums.hpp"
#include "engine/store/store_watch.hpp"
#include "engine/store/transaction.hpp"
#include "engine/store/write_gate.hpp"
#include "schema/embedded.hpp"

namespace landfall::store {

// durable: on the medium before `write` returns. ordered: committed, and on the medium with the
// next durable commit or checkpoint; a power cut may take it away, together with everything after
// it and never something before it.
enum class Durability { durable, ordered };

// passive: what can be moved without waiting for a reader. truncate: everything, and the log file
// is emptied.
enum class CheckpointMode { passive, truncate };

struct Checkpoint {
  std::int64_t frames_left = 0;  // of the log, still to be moved into the file
};

// Locks of its own process, no shared-memory file.
inline constexpr std::string_view kDefaultVfs = "unix-excl";

struct OpenOptions {
  std::string path;  // of the file; its directory exists and is ours (DirectoryLock)
  std::string vfs;   // name of a registered VFS; empty: "unix-excl"
  std::span<const schema::Migration> migrations;  // versions 1, 2, …; outlives the call only
  WriteGate* gate = nullptr;                      // outlives the database; null: NoGate
  StoreWatch* watch = nullptr;                    // outlives the database; null: nobody
  int read_connections_max = 4;  // as many reads at a time; opened when first needed
};

// One SQLite file in WAL mode: one write connection behind a gate, and read connections that never
// wait for it. Its pages carry checksums (PageChecksums), so that a damaged one is store.corrupt
// when it is read and never a wrong row. A file from before checksums is used as it is, and gets
// them by add_checksums.
//
// What it promises: a write is applied whole or not at all, and what a reopened database shows is
// on the medium (so that an answer may be given from it). A commit that fails is neither success
// nor failure: the frames may have reached the log. Then the database is broken: it refuses every
// write until it was closed and opened again, and the caller looks its rows up (INV-S5).
//
// Threads: `write` and `checkpoint` from any thread, one at a time through the gate; `move_log`
// from any thread; `read` and the checks from any thread, at most read_connections_max at a time;
// `commit_seq`, `wal_bytes`, `is_broken` from any thread at any time.
class Database final {
 public:
  // Opens or creates the file, sets every pragma and reads it back, and applies the migrations that
  // are missing, each in a transaction of its own together with its version (INV-S1). Errors:
  //   store.newer          the file was written by a newer version; nothing was changed (INV-S6)
  //   store.corrupt        the file is no database of ours, or damaged where it must be read to
  //   open it directory.unwritable no right to create or write it store.unavailable    it cannot be
  //   opened for another reason store.io, storage.full, store.unsupported (a pragma does not take),
  //   store.migration (names the version)
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(OpenOptions options);

  // Writes what transactions left to it (CounterTable::set_late), as far as it can.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `fn(Transaction&) -> Result<T>` in one transaction and commits. A transaction that changed
  // no row has no number and needs no room on the disk, and no sync unless ordered ones wait for
  // it. fn's error rolls back and is returned. `label` is a constant that names the step in errors
  // and traces. Errors of its own:
  //   store.broken          (refused) nothing was tried: reopen first
  //   storage.full          (storage_full) also at the commit; rolled back, the database stays
  //   usable store.commit_unknown  (indeterminate) the commit failed: reopen, then look it up
  //   store.io, store.corrupt, store.busy, …: rolled back; the first two also break the database
  template <class F>
  [[nodiscard]] auto write(std::string_view label, Durability durability, WritePriority priority,
                           F&& fn) -> std::invoke_result_t<F&, Transaction&> {
    auto result = write_once(label, durability, priority, fn);
    if (!result) tell(label, result.error());
    return result;
  }

  // Durable writes are what somebody waits for; ordered ones go behind them.
  template <class F>
  [[nodiscard]] auto write(std::string_view label, Durability durability, F&& fn)
      -> std::invoke_result_t<F&, Transaction&> {
    const auto priority = durability == Durability::durable ? WritePriority::acknowledgement
                                                            : WritePriority::ordinary;
    return write(label, durability, priority, std::forward<F>(fn));
  }

  // Runs `fn(const Snapshot&) -> Result<T>` on a read connection. store.busy when all are in use.
  template <class F>
  [[nodiscard]] auto read(F&& fn) -> std::invoke_result_t<F&, const Snapshot&> {
    auto result = read_once(fn);
    if (!result) tell("", result.error());
    return result;
  }

  // From the next commit on `watch` hears of each. Before anybody else writes.
  void watch_changes(std::shared_ptr<ChangeWatch> watch);

  // The number of the last commit: raised by one by each, stored in the same transaction
  // (counters.commit_seq).
  [[nodiscard]] std::uint64_t commit_seq() const noexcept {
    return commit_seq_.load(std::memory_order_acquire);
  }
  [[nodiscard]] bool is_broken() const noexcept { return broken_.load(std::memory_order_acquire); }

  // Moves the log into the file, on the write connection; never on the way of an acknowledgement. A
  // failed sync breaks the database; store.busy (a reader, or `move_log` is at work) and
  // storage.full do not.
  [[nodiscard]] Result<Checkpoint> checkpoint(CheckpointMode mode);
  // The same, passive, for a long log: most of it on a connection of its own, while others write,
  // and only what came meanwhile on the write connection. One call at a time.
  [[nodiscard]] Result<Checkpoint> move_log();
  // Bytes of the log as of the last commit, or what the last checkpoint left: what a cap is
  // compared with.
  [[nodiscard]] std::int64_t wal_bytes() const noexcept {
    return wal_bytes_.load(std::memory_order_relaxed);
  }
  // Worth moving when there is time, or whatever goes on (`log_length`).
  [[nodiscard]] bool has_long_log(bool disk_is_low) const noexcept;
  // Whether it became long since it was last short, or too long: true once for each, for whoever
  // asks first.
  [[nodiscard]] bool log_became_long(bool disk_is_low) noexcept;

  // The names of all tables, in a fixed order.
  [[nodiscard]] Result<std::vector<std::string>> tables();
  // Whether this table and its indexes are sound, as far as their structure and the checksums of
  // their pages tell. A read like any other, as long as the table is: store.corrupt with the first
  // finding, of which the watch hears.
  [[nodiscard]] Status quick_check(const std::string& table);
  // Slow: they read the whole file. store.corrupt with the first finding.
  [[nodiscard]] Status integrity_check();
  [[nodiscard]] Status foreign_key_check();

 private:
  struct ReadSlot;

  // One pass through the gate. Its destructor rolls back what was neither committed nor rolled
  // back.
  class WriteTurn final {
   public:
    WriteTurn(Database& database, WritePriority priority);
    ~WriteTurn();
    WriteTurn(const WriteTurn&) = delete;
    WriteTurn& operator=(const WriteTurn&) = delete;

    [[nodiscard]] Status begin(std::string_view label, Durability durability);
    void make_durable() noexcept { durability_ = Durability::durable; }
    [[nodiscard]] Status commit();
    // The same of a transaction that is known to write: what was set late goes with it.
    [[nodiscard]] Status commit_changes();
    void roll_back() noexcept;
    // What the transaction read, changed and sets late of the counters. Before `commit`.
    void set_counters(OpenCounters counters) {
      late_ = counters.late();
      counters_ = std::move(counters);
    }
    [[nodiscard]] Connection& connection() const noexcept { return *database_.writer_; }
    [[nodiscard]] std::uint64_t commit_seq() const noexcept { return database_.commit_seq() + 1; }

   private:
    [[nodiscard]] Status write_late();
    [[nodiscard]] Status raise_commit_seq();
    [[nodiscard]] Status finish_unchanged();
    [[nodiscard]] Status sync_behind_commit();
    [[nodiscard]] Error commit_unknown(const Error& error) const;

    Database& database_;
    std::string_view label_;
    Durability durability_ = Durability::durable;
    Durability begun_as_ = Durability::durable;  // SQLite keeps the level that it began with
    bool open_ = false;
    std::int64_t changes_before_ = 0;
    std::vector<LateCounter> late_;
    OpenCounters counters_;
  };

  // One read transaction on a connection of its own.
  class ReadTurn final {
   public:
    explicit ReadTurn(ReadSlot& slot) noexcept : slot_(&slot) {}
    ReadTurn(ReadTurn&& other) noexcept : slot_(other.slot_), commit_seq_(other.commit_seq_) {
      other.slot_ = nullptr;
    }
    ReadTurn& operator=(ReadTurn&&) = delete;
    ~ReadTurn();

    [[nodiscard]] Status begin(const std::string& path, const std::string& vfs);
    [[nodiscard]] Connection& connection() const noexcept;
    [[nodiscard]] std::uint64_t commit_seq() const noexcept { return commit_seq_; }

   private:
    ReadSlot* slot_;
    std::uint64_t commit_seq_ = 0;
  };

  Database(OpenOptions options, std::unique_ptr<PageChecksums> checksums,
           std::unique_ptr<Connection> writer);

  template <class F>
  [[nodiscard]] auto write_once(std::string_view label, Durability durability,
                                WritePriority priority, F& fn)
      -> std::invoke_result_t<F&, Transaction&> {
    WriteTurn turn(*this, priority);
    LANDFALL_TRY(turn.begin(label, durability));
    auto result = [&] {
      Transaction transaction(turn.connection(), late_counters_, known_counters_, journal_, label,
                              turn.commit_seq());
      auto done = fn(transaction);
      if (!done) return done;
      if (Status counted = CounterTable::write_open(transaction); !counted)
        done = failure(std::move(counted.error()));
      turn.set_counters(std::move(*transaction.open_counters()));
      if (transaction.is_made_durable()) turn.make_durable();
      return done;
    }();
    if (!result) {
      turn.roll_back();
      return result;
    }
    LANDFALL_TRY(turn.commit());
    return result;
  }
  template <class F>
  [[nodiscard]] auto read_once(F& fn) -> std::invoke_result_t<F&, const Snapshot&> {
    LANDFALL_TRY_ASSIGN(ReadTurn turn, begin_read());
    const Snapshot snapshot(turn.connection(), late_counters_, turn.commit_seq());
    auto result = fn(snapshot);
    if (result || result.error().kind != ErrorClass::corrupt) tell_ignored(turn);
    return result;
  }
  // Passes on what the watch is for.
  void tell(std::string_view label, const Error& error) noexcept;
  // What a reader met and went on without: a damaged page that decided nothing is damage too.
  void tell_ignored(const ReadTurn& turn) noexcept;

  void write_late_counters() noexcept;
  [[nodiscard]] Status load_commit_seq();
  [[nodiscard]] Status settle_log();
  [[nodiscard]] Result<ReadTurn> begin_read();
  template <class... Values>
  [[nodiscard]] Status check(std::string_view pragma, const Values&... values);
  [[nodiscard]] Result<Checkpoint> checkpoint_in(WriteTurn& turn, CheckpointMode mode);
  [[nodiscard]] Result<bool> begin_move();
  [[nodiscard]] Status move_beside_writer();
  [[nodiscard]] Status watch_log();
  void note_wal_frames(std::int64_t frames) noexcept;
  void note_writer_state() noexcept;

  std::string path_;
  std::unique_ptr<PageChecksums> checksums_;  // null: the file has none
  std::string vfs_;                           // that every connection goes through
  NoGate no_gate_;
  WriteGate* gate_;
  StoreWatch* watch_;
  ChangeJournal journal_;  // of what the writer's transaction changes
  std::shared_ptr<ChangeWatch> change_watch_;
  std::unique_ptr<Connection> writer_;
  std::vector<std::unique_ptr<ReadSlot>> readers_;
  std::int64_t page_bytes_ = 4096;
  LateCounters late_counters_;
  KnownCounters known_counters_;
  bool has_unsynced_ = false;  // an ordered commit came after the last durable one; the writer's
  bool is_moving_ = false;     // move_log is beside the writer; behind the gate
  std::atomic<std::uint64_t> commit_seq_{0};
  std::atomic<std::int64_t> wal_bytes_{0};
  std::atomic<LogLength> log_told_{LogLength::fair};
  std::atomic<bool> broken_{false};
};

// Whether the step itself refused what it was asked for, by a bound or because it makes no sense:
// nothing was changed, and the machine that refused goes on. What the store says of itself
// (store.broken, store.busy) is no such refusal.
[[nodiscard]] bool is_refusal(const Error& error);

}  // namespace landfall::store
