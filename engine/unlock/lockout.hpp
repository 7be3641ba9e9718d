#pragma once

#include "engine/base/time.hpp"
#include "engine/profile/unlock_rules.hpp"

namespace landfall::unlock {

// The ladder of the profile (A-54, P-24, C-2), as a function of the failures in a row.

// How long the next guess waits; zero before the first step.
[[nodiscard]] Duration wait_after(const profile::PinRules& rules, int failures);

// No guess is taken any more before an online login.
[[nodiscard]] bool is_hard_locked(const profile::PinRules& rules, int failures);

}  // namespace landfall::unlock
