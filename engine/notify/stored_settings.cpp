#include "engine/notify/stored_settings.hpp"

#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/sync/overlay.hpp"
#include "schema/limits.hpp"

namespace landfall::notify {
namespace {

using Types = std::set<std::string, std::less<>>;

Types types_of(const profile::NotificationRules& rules) {
  Types types;
  for (const auto& [name, type] : rules.types) types.insert(name);
  return types;
}

// Keeps of a member what can be understood.
Json understood(const std::string& key, const Json& value, const Types& types) {
  if (key == "quiet_hours_override" && value.is_array()) {
    Json kept = Json::array();
    for (const Json& type : value) {
      if (type.is_string() && types.contains(type.get_ref<const std::string&>()))
        kept.push_back(type);
    }
    return kept;
  }
  if (key == "notification_channels" && value.is_object()) {
    Json kept = Json::object();
    for (const auto& item : value.items()) {
      if (types.contains(item.key()) && item.value().is_boolean()) kept[item.key()] = item.value();
    }
    return kept;
  }
  return value;
}

}  // namespace

Settings settings_of(const Json& stored, const Settings& base,
                     const profile::NotificationRules& rules) {
  Settings settings = base;
  if (!stored.is_object()) return settings;
  const Types types = types_of(rules);
  for (const auto& item : stored.items()) {
    const Json member{{item.key(), understood(item.key(), item.value(), types)}};
    if (const auto read = parse_settings(member, settings, types)) settings = *read;
  }
  return settings;
}

std::optional<EntityKey> settings_document(const Profile& profile, const std::string& user_id) {
  const auto& place = profile.notifications.settings;
  if (!place) return std::nullopt;
  return EntityKey{place->entity, user_id};
}

Result<Settings> read_settings(const store::Reader& reader, const Profile& profile,
                               const store::Sealer& outbox_key, const store::Sealer& documents_key,
                               const std::string& user_id) {
  const Settings& base = profile.notifications.defaults;
  const auto document = settings_document(profile, user_id);
  if (!document) return base;
  const auto view = sync::read_view(reader, profile, outbox_key, documents_key, *document);
  if (!view && view.error().kind != ErrorClass::corrupt) return failure(view.error());
  if (!view || !*view) return base;
  const auto data =
      parse_json((*view)->data, JsonLimits{limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  if (!data || !data->is_object()) return base;
  const auto stored = data->find(profile.notifications.settings->field);
  if (stored == data->end()) return base;
  return settings_of(*stored, base, profile.notifications);
}

}  // namespace landfall::notify
