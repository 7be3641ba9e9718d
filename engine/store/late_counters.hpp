#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/brief_lock.hpp"

namespace landfall::store {

struct LateCounter {
  std::string name;
  std::int64_t value = 0;
};

// Values that are true now and not worth a write of their own: kept here until a transaction that
// writes anyway takes them along, or the file is closed. A process that dies in between knows the
// values before them. `keep`, `with` and `clear` are the owner's of the write connection, one at a
// time; `find` is anybody's.
class LateCounters final {
 public:
  // Of the state as it is after the commit `seen_seq`: an older snapshot lacks what makes the value
  // true. Nothing: what stands in the file holds.
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view name,
                                                 std::uint64_t seen_seq) const;

  // They are true from the commit `seq` on.
  void keep(const std::vector<LateCounter>& counters, std::uint64_t seq);
  // What is kept here, with these in place of those of the same name.
  [[nodiscard]] std::vector<LateCounter> with(std::vector<LateCounter> counters) const;
  // They were committed.
  void clear();
  [[nodiscard]] bool is_empty() const noexcept { return empty_.load(std::memory_order_acquire); }

 private:
  struct Kept {
    LateCounter counter;
    std::uint64_t seq = 0;
  };

  mutable BriefLock lock_;
  std::vector<Kept> kept_;
  std::atomic<bool> empty_{true};
};

}  // namespace landfall::store
