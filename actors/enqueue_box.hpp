#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "actors/environment.hpp"
#include "actors/open_reply.hpp"
#include "engine/sync/prepared_enqueue.hpp"

namespace landfall::actors {

// An operation on its way to the queue. Its reply goes from there to the host when the row is on
// disk. Shared, so that it goes with its reply, and is freed by the thread that made it.
class Enqueue final : public LateText {
 public:
  Enqueue(sync::PreparedEnqueue prepared, Reply reply)
      : prepared(std::move(prepared)), reply(std::move(reply)) {}

  // What the host is told, and what the database's commit_seq was then. Before its reply is taken.
  void accept(const sync::Accepted& accepted, std::uint64_t commit_seq);
  [[nodiscard]] std::string text() const override;

  sync::PreparedEnqueue prepared;
  const Reply reply;

 private:
  sync::Accepted accepted_;
  std::uint64_t commit_seq_ = 0;
};
using SharedEnqueue = std::shared_ptr<Enqueue>;

// How often `linger` looks; between two looks whoever else wants the processor may have it. Some
// ten microseconds, and some hundred and fifty, where nobody else wants it.
//
// Before a group is written, when those before it were of several: the next operation takes less
// time to prepare than the sync that it would wait for.
inline constexpr int kGatherRounds = 40;
// Behind one: whoever handed it in has just been woken by its replies, which takes a system up to a
// tenth of a millisecond, and is about to hand in the next. To wake this thread then takes longer
// than to prepare an operation. Worse, the system may put the woken one behind the one that woke
// it, on the same processor, where both take turns.
inline constexpr int kFollowRounds = 500;
// By the clock: where somebody else wants the processor, a look may give it away for that long.
inline constexpr Duration kLingerMax{1};

// Operations that wait for the queue of a partition, in order. They are not in its mailbox, so that
// those which arrive while a group is written still join it, however late: a group is committed
// when nobody waits any more, and a lone caller waits for nothing. What is left when the box goes
// is answered as indeterminate by its replies. Any thread puts, the queue takes.
//
// Bounded by limits::kOpenRequestsMax: whoever puts holds the slot of a reply.
class EnqueueBox final {
 public:
  // `clock` outlives it. Null: nobody can put while the queue is at work.
  explicit EnqueueBox(const Clock* clock) : clock_(clock) {}

  // True: the queue has to be told (TakeEnqueues); else it takes until it finds nothing.
  [[nodiscard]] bool put(SharedEnqueue enqueue);
  // Adds all that wait to `into`. Nothing: the next one to put tells the queue.
  void take(std::vector<SharedEnqueue>& into);

  // Waits a moment for somebody who is about to put. True: somebody waits, and does not tell the
  // queue.
  [[nodiscard]] bool linger(int rounds);

 private:
  const Clock* const clock_;
  std::mutex mutex_;
  std::vector<SharedEnqueue> waiting_;
  std::atomic<std::size_t> size_ = 0;  // of waiting_, for whoever looks without the mutex
  bool is_told_ = false;
};
using SharedEnqueueBox = std::shared_ptr<EnqueueBox>;

}  // namespace landfall::actors
