#pragma once

#include <list>
#include <optional>
#include <string_view>

#include "simulator/faults/scripted_fault.hpp"

namespace landfall::faults {

// The faults of one network that were asked for by name. Those of one path strike in the order in
// which they were scripted; a call has at most one.
class FaultScript final {
 public:
  // Requires a fault that can strike a call (can_strike_call).
  void add(ScriptedFault fault);
  void clear() { faults_.clear(); }
  // Strikes that are still to come.
  [[nodiscard]] int strikes_left() const;
  // What strikes the call that leaves for `target` now; a query behind its path is not looked at.
  [[nodiscard]] std::optional<ScriptedFault> take(std::string_view target);

 private:
  std::list<ScriptedFault> faults_;
};

}  // namespace landfall::faults
