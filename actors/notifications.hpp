#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/core.hpp"
#include "actors/notifications_messages.hpp"
#include "actors/timer.hpp"
#include "engine/notify/notification_centre.hpp"

namespace landfall::actors {

// Runs NotificationCentre's steps on the partition's file, and asks the host: which zone the device
// is in (zone.read), once it matters, and to show a notification (notification.show).
struct NotificationsState {
  enum class ZoneKnowledge { none, asked, known, failed };

  const char* name = "notifications";
  SharedCore core;
  PartitionStore store;
  ApiActor api;
  std::optional<notify::NotificationCentre> centre;  // as of the last step that was stored
  std::optional<Timer> timer;
  ZoneKnowledge zone = ZoneKnowledge::none;
  Instant zone_retry_at;                                // after a failure
  std::vector<std::function<void()>> waiting_for_zone;  // what was asked of us meanwhile, in order
  // Answers of the host that the disk had no room for.
  std::vector<std::pair<std::int64_t, notify::ShowAnswer>> unsaved;
};

// Its own name keeps the interface out of the names of its handlers.
struct NotificationsInstance final : NotificationsActor::stateful_base<NotificationsState> {
  using stateful_actor::stateful_actor;
};
using NotificationsSelf = NotificationsInstance*;

NotificationsActor::behavior_type notifications(NotificationsSelf self, SharedCore core,
                                                PartitionStore store, notify::Recipient recipient,
                                                ApiActor api);

}  // namespace landfall::actors
