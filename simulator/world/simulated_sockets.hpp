#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/socket_port.hpp"
#include "engine/base/random.hpp"
#include "simulator/backend/hub.hpp"
#include "simulator/faults/network_faults.hpp"

namespace landfall::world {

class VirtualPhone;
class VirtualWorld;

// The WebSockets between one phone and the backend's hub. Texts arrive in order, late, and in
// pieces that are cut anywhere; a connection breaks, falls silent in both directions without a
// word, or is let go by the server, as the plan or a script says. Its twin on real sockets is
// transport::WebSockets.
class SimulatedSockets final : public actors::SocketPort {
 public:
  // `faults` outlives it: it decides what strikes whatever leaves this phone.
  SimulatedSockets(VirtualWorld& world, VirtualPhone& phone, faults::NetworkFaults& faults,
                   std::uint64_t seed);

  void open_socket(std::uint64_t socket, const http::Request& request, Duration timeout,
                   std::size_t message_bytes_max, OnEvent on_event) override;
  void read_socket(std::uint64_t socket) override;
  void send_text(std::uint64_t socket, std::string text) override;
  void close_socket(std::uint64_t socket) override;

  // What the hub says to a connection, if it is one of this phone; false when it is not.
  bool carry(const backend::HubOutput& output);
  // The phone's process died: the server finds out.
  void forget_all();
  [[nodiscard]] std::size_t open() const { return open_.size(); }

 private:
  struct Socket {
    std::uint64_t number = 0;
    OnEvent on_event;
    std::optional<std::uint64_t> connection;  // the backend's, while it has one
    bool is_silent = false;                   // nothing arrives any more, either way
    bool is_read = false;                     // the phone waits for a text
    bool is_over = false;                     // ended, closed or forgotten
    Instant down_at;                          // when the last text arrives here
    Instant up_at;                            // and at the server
    std::deque<std::string> arrived;
  };
  using SharedSocket = std::shared_ptr<Socket>;

  void arrive(const SharedSocket& socket, const http::Request& request);
  void deliver(const SharedSocket& socket, const std::string& text);
  void hand_over(const SharedSocket& socket);
  void end(const SharedSocket& socket, actors::SocketEnd how, int status = 0);
  void leave(Socket& socket);
  [[nodiscard]] bool strike(const SharedSocket& socket);
  [[nodiscard]] Instant in_order(Instant& last);
  void note(const Socket& socket, std::string_view what, std::string_view detail = {});

  VirtualWorld& world_;
  VirtualPhone& phone_;
  faults::NetworkFaults& faults_;
  Random cuts_;  // where texts are cut
  std::map<std::uint64_t, SharedSocket> open_;
};

}  // namespace landfall::world
