#include "actors/api_notifications.hpp"

#include <memory>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/api_forward.hpp"
#include "engine/host/notification_json.hpp"

namespace landfall::actors {
namespace {

Json settings_json(const Result<notify::NotificationStatus>& now) {
  Json json{{"settings", notify::to_json(now->settings)},
            {"zone", now->zone},
            {"quiet", now->quiet_until.has_value()},
            {"waiting", now->waiting}};
  if (now->quiet_until) json["until"] = format_rfc3339(*now->quiet_until);
  return json;
}

}  // namespace

void push_received(ApiSelf self, const Json& params, const Reply& reply) {
  forward<Result<PushDecided>>(self, self->state.partition->notifications,
                               PushReceived{std::make_shared<const Json>(params.at("payload"))},
                               reply, write_indeterminate(),
                               [](const Result<PushDecided>& decided) {
                                 return host::decided_json(decided->decision, decided->id);
                               });
}

void notifications_settings(ApiSelf self, const Json&, const Reply& reply) {
  forward<Result<notify::NotificationStatus>>(self, self->state.partition->notifications,
                                              ReadNotificationSettings{}, reply, read_interrupted(),
                                              settings_json);
}

void notifications_channels(ApiSelf self, const Json&, const Reply& reply) {
  reply->send(host::channels_json(self->state.core->profile().notifications));
}

// Nobody to tell is nobody who asked for the zone yet.
void zone_changed(ApiSelf self, const Json&, const Reply& reply) {
  if (self->state.partition) self->send(self->state.partition->notifications, ZoneChanged{});
  reply->send(Json::object());
}

}  // namespace landfall::actors
