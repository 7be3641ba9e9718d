#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/base/random.hpp"

namespace landfall::explore {

// The profile of one seed: the given one (a shipped one's name or a whole profile), with single
// decisions about approvals delivered now by push, now by their own endpoint, and edits of a
// requisition sent one by one or as one, so that a range of seeds sees every way in which an
// operation can leave. In some worlds tier 2 of the cache is so small that documents are thrown
// away all the time. What a profile does not have stays as it is.
// In some, bodies of requests go compressed (profile `http`).
// In some, a push takes one to three operations, so that others stand ready behind it.
// In some, phones have a PIN (has_cheap_pin), and in half of these approvals are signed
// (signs_approvals).
[[nodiscard]] nlohmann::json draw_profile(const nlohmann::json& base, Random& random);

// Whether a drawn profile is one whose phones have owners with a PIN.
[[nodiscard]] bool has_cheap_pin(const nlohmann::json& profile);

// Whether a drawn profile has approvals signed, so that its server wants to see a signature.
[[nodiscard]] bool signs_approvals(const nlohmann::json& profile);

}  // namespace landfall::explore
