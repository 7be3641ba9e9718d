#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall {

// What the clock on the wall shows: milliseconds from 1970-01-01T00:00 of the same clock. It names
// no point of time without a zone, and once or twice a year it names none or two even with one.
struct LocalTime {
  std::int64_t local_ms = 0;

  // Milliseconds since that clock's midnight, 0 to 86,399,999.
  [[nodiscard]] std::int64_t ms_of_day() const;

  friend constexpr auto operator<=>(const LocalTime&, const LocalTime&) = default;
};

// A time zone as a value: an offset and the instants at which it changes. It has no rules; whoever
// makes it lists the changes far enough ahead (phones send theirs through a port). After the last
// change its offset holds.
class Zone final {
 public:
  struct Transition {
    Instant at;       // the first instant of the new offset
    Duration offset;  // what is added to UTC from then on

    friend bool operator==(const Transition&, const Transition&) = default;
  };

  // How a local time stands on the line of time.
  struct Mapping {
    enum class Kind {
      unique,  // one instant: `earliest` and `latest` are equal
      gap,     // skipped: both are the transition that skipped it
      fold     // shown twice: the first and the last instant that show it
    };
    Kind kind = Kind::unique;
    Instant earliest;
    Instant latest;

    friend bool operator==(const Mapping&, const Mapping&) = default;
  };

  // UTC.
  Zone();
  [[nodiscard]] static Zone utc() { return Zone{}; }
  // The same offset always; kZoneOffsetMsMax bounds it either way (zone.offset).
  [[nodiscard]] static Result<Zone> fixed(std::string name, Duration offset);
  // `transitions` are in order of time. Errors: zone.offset, zone.order, zone.too_many.
  [[nodiscard]] static Result<Zone> make(std::string name, Duration first_offset,
                                         std::vector<Transition> transitions);

  // {"name":"Asia/Kolkata","offset_s":19800,"transitions":[[1700000000,19800], …]}: the offset
  // before the first change, then pairs of UTC second and new offset in seconds. `transitions` may
  // be absent. Errors as in make and field.*, with the path below `path`.
  [[nodiscard]] static Result<Zone> parse(const Json& value, std::string_view path = "zone");
  [[nodiscard]] Json to_json() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Duration offset_at(Instant instant) const;
  [[nodiscard]] LocalTime local_at(Instant instant) const;
  // The first change after `instant`.
  [[nodiscard]] std::optional<Transition> next_transition(Instant instant) const;
  // A gap or fold of several changes in a row is answered from all of them.
  [[nodiscard]] Mapping to_utc(LocalTime local) const;

  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  Zone(std::string name, Duration first_offset, std::vector<Transition> transitions);

  std::string name_;
  Duration first_offset_{0};
  std::vector<Transition> transitions_;
};

}  // namespace landfall
