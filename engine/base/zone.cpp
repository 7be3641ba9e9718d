#include "engine/base/zone.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

namespace landfall {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// Sums that stay at the end of the range instead of leaving it: a clock may stand anywhere.
std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (b > 0 && a > kMax - b) return kMax;
  if (b < 0 && a < kMin - b) return kMin;
  return a + b;
}

bool is_possible(Duration offset) {
  constexpr Duration kMax{limits::kZoneOffsetMsMax};
  return offset >= -kMax && offset <= kMax;
}

tl::unexpected<Error> zone_error(std::string_view problem, std::string message) {
  return failure(ErrorClass::invalid, "zone." + std::string{problem}, std::move(message));
}

Result<Duration> offset_of_seconds(std::int64_t seconds) {
  constexpr std::int64_t kMaxS = limits::kZoneOffsetMsMax / 1000;
  if (seconds < -kMaxS || seconds > kMaxS) {
    return zone_error("offset", "expected an offset of at most " + std::to_string(kMaxS) + " s");
  }
  return Duration{seconds * 1000};
}

Result<Zone::Transition> parse_transition(const Json& value, std::string_view path) {
  constexpr std::int64_t kSecondsMax = 1'000'000'000'000;
  const bool shaped = value.is_array() && value.size() == 2 && value[0].is_number_integer() &&
                      value[1].is_number_integer();
  if (!shaped) {
    return failure(Error{ErrorClass::invalid, "field.type",
                         std::string{path} + " expected [UTC second, offset in seconds]",
                         std::string{path}});
  }
  const auto at_s = value[0].get<std::int64_t>();
  if (at_s < -kSecondsMax || at_s > kSecondsMax) {
    return failure(Error{ErrorClass::invalid, "field.range",
                         std::string{path} + " names a time beyond any calendar",
                         std::string{path}});
  }
  LANDFALL_TRY_ASSIGN(const Duration offset, offset_of_seconds(value[1].get<std::int64_t>()));
  return Zone::Transition{Instant{at_s * 1000}, offset};
}

Result<std::vector<Zone::Transition>> parse_transitions(const Json& value,
                                                        const std::string& path) {
  if (!value.is_array()) {
    return failure(Error{ErrorClass::invalid, "field.type",
                         path + " expected a list, got " + value.type_name(), path});
  }
  if (value.size() > limits::kZoneTransitionsMax) {
    return zone_error("too_many", "a zone has at most " +
                                      std::to_string(limits::kZoneTransitionsMax) + " transitions");
  }
  std::vector<Zone::Transition> transitions;
  for (std::size_t i = 0; i < value.size(); ++i) {
    LANDFALL_TRY_ASSIGN(Zone::Transition transition,
                        parse_transition(value[i], path + "[" + std::to_string(i) + "]"));
    transitions.push_back(transition);
  }
  return transitions;
}

}  // namespace

std::int64_t LocalTime::ms_of_day() const {
  const std::int64_t rest = local_ms % kDayMs;
  return rest < 0 ? rest + kDayMs : rest;
}

Zone::Zone() : name_("UTC") {}

Zone::Zone(std::string name, Duration first_offset, std::vector<Transition> transitions)
    : name_(std::move(name)), first_offset_(first_offset), transitions_(std::move(transitions)) {}

Result<Zone> Zone::fixed(std::string name, Duration offset) {
  return make(std::move(name), offset, {});
}

Result<Zone> Zone::make(std::string name, Duration first_offset,
                        std::vector<Transition> transitions) {
  if (transitions.size() > limits::kZoneTransitionsMax) {
    return zone_error("too_many", "a zone has at most " +
                                      std::to_string(limits::kZoneTransitionsMax) + " transitions");
  }
  if (!is_possible(first_offset)) return zone_error("offset", "the first offset is impossible");
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    if (!is_possible(transitions[i].offset)) {
      return zone_error("offset",
                        "the offset of transition " + std::to_string(i) + " is impossible");
    }
    if (i > 0 && transitions[i].at <= transitions[i - 1].at) {
      return zone_error("order",
                        "transition " + std::to_string(i) + " is not after the one before");
    }
  }
  return Zone{std::move(name), first_offset, std::move(transitions)};
}

Result<Zone> Zone::parse(const Json& value, std::string_view path) {
  LANDFALL_TRY_ASSIGN(std::string name, string_at(value, "name", path));
  if (name.empty() || name.size() > limits::kNameBytesMax) {
    return failure(field_error("field.range", path, "name", "is no name of a zone"));
  }
  LANDFALL_TRY_ASSIGN(const std::int64_t offset_s, integer_at(value, "offset_s", path));
  LANDFALL_TRY_ASSIGN(const Duration first_offset, offset_of_seconds(offset_s));
  std::vector<Transition> transitions;
  const auto found = value.find("transitions");
  if (found != value.end() && !found->is_null()) {
    const std::string below =
        path.empty() ? std::string{"transitions"} : std::string{path} + ".transitions";
    LANDFALL_TRY_ASSIGN(transitions, parse_transitions(*found, below));
  }
  return make(std::move(name), first_offset, std::move(transitions));
}

Json Zone::to_json() const {
  Json transitions = Json::array();
  for (const Transition& transition : transitions_) {
    transitions.push_back(
        Json::array({transition.at.unix_ms / 1000, transition.offset.count() / 1000}));
  }
  return Json{{"name", name_},
              {"offset_s", first_offset_.count() / 1000},
              {"transitions", std::move(transitions)}};
}

Duration Zone::offset_at(Instant instant) const {
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), instant,
                                     [](Instant at, const Transition& t) { return at < t.at; });
  return next == transitions_.begin() ? first_offset_ : std::prev(next)->offset;
}

LocalTime Zone::local_at(Instant instant) const {
  return {saturating_add(instant.unix_ms, offset_at(instant).count())};
}

std::optional<Zone::Transition> Zone::next_transition(Instant instant) const {
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), instant,
                                     [](Instant at, const Transition& t) { return at < t.at; });
  if (next == transitions_.end()) return std::nullopt;
  return *next;
}

// An offset shows a local time at one instant, if it holds then. So each offset that holds within
// the largest offset of that time is tried: none fits in a gap, two or more in a fold.
Zone::Mapping Zone::to_utc(LocalTime local) const {
  const Instant from{saturating_add(local.local_ms, -limits::kZoneOffsetMsMax)};
  const Instant to{saturating_add(local.local_ms, limits::kZoneOffsetMsMax)};
  std::optional<Mapping> found;
  std::optional<Instant> jump;  // the first transition after which the clock is past `local`
  const auto try_offset = [&](Duration offset, std::optional<Instant> begins) {
    const Instant at{saturating_add(local.local_ms, -offset.count())};
    if (offset_at(at) == offset && (!found || found->latest != at)) {
      if (!found) {
        found = Mapping{Mapping::Kind::unique, at, at};
      } else {
        *found = Mapping{Mapping::Kind::fold, std::min(found->earliest, at),
                         std::max(found->latest, at)};
      }
    }
    if (begins && !jump && local_at(*begins) > local) jump = *begins;
  };
  try_offset(offset_at(from), std::nullopt);
  for (auto next = next_transition(from); next && next->at <= to;
       next = next_transition(next->at)) {
    try_offset(next->offset, next->at);
  }
  if (found) return *found;
  const Instant at = jump.value_or(Instant{saturating_add(local.local_ms, -offset_at(to).count())});
  return {Mapping::Kind::gap, at, at};
}

}  // namespace landfall
