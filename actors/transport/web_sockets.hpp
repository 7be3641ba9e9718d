#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "actors/socket_port.hpp"
#include "actors/transport/web_socket.hpp"
#include "actors/transport/wire.hpp"

namespace landfall::transport {

// The sockets of one transport: keeps the promise of actors::SocketPort about when an event may
// still come, whatever the I/O thread does meanwhile. Any thread, but for what is named otherwise.
class WebSockets final {
 public:
  // `wire` is the I/O thread's. With `may_call` false every socket is refused.
  WebSockets(Wire& wire, bool may_call) : wire_(wire), may_call_(may_call) {}
  ~WebSockets();
  WebSockets(const WebSockets&) = delete;
  WebSockets& operator=(const WebSockets&) = delete;

  void open(std::uint64_t socket, const http::Request& request, Duration timeout,
            std::size_t message_bytes_max, actors::SocketPort::OnEvent on_event);
  void read(std::uint64_t socket);
  void send(std::uint64_t socket, std::string text);
  void close(std::uint64_t socket);

  // No event comes any more when it returns; waits for one that is being given.
  void forget_all();
  // I/O thread, or behind its end: every connection is closed when it returns.
  void abort_all();

 private:
  struct Open {
    std::uint64_t socket = 0;
    actors::SocketPort::OnEvent on_event;
  };

  void begin(std::uint64_t serial, const http::Request& request, Duration timeout,
             std::size_t message_bytes_max);
  void tell(std::uint64_t serial, actors::SocketEvent event);
  [[nodiscard]] std::optional<std::uint64_t> serial_of(std::uint64_t socket) const;
  template <class Then>
  void with(std::uint64_t serial, Then then);

  Wire& wire_;
  const bool may_call_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable told_;
  std::map<std::uint64_t, Open> open_;  // by serial, which is never used again
  std::uint64_t last_serial_ = 0;
  std::optional<std::uint64_t> telling_;  // whose event is given now
  std::thread::id telling_thread_;
  // From here on the I/O thread's.
  std::map<std::uint64_t, std::shared_ptr<WebSocket>> sockets_;  // by serial
};

}  // namespace landfall::transport
