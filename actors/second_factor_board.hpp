#pragma once

#include <mutex>
#include <optional>

#include "engine/auth/second_factor.hpp"

namespace landfall::actors {

// The login that waits for its code, beyond the life of a scope: whoever looks into their
// authenticator leaves the app, which suspends the engine. It is memory alone, so that a new
// process knows nothing of it. Any thread.
class SecondFactorBoard final {
 public:
  void keep(std::optional<auth::Challenge> challenge);
  [[nodiscard]] std::optional<auth::Challenge> recall() const;

 private:
  mutable std::mutex mutex_;
  std::optional<auth::Challenge> challenge_;
};

}  // namespace landfall::actors
