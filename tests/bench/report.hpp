#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/workload.hpp"

namespace landfall::bench {

// The object that --json prints.
[[nodiscard]] nlohmann::json report_json(const std::vector<Measured>& all);

// Tables for people: the goals with what was reached, and the absolute figures for scale.
[[nodiscard]] std::string report_text(const std::vector<Measured>& all);

}  // namespace landfall::bench
