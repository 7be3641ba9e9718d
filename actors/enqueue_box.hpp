#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "actors/open_reply.hpp"
#include "engine/sync/prepared_enqueue.hpp"

namespace landfall::actors {

// An operation on its way to the queue. Its reply goes from there to the host when the row is on
// disk.
struct Enqueue {
  sync::PreparedEnqueue prepared;
  Reply reply;
};

// Operations that wait for the queue of a partition, in order. They are not in its mailbox, so that
// those which arrive while a group is written still join it, however late: a group is committed
// when nobody waits any more, and a lone caller waits for nothing. What is left when the box goes
// is answered as indeterminate by its replies. Any thread puts, the queue takes.
//
// Bounded by limits::kOpenRequestsMax: whoever puts holds the slot of a reply.
class EnqueueBox final {
 public:
  // True: the queue has to be told (TakeEnqueues); else it takes until it finds nothing.
  [[nodiscard]] bool put(Enqueue enqueue);
  // All that wait. Nothing: the next one to put tells the queue.
  [[nodiscard]] std::vector<Enqueue> take();

 private:
  std::mutex mutex_;
  std::vector<Enqueue> waiting_;
  bool is_told_ = false;
};
using SharedEnqueueBox = std::shared_ptr<EnqueueBox>;

}  // namespace landfall::actors
