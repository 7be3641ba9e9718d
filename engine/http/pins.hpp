#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "engine/profile/trust_rules.hpp"

namespace landfall::http {

enum class PinVerdict {
  unpinned,   // the profile names no keys for this host
  expired,    // it does, and they are not looked at any more
  matched,    // one of them stands in the chain
  mismatched  // none of them does: nothing may be sent
};

// What a profile's pins say of a chain that was verified, by the keys of its certificates, whatever
// their order. `now` is the server's time as far as it is known (DateClock). Pure.
[[nodiscard]] PinVerdict judge_pins(const profile::TrustRules& rules, std::string_view host,
                                    std::span<const profile::KeyHash> chain, Instant now);

// What time it is at the server, by the last of its answers that came with a Date. Before the first
// one it is the device's time, which somebody may have set: a clock that is ahead can end pins
// before their time until a server answers, one that is behind never does.
class DateClock final {
 public:
  void see(const Response& response, Instant device_now);
  [[nodiscard]] Instant time_at(Instant device_now) const;

 private:
  std::optional<Duration> ahead_;  // of the device's
};

}  // namespace landfall::http
