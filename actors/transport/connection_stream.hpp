#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include "actors/transport/connection.hpp"

namespace landfall::transport {

// A Connection in the form that Beast's WebSocket is written for (an AsyncStream). What may be read
// can be bounded, because an upgrade that is refused is read with its whole body.
class ConnectionStream {
 public:
  using executor_type = boost::asio::ip::tcp::socket::executor_type;

  explicit ConnectionStream(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  [[nodiscard]] executor_type get_executor() { return connection_->socket().get_executor(); }
  [[nodiscard]] Connection& connection() { return *connection_; }
  void limit_reading(std::size_t bytes) {
    is_limited_ = true;
    bytes_left_ = bytes;
  }
  void lift_limit() { is_limited_ = false; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, boost::asio::mutable_buffer buffer) {
          this->read(buffer, std::move(handler));
        },
        token, first_of<boost::asio::mutable_buffer>(buffers));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, boost::asio::const_buffer buffer) {
          this->connection_->write_some(buffer, shared(std::move(handler)));
        },
        token, first_of<boost::asio::const_buffer>(buffers));
  }

 private:
  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    for (auto it = boost::asio::buffer_sequence_begin(buffers);
         it != boost::asio::buffer_sequence_end(buffers); ++it) {
      const Buffer buffer(*it);
      if (buffer.size() > 0) return buffer;
    }
    return Buffer();
  }

  // Beast's handlers move and are not copied, a Connection's are copied.
  template <class Handler>
  static Connection::Moved shared(Handler handler) {
    const auto kept = std::make_shared<Handler>(std::move(handler));
    return [kept](boost::system::error_code error, std::size_t bytes) {
      std::move (*kept)(error, bytes);
    };
  }

  template <class Handler>
  void read(boost::asio::mutable_buffer buffer, Handler handler) {
    auto done = shared(std::move(handler));
    if (!is_limited_) return connection_->read_some(buffer, std::move(done));
    if (bytes_left_ == 0) {
      return boost::asio::post(get_executor(), [done = std::move(done)] {
        done(boost::asio::error::make_error_code(boost::asio::error::message_size), 0);
      });
    }
    const auto bounded = boost::asio::buffer(buffer, bytes_left_);
    connection_->read_some(bounded, [this, keep = connection_, done = std::move(done)](
                                        boost::system::error_code error, std::size_t bytes) {
      bytes_left_ -= std::min(bytes_left_, bytes);
      done(error, bytes);
    });
  }

  std::shared_ptr<Connection> connection_;
  bool is_limited_ = false;
  std::size_t bytes_left_ = 0;
};

// Beast's own deadlines, which are not used, would end a stream so.
inline void beast_close_socket(ConnectionStream& stream) { stream.connection().close(); }

// What Beast asks of a stream at the end: the connection goes at once, the goodbye was said by
// then.
inline void teardown(boost::beast::role_type, ConnectionStream& stream,
                     boost::system::error_code& error) {
  stream.connection().close();
  error = {};
}

template <class Handler>
void async_teardown(boost::beast::role_type, ConnectionStream& stream, Handler&& handler) {
  stream.connection().close();
  boost::asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
    std::move(handler)(boost::system::error_code{});
  });
}

}  // namespace landfall::transport
