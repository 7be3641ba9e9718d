#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace landfall::transport {

class Http2Session;

// Which versions of HTTP the client would speak.
enum class Offer { http1, http2_too };

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
  // What is there already, on a socket that does not block and while nothing else reads.
  virtual std::size_t read_waiting(boost::asio::mutable_buffer buffer,
                                   boost::system::error_code& error) = 0;
  // What was agreed on, once the handshake has succeeded: HTTP/2, and not HTTP/1.1.
  [[nodiscard]] virtual bool speaks_http2() const = 0;

  void close();
  // An idle connection is open, and the server has not given it up.
  [[nodiscard]] bool may_carry_another();
  // What is known of a connection that speaks HTTP/2, which goes on from one call to the next.
  [[nodiscard]] std::shared_ptr<Http2Session> http2();

 private:
  [[nodiscard]] bool is_quiet();
  [[nodiscard]] bool hears_no_goodbye();

  std::shared_ptr<Http2Session> http2_;  // made at the first call
};

// Nobody agrees on anything in clear: what is offered is what is spoken.
[[nodiscard]] std::shared_ptr<Connection> make_plain_connection(boost::asio::io_context& io,
                                                                Offer offer);

}  // namespace landfall::transport
