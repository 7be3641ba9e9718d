#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/demo/record.hpp"

namespace landfall::demo {

// A run and what is to be said of it.
struct Report {
  std::string profile;
  std::uint64_t seed = 1;
  std::chrono::milliseconds took{0};  // real time
  Record record;
  std::vector<std::string> violations;
};

// The closing table and the totals, in lines of at most 100 columns.
[[nodiscard]] std::string report_text(const Report& report);

// The one object of --json.
[[nodiscard]] nlohmann::json report_json(const Report& report);

}  // namespace landfall::demo
