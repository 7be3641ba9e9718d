#include "simulator/zones/desktop_zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "schema/limits.hpp"

namespace landfall::zones {
namespace {

constexpr std::chrono::sys_seconds kFrom{std::chrono::seconds{0}};            // 1970
constexpr std::chrono::sys_seconds kTo{std::chrono::seconds{2'145'916'800}};  // 2038

Instant instant_of(std::chrono::sys_seconds at) {
  return {std::chrono::duration_cast<Duration>(at.time_since_epoch()).count()};
}

// The library tells changes of the abbreviation too; only those of the offset move a clock.
Result<Zone> read(const std::string& name, const date::time_zone& zone) {
  auto info = zone.get_info(kFrom);
  const Duration first{info.offset};
  Duration offset = first;
  std::vector<Zone::Transition> transitions;
  while (info.end < kTo) {
    info = zone.get_info(info.end);
    if (Duration{info.offset} == offset) continue;
    offset = info.offset;
    transitions.push_back({instant_of(info.begin), offset});
  }
  return Zone::make(name, first, std::move(transitions));
}

Error unknown(const std::string& name) {
  return {ErrorClass::invalid, "zone.unknown", "no time zone has this name: " + quote_input(name)};
}

}  // namespace

Result<Zone> desktop_zone(const std::string& name) {
  if (name == "UTC") return Zone::utc();  // needs no database
  if (name.empty() || name.size() > limits::kNameBytesMax) return failure(unknown(name));
  try {
    const date::tzdb& database = date::get_tzdb();
    const auto named = [&](const date::time_zone& zone) { return zone.name() == name; };
    const auto found = std::find_if(database.zones.begin(), database.zones.end(), named);
    if (found == database.zones.end()) return failure(unknown(name));
    return read(name, *found);
  } catch (const std::exception& problem) {
    return failure(ErrorClass::transient, "zone.unavailable",
                   "the time zone database cannot be read: " + quote_input(problem.what()));
  }
}

}  // namespace landfall::zones
