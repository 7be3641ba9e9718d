#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include "engine/base/time.hpp"

namespace landfall::sync {

// What an answer says of the server's clock.
struct ServerTime {
  Instant told;                    // its `server_time`
  std::optional<Instant> left_at;  // when its call left, where that is known
  Instant heard_at;
};

// How far the server's clock is ahead of the device's, from the `server_time` of several answers.
// An answer was written at some moment between the call's leaving and its coming back, so each says
// the difference up to half of that time; the one that took least says it best. An answer that
// contradicts the older ones makes them worthless: somebody has set a clock. (P-29: `newer`
// compares times of both sides; no order of operations depends on it.)
class ServerClock final {
 public:
  // Where it is not known when its call left, that may have taken as long as a call may.
  void take(const ServerTime& time);
  // Nothing is taken from a body without a time.
  void take(std::string_view body, std::optional<Instant> left_at, Instant now);

  // An answer told.
  [[nodiscard]] bool is_known() const { return !samples_.empty(); }
  // Zero when no answer told.
  [[nodiscard]] Duration offset() const;

 private:
  struct Sample {
    Duration offset{0};
    Duration uncertainty{0};
  };
  std::deque<Sample> samples_;  // the newest last
};

}  // namespace landfall::sync
