#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/time.hpp"
#include "engine/store/quiet_watch.hpp"

namespace landfall::store {

// When the file of a database is looked through for damage that nobody has met yet, one table after
// the other: once a day, in moments in which nobody writes (architecture section 6,
// limits::kFileCheckIntervalMs, kFileCheckQuietMs, kFileCheckPauseMs). Pure; one thread.
class FileCheckPlan final {
 public:
  // `done_at`: when the file was last looked through to its end; nothing: never. One that a clock
  // set back has put into the future counts as now. `table`: where the process before came to, as
  // few live long enough for all of them.
  FileCheckPlan(std::optional<Instant> done_at, std::size_t table, Instant now);

  // When the next table has its turn if nobody writes before; an instant that has come: now.
  [[nodiscard]] Instant next_at(std::uint64_t commit_seq, Instant now);
  // Which one that is, of those of the file in their order.
  [[nodiscard]] std::size_t table() const { return table_; }
  // That table is sound. True: it was the last of `tables`, and the file has been looked through.
  [[nodiscard]] bool on_sound(std::size_t tables, Instant now);
  // It could not be read now.
  void on_failed(Instant now);

 private:
  Instant due_at_;
  std::size_t table_ = 0;
  QuietWatch quiet_;
};

}  // namespace landfall::store
