#include "engine/unlock/lockout.hpp"

namespace landfall::unlock {

Duration wait_after(const profile::PinRules& rules, int failures) {
  Duration wait{0};
  for (const auto& step : rules.steps) {
    if (step.at <= failures) wait = step.wait;
  }
  return wait;
}

bool is_hard_locked(const profile::PinRules& rules, int failures) {
  return failures >= rules.hard_at;
}

}  // namespace landfall::unlock
