#include "engine/store/late_counters.hpp"

#include <algorithm>
#include <utility>

namespace landfall::store {

std::optional<std::int64_t> LateCounters::find(std::string_view name,
                                               std::uint64_t seen_seq) const {
  if (is_empty()) return std::nullopt;
  const BriefLock::Guard guard(lock_);
  for (const Kept& kept : kept_) {
    if (kept.counter.name == name && kept.seq <= seen_seq) return kept.counter.value;
  }
  return std::nullopt;
}

void LateCounters::keep(const std::vector<LateCounter>& counters, std::uint64_t seq) {
  if (counters.empty()) return;
  const BriefLock::Guard guard(lock_);
  for (const LateCounter& counter : counters) {
    std::erase_if(kept_, [&](const Kept& kept) { return kept.counter.name == counter.name; });
    kept_.push_back({counter, seq});
  }
  empty_.store(false, std::memory_order_release);
}

std::vector<LateCounter> LateCounters::with(std::vector<LateCounter> counters) const {
  if (is_empty()) return counters;
  const BriefLock::Guard guard(lock_);
  for (const Kept& kept : kept_) {
    const bool is_replaced =
        std::any_of(counters.begin(), counters.end(),
                    [&](const LateCounter& counter) { return counter.name == kept.counter.name; });
    if (!is_replaced) counters.push_back(kept.counter);
  }
  return counters;
}

void LateCounters::clear() {
  const BriefLock::Guard guard(lock_);
  kept_.clear();
  empty_.store(true, std::memory_order_release);
}

}  // namespace landfall::store
