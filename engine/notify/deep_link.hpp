#pragma once

#include <optional>
#include <string>

#include "engine/profile/notification_rules.hpp"
#include "engine/profile/template.hpp"

namespace landfall::notify {

// Where a tap on a notification of this type leads (P-39 to P-44): the profile's route with the
// push's values in its places, percent-encoded, so that no value can name another route, another
// host or a script. Nothing when a value is missing or is no part of a path: the tap then opens the
// app. No other link is ever made. Pure.
[[nodiscard]] std::optional<std::string> deep_link(const profile::NotificationType& type,
                                                   const profile::Variables& values);

}  // namespace landfall::notify
