#pragma once

#include <optional>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/base/zone.hpp"
#include "engine/notify/settings.hpp"

namespace landfall::notify {

// Whether the wall clock of the zone stands inside [start, end) at `now`. Across midnight when the
// end is earlier than the start; never when both are equal. It is the clock that counts: an hour
// shown twice is quiet twice, an hour skipped never is.
[[nodiscard]] bool is_quiet(const Settings& settings, const Zone& zone, Instant now);

// The first instant at or after `now` that is not quiet: the window's end, or the moment when the
// clock jumps over it. `now` itself when that is not quiet.
[[nodiscard]] Instant quiet_until(const Settings& settings, const Zone& zone, Instant now);

enum class Verdict { show, hold, drop };

struct Decision {
  Verdict verdict = Verdict::show;
  std::optional<Instant> until;  // of hold: the first instant at which it may be shown
  std::string_view
      why;  // "push_disabled", "channel_disabled", "override", "quiet_hours", "allowed"

  friend bool operator==(const Decision&, const Decision&) = default;
};

// "show", "hold" or "drop".
[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;

// What becomes of a notification of this type now (P-45, P-46, INV-T1): dropped when push or the
// type is switched off, shown when the type overrides quiet hours or none are on, else held until
// they end. Pure.
[[nodiscard]] Decision decide(std::string_view type, const Settings& settings, const Zone& zone,
                              Instant now);

}  // namespace landfall::notify
