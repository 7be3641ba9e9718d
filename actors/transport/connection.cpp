#include "actors/transport/connection.hpp"

#include <array>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "actors/transport/http2_session.hpp"

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class PlainConnection final : public Connection,
                              public std::enable_shared_from_this<PlainConnection> {
 public:
  PlainConnection(asio::io_context& io, Offer offer) : socket_(io), offer_(offer) {}

  tcp::socket& socket() override { return socket_; }

  void handshake(Handshaken done) override {
    asio::post(socket_.get_executor(),
               [self = shared_from_this(), done = std::move(done)] { done(error_code{}); });
  }

  void read_some(asio::mutable_buffer buffer, Moved done) override {
    socket_.async_read_some(buffer,
                            [self = shared_from_this(), done = std::move(done)](
                                error_code error, std::size_t bytes) { done(error, bytes); });
  }

  void write_some(asio::const_buffer buffer, Moved done) override {
    socket_.async_write_some(buffer,
                             [self = shared_from_this(), done = std::move(done)](
                                 error_code error, std::size_t bytes) { done(error, bytes); });
  }

  std::size_t read_waiting(asio::mutable_buffer buffer, error_code& error) override {
    return socket_.read_some(buffer, error);
  }

  [[nodiscard]] bool speaks_http2() const override { return offer_ == Offer::http2_too; }

 private:
  tcp::socket socket_;
  const Offer offer_;
};

}  // namespace

void Connection::close() {
  error_code ignored;
  socket().close(ignored);
}

bool Connection::may_carry_another() {
  error_code error;
  if (!socket().is_open()) return false;
  socket().non_blocking(true, error);
  if (error) return false;
  return http2_ ? hears_no_goodbye() : is_quiet();
}

// Of HTTP/1.1: a byte, an end or an error that waits says that the server has given up.
bool Connection::is_quiet() {
  error_code error;
  std::array<char, 1> byte{};
  const std::size_t waiting =
      socket().receive(asio::buffer(byte), tcp::socket::message_peek, error);
  return waiting == 0 && error == asio::error::would_block;
}

// Of HTTP/2, where a server says what it likes between two calls. One that talks without end is not
// listened to.
bool Connection::hears_no_goodbye() {
  constexpr int kReadsMax = 64;
  error_code error;
  std::array<char, 4'096> buffer;  // not initialised: it is filled or not read
  for (int i = 0; i < kReadsMax && !error; ++i) {
    const std::size_t bytes = read_waiting(asio::buffer(buffer), error);
    http2_->feed({buffer.data(), bytes});
  }
  return error == asio::error::would_block && http2_->may_carry_another();
}

std::shared_ptr<Http2Session> Connection::http2() {
  if (!http2_) http2_ = std::make_shared<Http2Session>();
  return http2_;
}

std::shared_ptr<Connection> make_plain_connection(asio::io_context& io, Offer offer) {
  return std::make_shared<PlainConnection>(io, offer);
}

}  // namespace landfall::transport
