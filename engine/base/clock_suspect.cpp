#include "engine/base/clock_suspect.hpp"

#include "schema/limits.hpp"

namespace landfall {

bool is_clock_suspect(Instant now, std::optional<Duration> ahead) {
  if (now.unix_ms < limits::kClockUnixMsMin || now.unix_ms > limits::kClockUnixMsMax) return true;
  const Duration most{limits::kClockSkewMsMax};
  return ahead && (*ahead > most || *ahead < -most);
}

}  // namespace landfall
