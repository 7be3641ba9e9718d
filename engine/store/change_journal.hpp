#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

struct sqlite3;

namespace landfall::store {

// What one transaction changed of what anybody reads.
struct RowChanges {
  // Rowids of `documents` that were stored, changed or removed.
  std::vector<std::int64_t> documents;
  // Something else is not as it was: operations, aliases, cursors, or more documents than are told
  // one by one.
  bool others = false;
};

// Hears what each commit changes before anybody can see it.
class ChangeWatch {
 public:
  virtual ~ChangeWatch() = default;
  // On the thread that commits, within the gate; one at a time, in the order of the commits. A
  // commit is about to be visible; then it is, or it was refused and nothing happened.
  virtual void on_committing(const RowChanges& changes) noexcept = 0;
  virtual void on_committed(std::uint64_t commit_seq) noexcept = 0;
  virtual void on_refused() noexcept = 0;
  // A transaction wrote nothing and set something late (LateCounters): no commit has a number for
  // it.
  virtual void on_set_late() noexcept = 0;
  // A commit failed, and may stand all the same. Nothing is committed after it.
  virtual void on_commit_unknown() noexcept = 0;
};

// Notes what the transaction that is open on a write connection changes, by SQLite's own word: no
// statement can be forgotten. What SQLite does not tell row by row (tables without rowids, a table
// that is emptied) is in its count of changed rows, so that a count which is not the one of the
// rows heard of stands for `others`.
class ChangeJournal final {
 public:
  // The connection outlives the journal's last use; the journal outlives the connection's.
  void listen(sqlite3* connection);

  void begin();
  // What was changed since `begin`.
  [[nodiscard]] const RowChanges& end();

  // Between the two nothing that is changed shows in any answer.
  void pause() noexcept { is_paused_ = true; }
  void resume() noexcept { is_paused_ = false; }

 private:
  void note(const char* table, std::int64_t rowid);

  sqlite3* connection_ = nullptr;
  RowChanges changes_;
  std::int64_t rows_before_ = 0;
  std::int64_t rows_heard_of_ = 0;
  bool is_paused_ = false;
};

}  // namespace landfall::store
