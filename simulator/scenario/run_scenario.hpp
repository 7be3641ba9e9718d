#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
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

// The same over real sockets: the engine on its thread pool and a real disk behind the C interface,
// a fault proxy before the backend, and a clock that runs at `speed_of(scenario)`. The oracles of
// oracles::Watch::real_world watch. Requires a scenario without a reason_to_skip. Errors: what the
// machine lacks (a port, a temporary folder).
[[nodiscard]] Result<ScenarioResult> run_scenario_over_sockets(const Scenario& scenario,
                                                               std::FILE* trace_text = nullptr);

// Why a scenario cannot be played over real sockets; nothing when it can.
[[nodiscard]] std::optional<std::string> reason_to_skip(const Scenario& scenario);

// How much faster than the wall clock a scenario is played over real sockets: as it says itself, or
// as fast as its shortest `run` allows.
[[nodiscard]] int speed_of(const Scenario& scenario);

}  // namespace landfall::scenario
