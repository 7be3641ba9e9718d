#include "actors/transport/web_socket.hpp"

#include <deque>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/stream_base.hpp>

#include "actors/transport/connection_stream.hpp"
#include "actors/transport/request_head.hpp"
#include "schema/limits.hpp"

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using actors::SocketEnd;
using actors::SocketEvent;
using boost::system::error_code;

// How long a goodbye may take.
constexpr Duration kGoodbye{1'000};
// Texts that wait to be written. The hub's client writes one at a time, and a ping now and then.
constexpr std::size_t kUnsentMax = 32;
// Of the answer to an upgrade, head and body: one that is refused may explain itself at length.
constexpr std::size_t kUpgradeBytesMax = limits::kResponseHeaderBytesMax + 64 * limits::kKiB;

SocketEnd end_of(error_code error) {
  if (error == websocket::error::closed) return SocketEnd::closed;
  if (error == websocket::error::message_too_big) return SocketEnd::too_large;
  return SocketEnd::cut;
}

}  // namespace

// Beast's stream and what is under way on it. It outlives the socket's interest in it for as long
// as a handler is out.
struct WebSocket::Stream {
  explicit Stream(std::shared_ptr<Connection> connection) : socket(std::move(connection)) {}

  websocket::stream<ConnectionStream, false> socket;
  websocket::response_type response;
  boost::beast::flat_buffer buffer;
  std::deque<std::string> unsent;  // the first one is being written
};

WebSocket::WebSocket(Wire& wire, http::Request request, std::size_t message_bytes_max,
                     OnEvent on_event)
    : wire_(wire),
      request_(std::move(request)),
      message_bytes_max_(message_bytes_max),
      on_event_(std::move(on_event)),
      deadline_(wire.io, wire.clock) {}

WebSocket::~WebSocket() = default;

void WebSocket::start(Duration timeout) {
  deadline_.arm(timeout, [self = shared_from_this()] { self->end(SocketEnd::refused); });
  // Upgrades are HTTP/1.1's.
  dial_ = std::make_shared<Dial>(wire_, Offer::http1, [self = shared_from_this()](auto connection) {
    self->dial_.reset();
    if (!connection) return self->end(SocketEnd::refused);
    self->upgrade(std::move(connection));
  });
  dial_->start();
}

void WebSocket::upgrade(std::shared_ptr<Connection> connection) {
  stream_ = std::make_unique<Stream>(std::move(connection));
  auto& socket = stream_->socket;
  socket.next_layer().limit_reading(kUpgradeBytesMax);
  socket.read_message_max(message_bytes_max_);
  // Who is silent for how long is decided by who knows the protocol above.
  socket.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                    websocket::stream_base::none(), false});
  socket.set_option(websocket::stream_base::decorator([this](websocket::request_type& upgrade) {
    for (const auto& [name, value] : request_.headers) {
      if (!is_own_header(name)) upgrade.set(name, value);
    }
  }));
  socket.async_handshake(
      stream_->response, wire_.origin.authority(), request_.target,
      [self = shared_from_this()](error_code error) {
        const bool answered = error == websocket::error::upgrade_declined;
        self->on_upgraded(error,
                          answered ? static_cast<int>(self->stream_->response.result_int()) : 0);
      });
}

void WebSocket::on_upgraded(error_code error, int status) {
  if (!on_event_) return;
  if (error) return end(status != 0 ? SocketEnd::rejected : SocketEnd::refused, status);
  deadline_.disarm();
  stream_->socket.next_layer().lift_limit();
  stream_->socket.text(true);
  is_open_ = true;
  on_event_({SocketEvent::Kind::opened, {}, {}, 0});
}

void WebSocket::read() {
  if (!is_open_ || std::exchange(is_reading_, true)) return;
  stream_->socket.async_read(
      stream_->buffer,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void WebSocket::on_read(error_code error) {
  is_reading_ = false;
  if (!on_event_) return;
  if (error) return end(end_of(error));
  if (!stream_->socket.got_text()) return end(SocketEnd::not_text);
  const auto bytes = stream_->buffer.cdata();
  std::string text(static_cast<const char*>(bytes.data()), bytes.size());
  stream_->buffer.consume(bytes.size());
  on_event_({SocketEvent::Kind::text, std::move(text), {}, 0});
}

void WebSocket::send(std::string text) {
  if (!is_open_ || !on_event_) return;
  if (stream_->unsent.size() >= kUnsentMax) return end(SocketEnd::cut);
  stream_->unsent.push_back(std::move(text));
  if (stream_->unsent.size() == 1) write_next();
}

void WebSocket::write_next() {
  stream_->socket.async_write(asio::buffer(stream_->unsent.front()),
                              [self = shared_from_this()](error_code error, std::size_t) {
                                if (!self->on_event_) return;
                                if (error) return self->end(end_of(error));
                                self->stream_->unsent.pop_front();
                                if (!self->stream_->unsent.empty()) self->write_next();
                              });
}

void WebSocket::say_goodbye(std::function<void()> then) {
  on_event_ = nullptr;
  then_ = std::move(then);
  if (!is_open_) return shut();
  deadline_.arm(kGoodbye, [self = shared_from_this()] { self->shut(); });
  stream_->socket.async_close(websocket::close_code::normal,
                              [self = shared_from_this()](error_code) { self->shut(); });
}

void WebSocket::abort() {
  on_event_ = nullptr;
  then_ = nullptr;
  shut();
}

void WebSocket::end(SocketEnd how, int status) {
  const OnEvent on_event = std::exchange(on_event_, nullptr);
  shut();
  if (on_event) on_event({SocketEvent::Kind::ended, {}, how, status});
}

// The handlers that are out hold this, and find that nobody listens.
void WebSocket::shut() {
  deadline_.disarm();
  is_open_ = false;
  if (const auto dial = std::exchange(dial_, nullptr)) dial->give_up();
  if (stream_) stream_->socket.next_layer().connection().close();
  if (const auto then = std::exchange(then_, nullptr)) then();
}

}  // namespace landfall::transport
