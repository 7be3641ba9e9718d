#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace landfall::transport {

// A byte stream to the origin, in clear or through TLS. Everything happens on the I/O thread; a
// handler that was given runs once, also after `close`, and keeps the connection alive until then.
class Connection {
 public:
  using Handshaken = std::function<void(boost::system::error_code)>;
  using Moved = std::function<void(boost::system::error_code, std::size_t)>;

  virtual ~Connection() = default;

  [[nodiscard]] virtual boost::asio::ip::tcp::socket& socket() = 0;
  // After the socket is connected, before anything is written.
  virtual void handshake(Handshaken done) = 0;
  virtual void read_some(boost::asio::mutable_buffer buffer, Moved done) = 0;
  virtual void write_some(boost::asio::const_buffer buffer, Moved done) = 0;

  void close();
  // Open, and nothing to read: an idle connection on which a byte, an end or an error waits is one
  // that the server has given up.
  [[nodiscard]] bool is_quiet();
};

[[nodiscard]] std::shared_ptr<Connection> make_plain_connection(boost::asio::io_context& io);

}  // namespace landfall::transport
