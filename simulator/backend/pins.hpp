#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"

namespace landfall::backend {

// P-24.
inline constexpr std::int64_t kPinFailuresMax = 5;
inline constexpr Duration kPinLock{15LL * 60'000};

// The PINs that phones registered: one for a user on a device, stored like a password. Five wrong
// ones lock the user out of this way in for fifteen minutes, whatever device they came from.
class Pins final {
 public:
  Pins(BackendDatabase& database, SecureRandom& random) : database_(database), random_(random) {}

  void set(std::string_view user_id, std::string_view device_id, std::string_view pin);

  enum class Verdict { right, wrong, locked };
  [[nodiscard]] Verdict judge(std::string_view user_id, std::string_view device_id,
                              std::string_view pin, Instant now);

 private:
  BackendDatabase& database_;
  SecureRandom& random_;
};

}  // namespace landfall::backend
