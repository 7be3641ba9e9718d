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
  Work work = Work::accept;
  std::vector<Contestant> contestants = {Contestant::engine, Contestant::raw, Contestant::bare};
  bool is_full = true;
  bool in_process = false;
  std::size_t n = 0;  // operations, documents, gets or seconds
  std::size_t in_flight = 1;
  std::size_t keys = 0;
  std::size_t stored_operations = 0;
  std::size_t stored_documents = 0;
  Surroundings surroundings = Surroundings::connected;
  bool moves_log = false;
  // Samples of a turn: it lasts as long as that of the larger work it is compared with.
  int in_a_row = 1;
  Compared compared = Compared::rate;
  std::optional<double> must;  // of raw
  std::optional<double> aim;
};

struct Selection {
  std::vector<std::string> only;  // ids; empty: all
  bool quick = false;             // small, for a look at the shape of the output
  bool ten_times = false;  // instead: the engine alone, on some work and on ten times as much
  std::int64_t sync_extra_us = 0;
};

// The ids that a selection may name.
[[nodiscard]] const std::vector<std::string>& workload_ids();
// Those that are compared with one another are measured together: ten times the work with the same
// work once.
[[nodiscard]] std::vector<std::vector<Workload>> select_workloads(const Selection& selection);

// A ratio's median over the repeats, with the least and the greatest.
struct Ratio {
  double median = 0;
  double min = 0;
  double max = 0;
};

// What a workload's repeats came to.
struct Measured {
  Workload workload;
  Figures engine;
  std::optional<Figures> raw;
  std::optional<Figures> bare;
  std::optional<Ratio> of_raw;  // the engine to it, of each repeat
  std::optional<Ratio> of_bare;
};

// Does one sample of a contestant.
using TakeSample = std::function<Figures(const Workload&, Contestant)>;

// All contestants of all these in turn, forwards and backwards from one repeat to the next.
[[nodiscard]] std::vector<Measured> measure(const std::vector<Workload>& together, int repeats,
                                            const TakeSample& take);

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
