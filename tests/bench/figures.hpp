#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/counting_vfs.hpp"

namespace landfall::bench {

// What one contestant reached in one sample. A rate or a time of zero: the workload has none.
struct Figures {
  double ops_s = 0;
  double p50_us = 0;
  double p99_us = 0;
  double rss_mb = 0;
  double fsyncs = 0;
  double writes = 0;
  double write_bytes = 0;
  std::map<std::string, double> counts;  // of this workload alone, by name: "requests"
};

// From the latencies of all operations and the time from the first to the last acknowledgement.
[[nodiscard]] Figures figures_of(std::vector<std::int64_t> latencies_ns, std::int64_t taken_ns,
                                 const DiskCounts& counts);

// The same of work whose single operations have no time of their own.
[[nodiscard]] Figures figures_of(std::size_t operations, std::int64_t taken_ns,
                                 const DiskCounts& counts);

// The same of what is not measured by its speed.
[[nodiscard]] Figures figures_of(const DiskCounts& counts);

// Each figure's median by itself; `samples` is not empty.
[[nodiscard]] Figures median_of(const std::vector<Figures>& samples);
[[nodiscard]] double median_of(std::vector<double> values);

// What this process has in memory now.
[[nodiscard]] double resident_mb();

[[nodiscard]] nlohmann::json to_json(const Figures& figures);
[[nodiscard]] Figures figures_from(const nlohmann::json& json);

}  // namespace landfall::bench
