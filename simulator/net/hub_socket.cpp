#include "simulator/net/hub_socket.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/stream_base.hpp>

#include "simulator/net/http_message.hpp"

namespace landfall::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr std::size_t kMessageBytesMax = 64U * 1024U;

}  // namespace

HubSocket::HubSocket(beast::tcp_stream stream, OnText on_text, OnOver on_over)
    : socket_(std::move(stream)), on_text_(std::move(on_text)), on_over_(std::move(on_over)) {}

void HubSocket::accept(const http::Request& request) {
  beast::get_lowest_layer(socket_).expires_never();
  socket_.read_message_max(kMessageBytesMax);
  socket_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                     websocket::stream_base::none(), false});
  socket_.async_accept(upgrade_of(request), [self = shared_from_this()](error_code error) {
    if (error) return self->over();
    self->is_open_ = true;
    self->socket_.text(true);
    self->write();
    self->read();
  });
}

void HubSocket::read() {
  socket_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
    if (error) return self->over();
    const std::string text = beast::buffers_to_string(self->buffer_.data());
    self->buffer_.consume(self->buffer_.size());
    self->on_text_(text);
    self->read();
  });
}

void HubSocket::say(std::vector<std::string> texts, bool close) {
  closes_ = closes_ || close;
  const bool is_idle = unsent_.empty();
  for (auto& text : texts) unsent_.push_back(std::move(text));
  if (is_open_ && is_idle) write();
}

void HubSocket::write() {
  if (unsent_.empty()) {
    if (!closes_) return;
    return socket_.async_close(websocket::close_code::normal,
                               [self = shared_from_this()](error_code) { self->over(); });
  }
  socket_.async_write(asio::buffer(unsent_.front()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error) return self->over();
                        self->unsent_.pop_front();
                        self->write();
                      });
}

void HubSocket::reset() {
  error_code ignored;
  auto& stream = beast::get_lowest_layer(socket_);
  stream.socket().set_option(asio::socket_base::linger{true, 0}, ignored);
  stream.close();
  over();
}

void HubSocket::over() {
  is_open_ = false;
  if (const auto on_over = std::exchange(on_over_, nullptr)) on_over();
}

}  // namespace landfall::net
