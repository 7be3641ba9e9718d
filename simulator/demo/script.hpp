#pragma once

#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/faults/scripted_fault.hpp"

namespace landfall::demo {

// The faults that every run promises: each must have struck in the end.
[[nodiscard]] std::vector<faults::Fault> promised_faults();

// What strikes the calls of these two paths, in the order in which it strikes. The push is refused,
// loses its token, is decided without a word, and then heard twice; beside it the pull breaks off,
// is told to wait, and is not answered.
[[nodiscard]] std::vector<faults::ScriptedFault> scripted_faults(const std::string& push_path,
                                                                 const std::string& pull_path);

// What strikes beside the script. A few classes at a time: the way through must not be so narrow
// that the ladders take minutes.
[[nodiscard]] faults::FaultPlan draw_plan(Random& random);

}  // namespace landfall::demo
