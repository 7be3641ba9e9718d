#include "actors/second_factor_board.hpp"

#include <utility>

namespace landfall::actors {

void SecondFactorBoard::keep(std::optional<auth::Challenge> challenge) {
  const std::lock_guard lock(mutex_);
  challenge_ = std::move(challenge);
}

std::optional<auth::Challenge> SecondFactorBoard::recall() const {
  const std::lock_guard lock(mutex_);
  return challenge_;
}

}  // namespace landfall::actors
