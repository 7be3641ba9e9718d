#pragma once

#include <string_view>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::notify {

// One line of `landfall-sim notify`:
//
//   {"payload":{…},"settings"?:{…},"now":"2026-01-05T23:00:00+05:30","zone"?:"Asia/Kolkata"}
//   {"decision":"show|hold|drop","until"?,"channel","why"}
//
// `settings` are those of a user (P-45), by default the profile's; `zone` is an IANA name, by
// default UTC; `now` is RFC 3339, or a number of milliseconds since 1970, and `until` is written as
// `now` was. The decision is the one that the engine makes for a push that it has not seen before,
// for whoever the push is for. `channel` is null for a push that fits none.
//
// Errors name the field: json.* (with the offset), field.missing, field.type, field.unknown,
// time.invalid, settings.*, zone.unknown, zone.unavailable.
[[nodiscard]] Result<Json> decide_line(const Profile& profile, std::string_view line);

}  // namespace landfall::notify
