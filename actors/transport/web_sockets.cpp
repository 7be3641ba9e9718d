#include "actors/transport/web_sockets.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "actors/transport/request_head.hpp"
#include "schema/limits.hpp"

namespace landfall::transport {

namespace asio = boost::asio;
using actors::SocketEnd;
using actors::SocketEvent;

WebSockets::~WebSockets() { abort_all(); }

void WebSockets::open(std::uint64_t socket, const http::Request& request, Duration timeout,
                      std::size_t message_bytes_max, actors::SocketPort::OnEvent on_event) {
  std::uint64_t serial = 0;
  http::Compressor compressor;  // a socket opens without a body
  bool is_fit = may_call_ && prepare_request(request, wire_.origin, compressor, 0).has_value();
  {
    const std::lock_guard lock(mutex_);
    is_fit = is_fit && open_.size() < limits::kSocketsMax;
    serial = ++last_serial_;
    open_.emplace(serial, Open{socket, std::move(on_event)});
  }
  asio::post(wire_.io, [this, serial, request, timeout, message_bytes_max, is_fit] {
    if (!is_fit) return tell(serial, {SocketEvent::Kind::ended, {}, SocketEnd::refused, 0});
    begin(serial, request, timeout, message_bytes_max);
  });
}

void WebSockets::begin(std::uint64_t serial, const http::Request& request, Duration timeout,
                       std::size_t message_bytes_max) {
  auto socket = std::make_shared<WebSocket>(
      wire_, request, message_bytes_max,
      [this, serial](SocketEvent event) { tell(serial, std::move(event)); });
  sockets_.emplace(serial, socket);
  socket->start(timeout);
}

template <class Then>
void WebSockets::with(std::uint64_t serial, Then then) {
  asio::post(wire_.io, [this, serial, then = std::move(then)]() mutable {
    const auto found = sockets_.find(serial);
    if (found == sockets_.end()) return;
    // What it does may end it, and its place here with it.
    const auto socket = found->second;
    then(*socket);
  });
}

void WebSockets::read(std::uint64_t socket) {
  if (const auto serial = serial_of(socket)) with(*serial, [](WebSocket& open) { open.read(); });
}

void WebSockets::send(std::uint64_t socket, std::string text) {
  if (const auto serial = serial_of(socket))
    with(*serial,
         [text = std::move(text)](WebSocket& open) mutable { open.send(std::move(text)); });
}

void WebSockets::close(std::uint64_t socket) {
  actors::SocketPort::OnEvent dropped;  // goes after the lock does
  std::unique_lock lock(mutex_);
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const auto& open) { return open.second.socket == socket; });
  if (found == open_.end()) return;
  const std::uint64_t serial = found->first;
  dropped = std::move(found->second.on_event);
  open_.erase(found);
  if (telling_ == serial && telling_thread_ != std::this_thread::get_id())
    told_.wait(lock, [&] { return telling_ != serial; });
  lock.unlock();
  with(serial, [this, serial](WebSocket& open) {
    open.say_goodbye([this, serial] { sockets_.erase(serial); });
  });
}

void WebSockets::forget_all() {
  std::map<std::uint64_t, Open> dropped;  // goes after the lock does
  std::unique_lock lock(mutex_);
  dropped.swap(open_);
  if (telling_thread_ == std::this_thread::get_id()) return;
  told_.wait(lock, [&] { return !telling_; });
}

void WebSockets::abort_all() {
  for (const auto& [serial, socket] : std::exchange(sockets_, {})) socket->abort();
}

void WebSockets::tell(std::uint64_t serial, SocketEvent event) {
  const bool is_over = event.kind == SocketEvent::Kind::ended;
  if (is_over) sockets_.erase(serial);
  std::unique_lock lock(mutex_);
  const auto found = open_.find(serial);
  if (found == open_.end()) return;
  auto on_event = found->second.on_event;
  if (is_over) open_.erase(found);
  telling_ = serial;
  telling_thread_ = std::this_thread::get_id();
  lock.unlock();
  on_event(std::move(event));
  on_event = nullptr;  // it may hold an actor, and goes outside the lock
  lock.lock();
  telling_.reset();
  telling_thread_ = {};
  told_.notify_all();
}

std::optional<std::uint64_t> WebSockets::serial_of(std::uint64_t socket) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [serial, open] : open_) {
    if (open.socket == socket) return serial;
  }
  return std::nullopt;
}

}  // namespace landfall::transport
