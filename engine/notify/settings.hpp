#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::notify {

// A time of the local clock, 0 to 1439 minutes after midnight.
struct MinuteOfDay {
  int minutes = 0;

  friend constexpr auto operator<=>(const MinuteOfDay&, const MinuteOfDay&) = default;
};

// Accepts exactly "HH:MM", 00:00 to 23:59. Error: time_of_day.invalid.
[[nodiscard]] Result<MinuteOfDay> parse_minute_of_day(std::string_view text);
[[nodiscard]] std::string format_minute_of_day(MinuteOfDay time);

// What the user chose (P-45).
struct Settings {
  bool push_enabled = true;
  MinuteOfDay quiet_hours_start;  // local time, included
  MinuteOfDay quiet_hours_end;    // local time, excluded; equal to the start: no quiet hours
  std::set<std::string, std::less<>> overrides;  // types that quiet hours never hold back (P-46)
  std::map<std::string, bool, std::less<>>
      channels;  // toggles by type; a type that is not named is on

  friend bool operator==(const Settings&, const Settings&) = default;
};

// Reads {push_enabled, quiet_hours_start, quiet_hours_end, quiet_hours_override,
// notification_channels}; what is absent keeps its value from `base`, and what is present replaces
// it whole except single channel toggles. Every type must be in `types`. Errors name the path below
// `path`: settings.unknown_key, settings.type, settings.value.
[[nodiscard]] Result<Settings> parse_settings(const Json& object, const Settings& base,
                                              const std::set<std::string, std::less<>>& types,
                                              std::string_view path = "");

[[nodiscard]] Json to_json(const Settings& settings);

}  // namespace landfall::notify
