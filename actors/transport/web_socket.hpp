#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "actors/socket_port.hpp"
#include "actors/transport/dial.hpp"
#include "actors/transport/wire.hpp"
#include "engine/http/message.hpp"

namespace landfall::transport {

// One WebSocket (RFC 6455) from its connection to its end: Beast over a Connection, so that TLS is
// the same as that of the calls. No extension is negotiated, so that nothing is decompressed. A
// text is read when it is asked for, and handed over whole. I/O thread only.
class WebSocket final : public std::enable_shared_from_this<WebSocket> {
 public:
  using OnEvent = std::function<void(actors::SocketEvent)>;

  // `request` was checked by prepare_request.
  WebSocket(Wire& wire, http::Request request, std::size_t message_bytes_max, OnEvent on_event);
  ~WebSocket();

  // `on_event` is called from here on, never from inside; not any more after `abort` or
  // `say_goodbye`.
  void start(Duration timeout);
  void read();
  void send(std::string text);
  // Tells the server, and is gone soon after, whatever it answers. `then` is called once.
  void say_goodbye(std::function<void()> then);
  void abort();

 private:
  struct Stream;

  void upgrade(std::shared_ptr<Connection> connection);
  void on_upgraded(boost::system::error_code error, int status);
  void on_read(boost::system::error_code error);
  void write_next();
  void end(actors::SocketEnd how, int status = 0);
  void shut();

  Wire& wire_;
  const http::Request request_;
  const std::size_t message_bytes_max_;
  OnEvent on_event_;
  std::function<void()> then_;  // of a goodbye
  Deadline deadline_;
  std::shared_ptr<Dial> dial_;
  std::unique_ptr<Stream> stream_;
  bool is_open_ = false;
  bool is_reading_ = false;
};

}  // namespace landfall::transport
