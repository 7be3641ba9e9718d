#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "simulator/net/http_message.hpp"

namespace landfall::net {

struct HttpLimits {
  // A push of the largest batch fits; more is a 413.
  std::size_t request_bytes_max = std::size_t{4} << 20U;
  // All headers of a request; more is a 431.
  std::size_t header_bytes_max = std::size_t{32} << 10U;
  // A connection that says nothing for this long is closed. Real time, whatever the clock's speed.
  Duration idle_timeout{60'000};
};

// One client's connection: a request is read whole and handed over, and whoever got it says what
// becomes of it; then the next one is read. What is no HTTP is refused with the error shape and
// loses its connection. I/O thread only; it lives as long as somebody waits for it.
class HttpSession final : public std::enable_shared_from_this<HttpSession> {
 public:
  using OnRequest = std::function<void(std::shared_ptr<HttpSession>, http::Request)>;
  using OnOver = std::function<void()>;

  // `limits` outlives the session. `on_over` is called once, when nothing can come of it any more.
  HttpSession(boost::asio::ip::tcp::socket socket, const HttpLimits& limits, OnRequest on_request,
              OnOver on_over);
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void start() { read_head(); }

  // --- One of these for each request. None does anything once the session was reset.
  void answer(http::Response response);
  // The length that is promised, half of what was promised, and the end.
  void answer_cut(http::Response response);
  // The connection itself, for who speaks another protocol from here on; the session is over then.
  [[nodiscard]] boost::beast::tcp_stream take_stream() { return std::move(stream_); }
  // Nothing, for as long as the client cares to wait.
  void hold();
  // Closed at once, with a reset. At any time.
  void reset();
  // Not reset and not closed. That a client has left shows only when something is sent to it.
  [[nodiscard]] bool is_open() const { return stream_.socket().is_open(); }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void read_head();
  void on_head(boost::system::error_code error);
  void read_body();
  void on_request(boost::system::error_code error);
  void on_unreadable(boost::system::error_code error);
  void write(BeastResponse message);
  void close();

  const HttpLimits& limits_;
  const OnRequest on_request_;
  const OnOver on_over_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  unsigned version_ = 11;  // of the request that is answered next
  bool keep_alive_ = false;
  std::optional<BeastResponse> message_;
  std::string bytes_;
};

}  // namespace landfall::net
