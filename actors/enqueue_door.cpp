#include "actors/enqueue_door.hpp"

#include "engine/base/assert.hpp"

namespace landfall::actors {

void EnqueueDoor::open(const SyncQueueActor& queue) {
  const std::lock_guard lock(mutex_);
  queue_ = queue;
}

void EnqueueDoor::shut() { open({}); }

SyncQueueActor EnqueueDoor::enter() {
  const std::lock_guard lock(mutex_);
  if (queue_ && by_way_of_api_ == 0) return queue_;
  ++by_way_of_api_;
  return {};
}

void EnqueueDoor::passed() {
  const std::lock_guard lock(mutex_);
  LANDFALL_ASSERT(by_way_of_api_ > 0);
  --by_way_of_api_;
}

}  // namespace landfall::actors
