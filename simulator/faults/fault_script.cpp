#include "simulator/faults/fault_script.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "simulator/faults/path_pattern.hpp"

namespace landfall::faults {

void FaultScript::add(ScriptedFault fault) {
  LANDFALL_ASSERT(can_strike_call(fault.fault));
  LANDFALL_ASSERT(fault.skip >= 0 && fault.times > 0);
  faults_.push_back(std::move(fault));
}

int FaultScript::strikes_left() const {
  int strikes = 0;
  for (const auto& fault : faults_) strikes += fault.times;
  return strikes;
}

std::optional<ScriptedFault> FaultScript::take(std::string_view target) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const auto& fault) {
    return fault.path.empty() || matches_path(fault.path, target);
  });
  if (found == faults_.end()) return std::nullopt;
  if (found->skip > 0) {
    --found->skip;
    return std::nullopt;
  }
  ScriptedFault taken = *found;
  if (--found->times == 0) faults_.erase(found);
  return taken;
}

}  // namespace landfall::faults
