#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace landfall {

using Duration = std::chrono::milliseconds;

// A point of engine time: UTC milliseconds since 1970, anchored on the wall clock when the engine
// opens and carried on by the monotonic clock, so that it never goes back while a process lives.
// The engine is handed instants; it never reads a clock. What is compared across restarts is
// clamped by its owner when it is loaded.
struct Instant {
  std::int64_t unix_ms = 0;

  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant a, Duration d) { return {a.unix_ms + d.count()}; }
  friend constexpr Instant operator-(Instant a, Duration d) { return {a.unix_ms - d.count()}; }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return Duration{a.unix_ms - b.unix_ms};
  }
};

// RFC 3339 in UTC with milliseconds: "2026-01-31T08:15:00.250Z". Years 1 to 9999; others are
// clamped.
[[nodiscard]] std::string format_rfc3339(Instant instant);

// Accepts RFC 3339 with "Z" or a numeric offset and up to nine digits of fraction (cut to ms).
[[nodiscard]] Result<Instant> parse_rfc3339(std::string_view text);

}  // namespace landfall
