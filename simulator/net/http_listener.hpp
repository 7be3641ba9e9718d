#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "engine/base/result.hpp"
#include "simulator/net/http_session.hpp"

namespace landfall::net {

struct HttpListenerOptions {
  std::uint16_t port = 0;  // zero picks one
  HttpLimits limits;
  // One more is closed as soon as it is accepted.
  std::size_t connections_max = 256;
  // The port stays this listener's while it is down. Two that keep the same port do not notice each
  // other, so that only a port that was picked can be kept.
  bool keeps_port = false;
};

// Accepts connections on 127.0.0.1 and gives each a session. I/O thread only, but for `listen`,
// which comes before it runs. Nothing of it is used once the io_context has stopped.
class HttpListener final {
 public:
  // `io` outlives the listener.
  HttpListener(boost::asio::io_context& io, HttpListenerOptions options,
               HttpSession::OnRequest on_request);
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  // Errors: server.port (in use, or not allowed).
  [[nodiscard]] Status listen();
  [[nodiscard]] std::uint16_t port() const { return port_; }

  // Down: connections are refused by the system, and the open ones are reset. Requires keeps_port.
  void set_up(bool up);
  [[nodiscard]] bool is_up() const { return acceptor_.is_open(); }

 private:
  struct Sessions;

  void open(std::uint16_t port);
  void accept();
  void on_accepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
  void start_session(boost::asio::ip::tcp::socket socket);

  const HttpListenerOptions options_;
  const HttpSession::OnRequest on_request_;
  const std::shared_ptr<Sessions> sessions_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::acceptor kept_;  // bound to the port and never listening
  boost::asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::uint64_t generation_ = 0;  // of the listening socket: what an earlier one says is over
};

}  // namespace landfall::net
