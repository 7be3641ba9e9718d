#pragma once

#include <cstddef>
#include <string_view>

#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"

namespace landfall::backend {

// AccessFailedCount: so many wrong passwords in a row lock an account for a while, also
// against the right one. A login that succeeds begins the count anew.
class LoginFailures final {
 public:
  LoginFailures(BackendDatabase& database, std::size_t failures_max, Duration lock)
      : database_(database), failures_max_(failures_max), lock_(lock) {}

  [[nodiscard]] bool is_locked(std::string_view user_id, Instant now);
  // True when this one locked the account.
  [[nodiscard]] bool count(std::string_view user_id, Instant now);
  void reset(std::string_view user_id);

 private:
  BackendDatabase& database_;
  std::size_t failures_max_;
  Duration lock_;
};

}  // namespace landfall::backend
