#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "actors/environment.hpp"

namespace landfall::demo {

// A phone's transport whose answers somebody sees first, as the phone will hear them. Any thread.
class ObservedTransport final : public actors::Transport {
 public:
  using Seen = std::function<void(const http::Request&, const http::Answer&)>;

  // `below` outlives it, or is kept alive by whoever keeps this one.
  ObservedTransport(actors::Transport& below, Seen seen) : below_(below), seen_(std::move(seen)) {}

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override {
    below_.start(call, request, timeout, response_bytes_max,
                 [this, request, done = std::move(done)](http::Answer answer) {
                   seen_(request, answer);
                   done(std::move(answer));
                 });
  }
  void cancel(std::uint64_t call) override { below_.cancel(call); }
  void fall_silent() override { below_.fall_silent(); }

 private:
  actors::Transport& below_;
  const Seen seen_;
};

}  // namespace landfall::demo
