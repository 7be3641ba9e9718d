#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/late_counters.hpp"

namespace landfall::store {

// A counter as one transaction knows it: what stands in the file, once it was read, and what is to
// be added to it.
struct OpenCounter {
  std::string name;
  std::optional<std::int64_t> stored = std::nullopt;
  std::int64_t difference = 0;
  bool is_late = false;  // `stored` is to be kept in memory until somebody writes
};

// The counters that a transaction has read or changed. A group of operations changes the same two
// once each: they are written once, before the commit (CounterTable::write_open).
class OpenCounters final {
 public:
  // There are few, so that they are looked for one by one.
  [[nodiscard]] OpenCounter& named(std::string_view name) {
    for (OpenCounter& counter : counters_) {
      if (counter.name == name) return counter;
    }
    return counters_.emplace_back(OpenCounter{std::string(name)});
  }
  [[nodiscard]] std::vector<OpenCounter>& all() { return counters_; }
  [[nodiscard]] const std::vector<OpenCounter>& all() const { return counters_; }
  [[nodiscard]] std::vector<LateCounter> late() const {
    std::vector<LateCounter> found;
    for (const OpenCounter& counter : counters_) {
      if (counter.is_late) found.push_back({counter.name, counter.stored.value_or(0)});
    }
    return found;
  }

 private:
  std::vector<OpenCounter> counters_;
};

}  // namespace landfall::store
