#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/counting_vfs.hpp"

namespace landfall::bench {

// What one contestant reached in one sample.
struct Figures {
  double ops_s = 0;
  double p50_us = 0;
  double p99_us = 0;
  double rss_mb = 0;
  double fsyncs = 0;
  double writes = 0;
  double write_bytes = 0;
};

// From the latencies of all operations and the time from the first to the last acknowledgement.
[[nodiscard]] Figures figures_of(std::vector<std::int64_t> latencies_ns, std::int64_t taken_ns,
                                 const DiskCounts& counts);

// Each figure's median by itself; `samples` is not empty.
[[nodiscard]] Figures median_of(const std::vector<Figures>& samples);
[[nodiscard]] double median_of(std::vector<double> values);

// What this process has in memory now.
[[nodiscard]] double resident_mb();

[[nodiscard]] nlohmann::json to_json(const Figures& figures);
[[nodiscard]] Figures figures_from(const nlohmann::json& json);

}  // namespace landfall::bench
