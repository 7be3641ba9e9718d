#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "simulator/scenario/scenario.hpp"

namespace landfall::scenario {

struct ScenarioResult {
  bool passed = true;
  std::size_t step = 0;   // the failed one; the number of steps for what came to light at the end
  std::string step_text;  // as it stands in the file; empty at the end
  std::string expected;
  std::string actual;
  std::uint64_t trace_hash = 0;  // equal for equal lives in virtual time
};

// Lives through a scenario in a world of its own, in virtual time. Every oracle watches. Behind the
// last step the world is healed and comes to rest, as in `explore`: what a scenario broke must mend
// by itself. A fault or a crash that was asked for and never struck fails it too. `trace_text`
// outlives the call; null for no trace.
[[nodiscard]] ScenarioResult run_scenario(const Scenario& scenario,
                                          std::FILE* trace_text = nullptr);

}  // namespace landfall::scenario
