#pragma once

#include <optional>
#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/cache_messages.hpp"
#include "actors/common_messages.hpp"
#include "engine/base/ids.hpp"
#include "engine/notify/notification_centre.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::actors {

// push.received: the payload as the platform delivered it. Answered when the decision is durable.
struct PushReceived {
  SharedJson payload;
};

struct PushDecided {
  notify::PushDecision decision;
  std::string id;
};

// notifications.settings.
struct ReadNotificationSettings {};

// Something that decisions rest on may have changed: the document with the user's settings.
struct SettingsTouched {};

// The device's zone changed: the host is asked for it anew.
struct ZoneChanged {};

using NotificationsActor = caf::typed_actor<
    caf::replies_to<PushReceived>::with<Result<PushDecided>>,
    caf::replies_to<ReadNotificationSettings>::with<Result<notify::NotificationStatus>>,
    caf::reacts_to<SettingsTouched>, caf::reacts_to<ZoneChanged>, caf::reacts_to<TimerFired>>;

// For those who change what documents show: tells the notifications when it was the one with the
// settings, and the cache while somebody subscribes to anything.
struct ViewWatch {
  std::optional<EntityKey> settings;  // nothing: the profile keeps no settings
  NotificationsActor notifications;
  CacheActor cache;
  SharedSubscriberCount subscribers;

  template <class Self>
  void look_at(Self* self, const EntityKey& changed) const {
    if (settings && changed == *settings) self->send(notifications, SettingsTouched{});
    if (subscribers->load() > 0) self->send(cache, DocumentsTouched{changed.type});
  }

  template <class Self>
  void look_at_all(Self* self, const Profile& profile) const {
    if (settings) self->send(notifications, SettingsTouched{});
    if (subscribers->load() == 0) return;
    for (const auto& [type, entity] : profile.entities) self->send(cache, DocumentsTouched{type});
  }
};

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PushReceived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ReadNotificationSettings)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SettingsTouched)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ZoneChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::PushDecided>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::notify::NotificationStatus>)
