#pragma once

#include <cstddef>
#include <mutex>

#include "engine/http/repeat_budget.hpp"

namespace landfall::actors {

// What the actors of one process have repeated, beyond the life of a scope (INV-Q9). Two of them
// that ask in the same moment may both find the last place free; limits::kRepeatsForProbesMax
// leaves room for that. Any thread.
class RepeatBoard final : public http::RepeatLedger {
 public:
  void on_repeat(Instant now) override {
    const std::lock_guard lock(mutex_);
    budget_.on_repeat(now);
  }
  [[nodiscard]] Instant free_at(http::RepeatRank rank, std::size_t beside = 0) const override {
    const std::lock_guard lock(mutex_);
    return budget_.free_at(rank, beside);
  }

 private:
  mutable std::mutex mutex_;
  http::RepeatBudget budget_;
};

}  // namespace landfall::actors
