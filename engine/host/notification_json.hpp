#pragma once

#include <string>

#include "engine/base/json.hpp"
#include "engine/notify/notification_centre.hpp"

namespace landfall::host {

// Notifications in the host's words; schema/api.json shows the shapes. Pure.

// The result of push.received. `id` is empty when the push could not be read.
[[nodiscard]] Json decided_json(const notify::PushDecision& decision, const std::string& id);
// What the question notification.show asks for.
[[nodiscard]] Json show_json(const notify::ShowNotification& show);
// The event notification.dropped.
[[nodiscard]] Json dropped_json(const notify::DroppedNotification& dropped);
// The channels that a platform registers (P-47), and which type goes to which.
[[nodiscard]] Json channels_json(const profile::NotificationRules& rules);

}  // namespace landfall::host
