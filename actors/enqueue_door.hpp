#pragma once

#include <cstddef>
#include <mutex>

#include "actors/sync_queue_messages.hpp"

namespace landfall::actors {

// The way of an operation from the host's thread to the queue of the open partition. `api` opens
// and shuts it; a stop there would cost every operation two changes of threads. Operations that a
// thread hands in one after the other reach the queue in that order, also when the door is opened
// between them. Any thread.
class EnqueueDoor final {
 public:
  void open(const SyncQueueActor& queue);
  void shut();

  // The queue to send the next operation to. Null: it goes by way of `api`, which says why there is
  // no queue, or knows it by then; those behind it follow until it has passed.
  [[nodiscard]] SyncQueueActor enter();
  // `api` has sent on, or refused, one of those.
  void passed();

 private:
  std::mutex mutex_;
  SyncQueueActor queue_;
  std::size_t by_way_of_api_ = 0;
};

}  // namespace landfall::actors
