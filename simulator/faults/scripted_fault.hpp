#pragma once

#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "simulator/faults/fault_plan.hpp"

namespace landfall::faults {

// A fault that was asked for by name: it strikes the next calls of one path instead of what the
// plan would draw for them. What is not said is drawn as the plan would.
struct ScriptedFault {
  Fault fault = Fault::lost_answer;
  std::string path;                          // as in a profile; empty strikes every call
  int skip = 0;                              // calls of that path that pass unharmed first
  int times = 1;                             // calls that it strikes then
  std::optional<int> status = std::nullopt;  // server_error, late_error, retry_after, garbage_body
  std::optional<Duration> retry_after = std::nullopt;  // of retry_after, in whole seconds
  std::optional<Duration> delay = std::nullopt;        // of slow: how long the answer takes
  std::optional<std::string> body = std::nullopt;      // of garbage_body
  std::optional<bool> is_noticed = std::nullopt;       // of cut_body: by its length
};

}  // namespace landfall::faults
