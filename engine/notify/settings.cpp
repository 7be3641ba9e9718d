#include "engine/notify/settings.hpp"

#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace landfall::notify {
namespace {

using Types = std::set<std::string, std::less<>>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Status refuse(std::string_view code, std::string_view path, std::string_view key,
              std::string message) {
  return failure(field_error(std::string{code}, path, key, std::move(message)));
}

Status wrong_type(std::string_view path, std::string_view key, std::string_view expected,
                  const Json& got) {
  return refuse("settings.type", path, key,
                "expected " + std::string{expected} + ", got " + got.type_name());
}

std::string below(std::string_view path, std::string_view key) {
  return path.empty() ? std::string{key} : std::string{path} + "." + std::string{key};
}

Status read_flag(const Json& value, std::string_view key, std::string_view path, bool& flag) {
  if (!value.is_boolean()) return wrong_type(path, key, "true or false", value);
  flag = value.get<bool>();
  return {};
}

Status read_time(const Json& value, std::string_view key, std::string_view path,
                 MinuteOfDay& time) {
  if (!value.is_string()) return wrong_type(path, key, "a time such as 22:00", value);
  const auto parsed = parse_minute_of_day(value.get_ref<const std::string&>());
  if (!parsed) return refuse("settings.value", path, key, parsed.error().message);
  time = *parsed;
  return {};
}

Status check_type(const std::string& type, const Types& types, std::string_view path,
                  std::string_view key) {
  if (types.contains(type)) return {};
  return refuse("settings.value", path, key, "is no type of notification: " + quote_input(type));
}

Status read_overrides(const Json& value, std::string_view key, const Types& types,
                      std::string_view path, Types& overrides) {
  if (!value.is_array()) return wrong_type(path, key, "a list of types", value);
  Types read;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string item = std::string{key} + "[" + std::to_string(i) + "]";
    if (!value[i].is_string()) return wrong_type(path, item, "a type", value[i]);
    const auto type = value[i].get<std::string>();
    LANDFALL_TRY(check_type(type, types, path, item));
    read.insert(type);
  }
  overrides = std::move(read);
  return {};
}

Status read_channels(const Json& value, std::string_view key, const Types& types,
                     std::string_view path, std::map<std::string, bool, std::less<>>& channels) {
  if (!value.is_object()) return wrong_type(path, key, "an object of true and false", value);
  const std::string here = below(path, key);
  for (const auto& item : value.items()) {
    const std::string name = path_part(item.key());
    LANDFALL_TRY(check_type(item.key(), types, here, name));
    LANDFALL_TRY(read_flag(item.value(), name, here, channels[item.key()]));
  }
  return {};
}

Status read_member(const std::string& key, const Json& value, const Types& types,
                   std::string_view path, Settings& settings) {
  if (key == "push_enabled") return read_flag(value, key, path, settings.push_enabled);
  if (key == "quiet_hours_start") return read_time(value, key, path, settings.quiet_hours_start);
  if (key == "quiet_hours_end") return read_time(value, key, path, settings.quiet_hours_end);
  if (key == "quiet_hours_override")
    return read_overrides(value, key, types, path, settings.overrides);
  if (key == "notification_channels")
    return read_channels(value, key, types, path, settings.channels);
  return refuse("settings.unknown_key", path, path_part(key), "is no setting");
}

}  // namespace

Result<MinuteOfDay> parse_minute_of_day(std::string_view text) {
  const bool shaped = text.size() == 5 && is_digit(text[0]) && is_digit(text[1]) &&
                      text[2] == ':' && is_digit(text[3]) && is_digit(text[4]);
  const int hours = shaped ? (text[0] - '0') * 10 + (text[1] - '0') : 24;
  const int minutes = shaped ? (text[3] - '0') * 10 + (text[4] - '0') : 60;
  if (hours > 23 || minutes > 59) {
    return failure(ErrorClass::invalid, "time_of_day.invalid",
                   "expected a time from 00:00 to 23:59 written HH:MM, got " + quote_input(text));
  }
  return MinuteOfDay{hours * 60 + minutes};
}

std::string format_minute_of_day(MinuteOfDay time) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02d:%02d", time.minutes / 60, time.minutes % 60);
  return buffer.data();
}

Result<Settings> parse_settings(const Json& object, const Settings& base, const Types& types,
                                std::string_view path) {
  if (!object.is_object()) {
    return failure(Error{ErrorClass::invalid, "settings.type",
                         std::string{"expected an object, got "} + object.type_name(),
                         std::string{path}});
  }
  Settings settings = base;
  for (const auto& item : object.items()) {
    if (item.value().is_null()) continue;
    LANDFALL_TRY(read_member(item.key(), item.value(), types, path, settings));
  }
  return settings;
}

Json to_json(const Settings& settings) {
  return Json{{"push_enabled", settings.push_enabled},
              {"quiet_hours_start", format_minute_of_day(settings.quiet_hours_start)},
              {"quiet_hours_end", format_minute_of_day(settings.quiet_hours_end)},
              {"quiet_hours_override", settings.overrides},
              {"notification_channels", settings.channels}};
}

}  // namespace landfall::notify
