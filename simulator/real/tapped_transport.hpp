#pragma once

#include <functional>
#include <memory>

#include "actors/environment.hpp"
#include "actors/transport/http_transport.hpp"
#include "simulator/net/closed_port.hpp"

namespace landfall::world {

// The last station inside a phone before its sockets: sees each call as the engine makes it and
// each answer as the engine is told, before it is told.
class TappedTransport final : public actors::Transport {
 public:
  // Called on the engine's threads; they outlive the transport.
  struct Taps {
    // Whether the system is to refuse this call's connection.
    std::function<bool(const http::Request&)> is_refused;
    std::function<void(const http::Request&)> on_request;
    std::function<void(const http::Request&, const http::Answer&, bool is_refused)> on_answer;
  };

  // `network` outlives it. A call that is refused goes to the closed port instead, over sockets as
  // the others.
  TappedTransport(actors::Transport& network, const net::ClosedPort& closed,
                  const actors::Clock& clock, Taps taps);

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;
  void fall_silent() override;

 private:
  actors::Transport& network_;
  const std::shared_ptr<const Taps> taps_;
  transport::HttpTransport nowhere_;
};

}  // namespace landfall::world
