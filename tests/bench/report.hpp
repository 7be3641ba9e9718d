#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/library_size.hpp"
#include "tests/bench/workload.hpp"

namespace landfall::bench {

struct Report {
  std::vector<Measured> workloads;
  std::vector<LibrarySize> libraries;
};

[[nodiscard]] std::vector<Verdict> verdicts_of(const Report& report);

// The object that --json prints.
[[nodiscard]] nlohmann::json report_json(const Report& report);

// Tables for people: the goals with what was reached, and the absolute figures for scale.
[[nodiscard]] std::string report_text(const Report& report);

}  // namespace landfall::bench
