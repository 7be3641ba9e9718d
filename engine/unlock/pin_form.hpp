#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/profile/unlock_rules.hpp"

namespace landfall::unlock {

// Digits, as many as the rules ask for (P-22, A-51, C-1). What is not well formed is no guess: it
// could not be right, so that it costs no try.
[[nodiscard]] bool is_well_formed(const profile::PinRules& rules, std::string_view pin);

// Whether somebody who knows nothing of its owner tries it among the first: one digit or a short
// block repeated, digits in a row up or down, a year, or one of those that people choose most.
[[nodiscard]] bool is_easy_to_guess(std::string_view pin);

// Whether a PIN may be set. Errors: pin.malformed, pin.weak; both name `field`, neither its value.
[[nodiscard]] Status check_new_pin(const profile::PinRules& rules, const Secret<std::string>& pin,
                                   std::string_view field);

}  // namespace landfall::unlock
