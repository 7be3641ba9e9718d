#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "actors/environment.hpp"

namespace landfall::bench {

// A network edge without a thread: calls wait until `serve`, which answers them on the thread of
// its caller. Without an answer of its own nothing leaves the phone.
class SteppedNetwork final : public actors::Transport {
 public:
  using Answer = std::function<http::Answer(const http::Request&)>;

  SteppedNetwork() = default;
  explicit SteppedNetwork(Answer answer) : answer_(std::move(answer)) {}

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;
  // False when no call waited, or all of them are to wait on.
  bool serve();

  // While it is held nothing is answered: what opening a store sets off ends there.
  void hold(bool held) { held_ = held; }

 private:
  struct Open {
    std::uint64_t call;
    http::Request request;
    Done done;
  };

  Answer answer_;
  std::deque<Open> open_;
  bool held_ = false;
};

}  // namespace landfall::bench
