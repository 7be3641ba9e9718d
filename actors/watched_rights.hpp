#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "actors/poll_queue.hpp"

namespace landfall::actors {

// The rights that hosts watch in one partition (permissions.subscribe). What changed goes to the
// poll queue as `permission.changed`, with the last value of each right. When the partition is
// closed, for whatever reason, each that is still open ends with `subscription.ended`.
class WatchedRights final {
 public:
  using Granted = std::map<std::string, bool>;  // by right

  explicit WatchedRights(std::shared_ptr<PollQueue> poll_queue)
      : poll_queue_(std::move(poll_queue)) {}
  ~WatchedRights();
  WatchedRights(const WatchedRights&) = delete;
  WatchedRights& operator=(const WatchedRights&) = delete;

  [[nodiscard]] bool is_full() const;
  // `granted` is what the host is told by the reply.
  void open(std::int64_t subscription, Granted granted);
  // False when there is none.
  [[nodiscard]] bool close(std::int64_t subscription) { return open_.erase(subscription) > 0; }
  // Tells the host what is not as it was told before.
  void look(const std::function<bool(const std::string& right)>& is_granted);

 private:
  std::shared_ptr<PollQueue> poll_queue_;
  std::map<std::int64_t, Granted> open_;
};

}  // namespace landfall::actors
