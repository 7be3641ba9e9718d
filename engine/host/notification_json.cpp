#include "engine/host/notification_json.hpp"

#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace landfall::host {
namespace {

std::string_view to_string(profile::Priority priority) {
  switch (priority) {
    case profile::Priority::low:
      return "low";
    case profile::Priority::normal:
      return "normal";
    case profile::Priority::high:
      return "high";
  }
  return "normal";
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

}  // namespace

Json decided_json(const notify::PushDecision& decision, const std::string& id) {
  Json json{{"decision", notify::to_string(decision.verdict)},
            {"channel", or_null(decision.channel)},
            {"reason", decision.reason},
            {"why", decision.why}};
  if (!id.empty()) json["id"] = id;
  if (decision.until) json["until"] = format_rfc3339(*decision.until);
  return json;
}

Json show_json(const notify::ShowNotification& show) {
  Json json{{"id", show.notification.id},
            {"type", show.notification.type},
            {"channel", show.channel},
            {"priority", to_string(show.priority)},
            {"title", show.content.title},
            {"body", show.content.body},
            {"received_at", format_rfc3339(show.notification.received_at)},
            {"again", show.again}};
  if (!show.sound.empty()) json["sound"] = show.sound;
  if (show.content.deep_link) json["deep_link"] = *show.content.deep_link;
  return json;
}

Json dropped_json(const notify::DroppedNotification& dropped) {
  return {
      {"id", dropped.id}, {"type", dropped.type}, {"reason", dropped.reason}, {"why", dropped.why}};
}

Json channels_json(const profile::NotificationRules& rules) {
  Json channels = Json::array();
  for (const auto& [id, channel] : rules.channels) {
    Json json{{"id", id}, {"name", channel.name}, {"importance", to_string(channel.importance)}};
    if (!channel.sound.empty()) json["sound"] = channel.sound;
    channels.push_back(std::move(json));
  }
  Json types = Json::array();
  for (const auto& [name, type] : rules.types) {
    types.push_back(
        {{"type", name}, {"channel", type.channel}, {"priority", to_string(type.priority)}});
  }
  return {{"channels", std::move(channels)}, {"types", std::move(types)}};
}

}  // namespace landfall::host
