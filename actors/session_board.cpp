#include "actors/session_board.hpp"

#include <utility>

namespace landfall::actors {

void SessionBoard::set_organisation(std::string organisation) {
  const std::lock_guard lock(mutex_);
  organisation_ = std::move(organisation);
}

std::string SessionBoard::organisation() const {
  const std::lock_guard lock(mutex_);
  return organisation_;
}

}  // namespace landfall::actors
