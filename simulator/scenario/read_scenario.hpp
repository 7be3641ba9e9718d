#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "simulator/scenario/scenario.hpp"

namespace landfall::scenario {

// Reads and checks a scenario. The message of an error names the file, the step by its index from
// zero, and the field: "outage.json: steps[3].route: expected one of …". Errors: scenario.invalid.
[[nodiscard]] Result<Scenario> read_scenario(std::string_view text, const std::string& file);

// The same from a file. Errors: scenario.unreadable too.
[[nodiscard]] Result<Scenario> load_scenario(const std::string& path);

}  // namespace landfall::scenario
