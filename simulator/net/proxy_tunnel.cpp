#include "simulator/net/proxy_tunnel.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/write.hpp>

namespace landfall::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

ProxyTunnel::ProxyTunnel(beast::tcp_stream phone, beast::tcp_stream server, Network network,
                         std::function<void()> on_over)
    : phone_(std::move(phone)),
      server_(std::move(server)),
      network_(std::move(network)),
      on_over_(std::move(on_over)) {
  // Who is silent for how long is decided by the two who talk.
  phone_.expires_never();
  server_.expires_never();
}

void ProxyTunnel::start(std::string first) {
  down_.piece = std::move(first);
  write(down_);
  read(up_);
}

void ProxyTunnel::read(Way& way) {
  way.from.async_read_some(asio::buffer(way.room),
                           [self = shared_from_this(), &way](error_code error, std::size_t bytes) {
                             if (self->is_over_) return;
                             if (error) return self->on_end();
                             way.piece.assign(way.room.data(), bytes);
                             self->carry(way);
                           });
}

void ProxyTunnel::carry(Way& way) {
  const Passage passage = is_silent_ ? Passage::silent : network_.draw_passage();
  if (passage == Passage::cut) return reset();
  if (passage == Passage::silent) {
    is_silent_ = true;
    return read(way);
  }
  network_.after(network_.draw_latency(), [self = shared_from_this(), &way] {
    if (self->is_over_) return;
    // What fell silent while this piece travelled swallows it.
    self->is_silent_ ? self->read(way) : self->write(way);
  });
}

void ProxyTunnel::write(Way& way) {
  asio::async_write(way.to, asio::buffer(way.piece),
                    [self = shared_from_this(), &way](error_code error, std::size_t) {
                      if (self->is_over_) return;
                      error ? self->on_end() : self->read(way);
                    });
}

void ProxyTunnel::on_end() {
  if (!is_silent_ || std::exchange(has_ended_, true)) close();
}

void ProxyTunnel::close() {
  for (auto* stream : {&phone_, &server_}) {
    error_code ignored;
    stream->socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream->close();
  }
  over();
}

void ProxyTunnel::reset() {
  if (is_over_) return;
  for (auto* stream : {&phone_, &server_}) {
    error_code ignored;
    stream->socket().set_option(asio::socket_base::linger{true, 0}, ignored);
    stream->close();
  }
  over();
}

void ProxyTunnel::over() {
  is_over_ = true;
  if (const auto on_over = std::exchange(on_over_, nullptr)) on_over();
}

}  // namespace landfall::net
