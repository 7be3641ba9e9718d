#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "actors/environment.hpp"

namespace landfall::glue {

// The network of a device that has none: every call comes back as `not_sent`, from a thread of its
// own, in the order of the calls. Any thread.
class OfflineTransport final : public actors::Transport {
 public:
  OfflineTransport();
  // Calls that were not answered yet are dropped.
  ~OfflineTransport() override;
  OfflineTransport(const OfflineTransport&) = delete;
  OfflineTransport& operator=(const OfflineTransport&) = delete;

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  // Waits for an answer that is being given, unless it is called from inside it.
  void cancel(std::uint64_t call) override;

 private:
  void answer_calls();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::uint64_t, Done>> calls_;
  std::uint64_t answering_ = 0;  // the call whose `done` runs now
  bool is_answering_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace landfall::glue
