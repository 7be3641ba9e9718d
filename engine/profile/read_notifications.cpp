#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

Priority read_priority(ObjectReader& reader, std::string_view key) {
  return reader.choice<Priority>(
      key, {{"normal", Priority::normal}, {"high", Priority::high}, {"low", Priority::low}});
}

Channel read_channel(const std::string& id, ObjectReader& reader) {
  Channel channel;
  channel.id = id;
  channel.name = reader.text("name");
  channel.importance = read_priority(reader, "importance");
  channel.sound = reader.text_or("sound", "");
  reader.done();
  return channel;
}

// What all types have.
NotificationType read_type(ObjectReader& reader, const NotificationRules& rules) {
  NotificationType type;
  type.priority = read_priority(reader, "priority");
  type.channel = reader.text("channel", limits::kNameBytesMax);
  if (!rules.channels.contains(type.channel)) {
    reader.refuse("channel", "expected a channel that is declared");
  }
  return type;
}

NotificationType read_known_type(const std::string& name, ObjectReader& reader,
                                 const NotificationRules& rules) {
  NotificationType type = read_type(reader, rules);
  type.name = name;
  type.deep_link = reader.text("deep_link", limits::kTargetBytesMax);
  const bool rooted = type.deep_link.starts_with("/") && !type.deep_link.starts_with("//");
  if (!rooted || !variables_in(type.deep_link)) {
    reader.refuse("deep_link", "expected a screen that begins with one /");
  }
  reader.done();
  return type;
}

std::optional<NotificationType> read_other_type(ObjectReader& section,
                                                const NotificationRules& rules) {
  auto reader = section.object_if("other");
  if (!reader) return std::nullopt;
  NotificationType type = read_type(*reader, rules);
  reader->done();
  return type;
}

std::optional<SettingsPlace> read_settings_place(ObjectReader& section) {
  auto reader = section.object_if("settings");
  if (!reader) return std::nullopt;
  SettingsPlace place;
  place.entity = reader->text("entity", limits::kNameBytesMax);
  place.field = reader->text("field", limits::kNameBytesMax);
  reader->done();
  return place;
}

// The user's settings have errors of their own, because a host sends them too; here they become the
// profile's.
notify::Settings read_defaults(ObjectReader& section,
                               const std::map<std::string, NotificationType, std::less<>>& types) {
  ObjectReader reader = section.object("defaults");
  for (const std::string_view key : {"push_enabled", "quiet_hours_start", "quiet_hours_end"}) {
    if (!reader.has(key)) {
      reader.errors().set("profile.missing", reader.path_of(key), "is missing, expected a default");
    }
  }
  std::set<std::string, std::less<>> names;
  for (const auto& [name, unused] : types) names.insert(name);
  auto settings = notify::parse_settings(reader.value(), notify::Settings{}, names, reader.path());
  if (settings) return *settings;
  std::string code = settings.error().code;
  code.replace(0, code.find('.'), "profile");
  reader.errors().set(code, settings.error().field.value_or(reader.path()),
                      settings.error().message);
  return {};
}

}  // namespace

NotificationRules read_notifications(ObjectReader section) {
  NotificationRules rules;
  ObjectReader channels = section.object("channels");
  for (auto& [id, reader] : channels.objects(limits::kNotificationTypesMax)) {
    rules.channels.emplace(id, read_channel(id, reader));
  }
  ObjectReader types = section.object("types");
  for (auto& [name, reader] : types.objects(limits::kNotificationTypesMax)) {
    rules.types.emplace(name, read_known_type(name, reader, rules));
  }
  rules.other = read_other_type(section, rules);
  rules.defaults = read_defaults(section, rules.types);
  rules.settings = read_settings_place(section);
  section.done();
  return rules;
}

}  // namespace landfall::profile
