#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "simulator/faults/fault_plan.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::explore {

struct ExploreOptions {
  std::uint64_t seed_first = 1;
  std::uint64_t seed_last = 1;
  double hours = 6.0;
  nlohmann::json profile;  // a shipped profile's name or a whole profile
  // Ends the range at the first seed in which this oracle fires; empty: never.
  std::string until_oracle;
  std::FILE* trace_text = nullptr;
  // Called after each seed with the number of seeds done; for progress only.
  std::function<void(std::uint64_t done, std::uint64_t violations)> progress;
};

struct FoundViolation {
  std::uint64_t seed = 0;
  world::Violation violation;
};

struct Report {
  std::uint64_t seeds = 0;
  double simulated_hours = 0;
  double device_hours = 0;
  std::uint64_t operations_accepted = 0;
  std::map<std::string, std::uint64_t> states;  // how the accepted ones stood at the end
  std::uint64_t crashes = 0;                    // kills and power cuts
  std::uint64_t power_cuts = 0;
  faults::FaultCounts faults;
  std::vector<FoundViolation> violations;
  std::uint64_t trace_hash = 0;  // of all seeds, in order
  double wall_seconds = 0;

  [[nodiscard]] nlohmann::json to_json() const;
};

// Lives through one random world after another: an hour of chaos here, a device there, then
// everything is healed and must come to rest. A range of 100 seeds or more in which a fault class
// never struck is itself a violation ("coverage").
[[nodiscard]] Report explore(const ExploreOptions& options);

}  // namespace landfall::explore
