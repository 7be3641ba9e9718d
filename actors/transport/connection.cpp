#include "actors/transport/connection.hpp"

#include <array>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace landfall::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class PlainConnection final : public Connection,
                              public std::enable_shared_from_this<PlainConnection> {
 public:
  explicit PlainConnection(asio::io_context& io) : socket_(io) {}

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

 private:
  tcp::socket socket_;
};

}  // namespace

void Connection::close() {
  error_code ignored;
  socket().close(ignored);
}

bool Connection::is_quiet() {
  error_code error;
  if (!socket().is_open()) return false;
  socket().non_blocking(true, error);
  if (error) return false;
  std::array<char, 1> byte{};
  const std::size_t waiting =
      socket().receive(asio::buffer(byte), tcp::socket::message_peek, error);
  return waiting == 0 && error == asio::error::would_block;
}

std::shared_ptr<Connection> make_plain_connection(asio::io_context& io) {
  return std::make_shared<PlainConnection>(io);
}

}  // namespace landfall::transport
