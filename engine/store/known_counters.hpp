#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/open_counters.hpp"

namespace landfall::store {

// What the rows of the counters hold, from the transactions before: nobody but the owner of the
// write connection writes them, so that they are read once. The owner of the write connection
// alone, one at a time.
class KnownCounters final {
 public:
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view name) const {
    for (const Known& known : known_) {
      if (known.name == name) return known.value;
    }
    return std::nullopt;
  }

  // They were committed as they stand here.
  void note(const OpenCounters& counters) {
    for (const OpenCounter& counter : counters.all()) {
      if (counter.stored) put(counter.name, *counter.stored + counter.difference);
    }
  }
  // Somebody else wrote them.
  void forget() noexcept { known_.clear(); }

 private:
  struct Known {
    std::string name;
    std::int64_t value = 0;
  };

  void put(const std::string& name, std::int64_t value) {
    for (Known& known : known_) {
      if (known.name != name) continue;
      known.value = value;
      return;
    }
    known_.push_back({name, value});
  }

  std::vector<Known> known_;
};

}  // namespace landfall::store
