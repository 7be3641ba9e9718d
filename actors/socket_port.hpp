#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"

namespace landfall::actors {

// How a socket ended, or why it never opened.
enum class SocketEnd {
  refused,    // no connection: offline, DNS, refused, TLS, no answer in time
  rejected,   // the server answered the upgrade with something else than a WebSocket
  closed,     // by the server, in order
  cut,        // it broke
  too_large,  // a message passed its limit
  not_text    // a binary message: nobody asked for one
};

// `opened` comes first, unless the socket ended before; `ended` is the last.
struct SocketEvent {
  enum class Kind { opened, text, ended };

  Kind kind = Kind::ended;
  std::string text;                    // a message, or a part of one; of `text`
  SocketEnd end = SocketEnd::refused;  // of `ended`
  int status = 0;                      // of `rejected`: what the server answered
};

// WebSockets to the profile's origin, the second form of the network edge. Each call returns at
// once. `on_event` may be called from any thread, never from inside a call, and not any more once
// `close_socket` has returned or the transport has fallen silent. Callers number their sockets and
// may use a number again once it has ended or was closed.
class SocketPort {
 public:
  virtual ~SocketPort() = default;
  using OnEvent = std::function<void(SocketEvent)>;

  // `request` is a GET with its headers; those of the upgrade are the port's. It must be open
  // within `timeout`. A message that is larger than `message_bytes_max` ends the socket. Nothing is
  // read until `read_socket`.
  virtual void open_socket(std::uint64_t socket, const http::Request& request, Duration timeout,
                           std::size_t message_bytes_max, OnEvent on_event) = 0;
  // Asks for the next text, once: whoever does not come to it is not flooded.
  virtual void read_socket(std::uint64_t socket) = 0;
  // A whole text message. What cannot be written ends the socket.
  virtual void send_text(std::uint64_t socket, std::string text) = 0;
  // Says goodbye where that is possible, and forgets it.
  virtual void close_socket(std::uint64_t socket) = 0;
};

}  // namespace landfall::actors
