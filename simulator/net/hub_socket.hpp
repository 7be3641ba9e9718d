#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "engine/http/message.hpp"

namespace landfall::net {

// One client of the hub: the server's side of a WebSocket. I/O thread only; it lives as long as
// somebody waits for it.
class HubSocket final : public std::enable_shared_from_this<HubSocket> {
 public:
  using OnText = std::function<void(const std::string&)>;
  using OnOver = std::function<void()>;

  // `on_text` is called with each message. `on_over` is called once, when nothing comes any more.
  HubSocket(boost::beast::tcp_stream stream, OnText on_text, OnOver on_over);

  // Answers the upgrade that `request` is.
  void accept(const http::Request& request);
  // One message each, in order; with `close` the connection is closed behind them.
  void say(std::vector<std::string> texts, bool close);
  // Closed at once, with a reset.
  void reset();

 private:
  void read();
  void write();
  void over();

  boost::beast::websocket::stream<boost::beast::tcp_stream, false> socket_;
  OnText on_text_;
  OnOver on_over_;
  boost::beast::flat_buffer buffer_;
  std::deque<std::string> unsent_;  // the first one is being written
  bool is_open_ = false;
  bool closes_ = false;
};

}  // namespace landfall::net
