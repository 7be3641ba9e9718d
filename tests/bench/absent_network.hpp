#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "actors/environment.hpp"

namespace landfall::bench {

// A network edge without a thread: calls wait until `serve`, which answers them on the thread of
// its caller. Without an answer of its own nothing leaves the phone.
class AbsentNetwork final : public actors::Transport {
 public:
  using Answer = std::function<http::Answer(const http::Request&)>;

  AbsentNetwork() = default;
  explicit AbsentNetwork(Answer answer) : answer_(std::move(answer)) {}

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;
  void serve();

 private:
  struct Open {
    std::uint64_t call;
    http::Request request;
    Done done;
  };

  Answer answer_;
  std::deque<Open> open_;
};

}  // namespace landfall::bench
