#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/bench/workload.hpp"
#include "tests/bench/workspace.hpp"

namespace landfall::bench {

// Where samples are taken: one logged-in phone, of which every sample that accepts gets a copy, and
// one filled store for each size, which are opened in place. Tells of its progress on standard
// error.
class Stage final {
 public:
  explicit Stage(std::int64_t sync_extra_us);

  [[nodiscard]] Figures take_sample(const Workload& workload, Contestant contestant);

 private:
  [[nodiscard]] Figures accept(Job job);
  [[nodiscard]] const std::string& filled_store(const Workload& workload);

  Workspace workspace_;
  std::int64_t sync_extra_us_;
  std::string phone_;
  std::map<std::size_t, std::string> stores_;  // by their number of operations
};

}  // namespace landfall::bench
