#include "actors/enqueue_box.hpp"

#include <utility>

namespace landfall::actors {

bool EnqueueBox::put(Enqueue enqueue) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(enqueue));
  return !std::exchange(is_told_, true);
}

std::vector<Enqueue> EnqueueBox::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) is_told_ = false;
  return std::exchange(waiting_, {});
}

}  // namespace landfall::actors
