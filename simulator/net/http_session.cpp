#include "simulator/net/http_session.hpp"

#include <cstdint>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>

#include "simulator/backend/reply.hpp"

// Earlier releases bundle a zlib with known holes.
static_assert(BOOST_BEAST_VERSION >= 345, "Boost 1.81 or later is needed");

namespace landfall::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

// What a request that could not be read is answered with.
http::Response refusal(error_code error) {
  if (error == beast::http::error::body_limit) {
    return backend::error_reply(413, "PAYLOAD_TOO_LARGE",
                                "the body is larger than this server takes");
  }
  if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) {
    return backend::error_reply(431, "HEADERS_TOO_LARGE",
                                "the headers are larger than this server takes");
  }
  return backend::error_reply(400, "HTTP_INVALID", "this is no HTTP request: " + error.message());
}

bool is_http_error(error_code error) {
  return error.category() ==
         beast::http::make_error_code(beast::http::error::bad_method).category();
}

}  // namespace

HttpSession::HttpSession(tcp::socket socket, const HttpLimits& limits, OnRequest on_request,
                         OnOver on_over)
    : limits_(limits),
      on_request_(std::move(on_request)),
      on_over_(std::move(on_over)),
      stream_(std::move(socket)),
      buffer_(limits.header_bytes_max) {}

HttpSession::~HttpSession() { on_over_(); }

void HttpSession::read_head() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  parser_->body_limit(limits_.request_bytes_max);
  stream_.expires_after(limits_.idle_timeout);
  beast::http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
}

void HttpSession::on_head(error_code error) {
  if (error) return on_unreadable(error);
  if (!beast::iequals(parser_->get()[beast::http::field::expect], "100-continue"))
    return read_body();
  message_.emplace(beast::http::status::continue_, parser_->get().version());
  beast::http::async_write(stream_, *message_,
                           [self = shared_from_this()](error_code failed, std::size_t) {
                             if (!failed) self->read_body();
                           });
}

void HttpSession::read_body() {
  beast::http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_request(error); });
}

void HttpSession::on_request(error_code error) {
  if (error) return on_unreadable(error);
  version_ = parser_->get().version();
  keep_alive_ = parser_->get().keep_alive();
  // Whoever decides may take as long as it likes.
  stream_.expires_never();
  on_request_(shared_from_this(), request_of(parser_->release()));
}

// A client that left, or was silent for too long, is told nothing.
void HttpSession::on_unreadable(error_code error) {
  if (!is_http_error(error) || error == beast::http::error::end_of_stream ||
      error == beast::http::error::partial_message) {
    return close();
  }
  write(message_of(refusal(error), 11, false));
}

void HttpSession::answer(http::Response response) {
  write(message_of(std::move(response), version_, keep_alive_));
}

void HttpSession::write(BeastResponse message) {
  message_ = std::move(message);
  stream_.expires_after(limits_.idle_timeout);
  beast::http::async_write(stream_, *message_,
                           [self = shared_from_this()](error_code error, std::size_t) {
                             if (error || self->message_->need_eof()) return self->close();
                             self->read_head();
                           });
}

void HttpSession::answer_cut(http::Response response) {
  const std::size_t body_bytes = response.body.size();
  bytes_ = bytes_of(message_of(std::move(response), version_, keep_alive_));
  // Without a body it is the head that breaks off.
  bytes_.resize(body_bytes > 0 ? bytes_.size() - (body_bytes + 1) / 2 : bytes_.size() / 2);
  stream_.expires_after(limits_.idle_timeout);
  asio::async_write(stream_, asio::buffer(bytes_),
                    [self = shared_from_this()](error_code, std::size_t) { self->close(); });
}

void HttpSession::hold() {
  stream_.expires_never();
  bytes_.resize(1024);
  stream_.async_read_some(asio::buffer(bytes_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                            error ? self->close() : self->hold();
                          });
}

void HttpSession::reset() {
  error_code ignored;
  stream_.socket().set_option(asio::socket_base::linger{true, 0}, ignored);
  stream_.close();
}

void HttpSession::close() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.close();
}

}  // namespace landfall::net
