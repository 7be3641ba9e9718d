#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "actors/enqueue_box.hpp"
#include "actors/open_reply.hpp"
#include "actors/sync_queue_messages.hpp"
#include "engine/host/enqueue_text.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Sealer;
}

namespace landfall::actors {

// Where the operations of the open partition go.
struct EnqueueWay {
  SyncQueueActor queue;
  SharedEnqueueBox box;
  std::shared_ptr<store::Sealer> outbox_key;
};

// The way of an operation from the host's thread to the queue of the open partition. `api` opens
// and shuts it; a stop there would cost every operation two changes of threads. Operations that a
// thread hands in one after the other reach the queue in that order, also when the door is opened
// between them. Any thread.
class EnqueueDoor final {
 public:
  void open(EnqueueWay way);
  void shut();

  // Where to put the next operation. Nothing: it goes to `api`, which says why no partition is
  // open, or knows it by then; those behind it follow until it has passed.
  [[nodiscard]] std::optional<EnqueueWay> enter();
  // `api` has sent on, or refused, one of those.
  void passed();

 private:
  std::mutex mutex_;
  std::optional<EnqueueWay> way_;
  std::size_t by_way_of_api_ = 0;
};

// Hands the operation of operations.enqueue to the queue, or replies why not. Any thread.
void hand_in(const Profile& profile, const Json& params, const Reply& reply, const EnqueueWay& way);
// The same of params that were read without a tree.
void hand_in(const Profile& profile, host::EnqueueText operation, const Reply& reply,
             const EnqueueWay& way);

}  // namespace landfall::actors
