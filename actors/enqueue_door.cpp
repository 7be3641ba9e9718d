#include "actors/enqueue_door.hpp"

#include <utility>

#include "engine/base/assert.hpp"

namespace landfall::actors {

void EnqueueDoor::open(EnqueueWay way) {
  const std::lock_guard lock(mutex_);
  way_ = std::move(way);
}

void EnqueueDoor::shut() {
  std::optional<EnqueueWay> way;  // goes after the lock does
  const std::lock_guard lock(mutex_);
  way_.swap(way);
}

std::optional<EnqueueWay> EnqueueDoor::enter() {
  const std::lock_guard lock(mutex_);
  if (way_ && by_way_of_api_ == 0) return way_;
  ++by_way_of_api_;
  return std::nullopt;
}

void EnqueueDoor::passed() {
  const std::lock_guard lock(mutex_);
  LANDFALL_ASSERT(by_way_of_api_ > 0);
  --by_way_of_api_;
}

}  // namespace landfall::actors
