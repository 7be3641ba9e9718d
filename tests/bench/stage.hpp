#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "tests/bench/workload.hpp"
#include "tests/bench/workspace.hpp"

namespace landfall::bench {

// Where samples are taken: one logged-in phone and one filled store for each size. Every sample
// gets a copy, but for those that open a store only, which is done in place. Tells of its progress
// on standard error.
class Stage final {
 public:
  explicit Stage(std::int64_t sync_extra_us);

  [[nodiscard]] Figures take_sample(const Workload& workload, Contestant contestant);

 private:
  [[nodiscard]] Figures run_on_copy(Job job, const std::string& of);
  // The one with what the workload finds in its store.
  [[nodiscard]] const std::string& phone_of(const Workload& workload);

  Workspace workspace_;
  std::int64_t sync_extra_us_;
  std::string phone_;
  std::map<std::pair<std::size_t, std::size_t>, std::string> stores_;  // by operations, documents
};

}  // namespace landfall::bench
