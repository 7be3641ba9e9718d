#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/http/gzip.hpp"
#include "engine/http/message.hpp"

namespace landfall::bench {

// A server on 127.0.0.1 in blocking calls, a thread a connection, which costs a request less than
// an event loop does. It speaks HTTP/1.1, or HTTP/2 to a client that begins so. It counts what
// comes in to the byte. Throws std::runtime_error.
class HttpServer final {
 public:
  // Called on a connection's thread with the monotonic instant of the request's first byte.
  using Handler = std::function<http::Response(const http::Request& request, std::int64_t at_ns)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string origin() const;
  // Requests wait until the gate is open, so that a phone can come to rest before it has a network.
  void open_gate();
  // Of whole requests to this target, heads and bodies, and of what HTTP/2 itself says before them.
  [[nodiscard]] std::uint64_t bytes_to(const std::string& target) const;

 private:
  void accept_all();
  void serve(int connection);
  bool serve_one(int connection, std::string& pending, http::Decompressor& decompressor);
  void serve_http2(int connection, std::string pending, http::Decompressor& decompressor);
  void note(const http::Request& request, std::size_t bytes);

  const Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  bool is_over_ = false;
  std::vector<std::pair<std::string, std::uint64_t>> bytes_by_target_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace landfall::bench
