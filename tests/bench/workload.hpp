#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/figures.hpp"
#include "tests/bench/job.hpp"

namespace landfall::bench {

// What of a sample the engine and a reference are compared by. Rates: more is better. Times: less.
enum class Compared { rate, time };

// One line of the result: a workload in one variant.
struct Workload {
  std::string id;       // "W1a"
  std::string variant;  // "c_interface"
  bool is_full = true;
  std::size_t n = 0;  // operations
  std::size_t in_flight = 1;
  std::size_t documents = 0;
  Work work = Work::accept;
  bool in_process = false;
  Compared compared = Compared::rate;
  double must = 0;  // of raw
  double aim = 0;
};

struct Selection {
  std::vector<std::string> only;  // ids; empty: all
  bool quick = false;             // small, for a look at the shape of the output
  std::int64_t sync_extra_us = 0;
};

// The ids that a selection may name.
[[nodiscard]] const std::vector<std::string>& workload_ids();
[[nodiscard]] std::vector<Workload> select_workloads(const Selection& selection);

// What a workload's repeats came to. `ratio`: the engine to raw, of each repeat; then the median of
// the repeats with the least and the greatest.
struct Measured {
  Workload workload;
  Figures engine;
  Figures raw;
  Figures bare;
  double ratio = 0;
  double ratio_min = 0;
  double ratio_max = 0;
  double ratio_bare = 0;
};

// Does one sample of a contestant.
using TakeSample = std::function<Figures(Contestant)>;

// All contestants in turn, forwards and backwards from one repeat to the next.
[[nodiscard]] Measured measure(const Workload& workload, int repeats, const TakeSample& take);

// A bound beside the ratio, of one workload or between two.
struct Verdict {
  std::string workload;  // "W1b 64_in_flight FULL"
  std::string what;      // "fsyncs per operation"
  double value = 0;
  double must = 0;
  std::optional<double> aim;
  bool at_least = true;  // else at most

  [[nodiscard]] bool is_met() const { return at_least ? value >= must : value <= must; }
};

// Every goal that the measured workloads have, the ratios first.
[[nodiscard]] std::vector<Verdict> verdicts_of(const std::vector<Measured>& all);

[[nodiscard]] std::string name_of(const Workload& workload);

}  // namespace landfall::bench
