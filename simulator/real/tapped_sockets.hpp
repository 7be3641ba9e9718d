#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "actors/socket_port.hpp"

namespace landfall::world {

// The last station inside a phone before its WebSockets: sees each as the engine opens and closes
// it, and what comes of it before the engine is told. What passes is left as it is.
class TappedSockets final : public actors::SocketPort {
 public:
  // Called on the engine's threads and the transport's; they outlive both.
  struct Taps {
    std::function<void(std::uint64_t socket, const http::Request&)> on_opening;
    std::function<void(std::uint64_t socket, const actors::SocketEvent&)> on_event;
    std::function<void(std::uint64_t socket)> on_closed;
  };

  // `network` outlives it.
  TappedSockets(actors::SocketPort& network, Taps taps)
      : network_(network), taps_(std::make_shared<const Taps>(std::move(taps))) {}

  void open_socket(std::uint64_t socket, const http::Request& request, Duration timeout,
                   std::size_t message_bytes_max, OnEvent on_event) override {
    taps_->on_opening(socket, request);
    network_.open_socket(
        socket, request, timeout, message_bytes_max,
        [taps = taps_, socket, on_event = std::move(on_event)](actors::SocketEvent event) {
          taps->on_event(socket, event);
          on_event(std::move(event));
        });
  }
  void read_socket(std::uint64_t socket) override { network_.read_socket(socket); }
  void send_text(std::uint64_t socket, std::string text) override {
    network_.send_text(socket, std::move(text));
  }
  void close_socket(std::uint64_t socket) override {
    taps_->on_closed(socket);
    network_.close_socket(socket);
  }

 private:
  actors::SocketPort& network_;
  const std::shared_ptr<const Taps> taps_;
};

}  // namespace landfall::world
