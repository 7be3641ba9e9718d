#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "mobile_glue/device_clock.hpp"
#include "simulator/backend/backend.hpp"

namespace landfall::net {

struct BackendServerOptions {
  std::uint16_t port = 0;  // zero picks one
  // A push of the largest batch fits; more is a 413.
  std::size_t request_bytes_max = std::size_t{4} << 20U;
  // All headers of a request; more is a 431.
  std::size_t header_bytes_max = std::size_t{32} << 10U;
  // A connection that says nothing for this long is closed. Real time, whatever the clock's speed.
  Duration idle_timeout{60'000};
  // One more is closed as soon as it is accepted.
  std::size_t connections_max = 256;
};

// A reference backend behind HTTP/1.1 on loopback: one I/O thread, keep-alive, and beside the
// backend's own routes those of simulator/net/inspection_routes. What is no HTTP gets a 400 in the
// error shape and loses its connection.
class BackendServer final {
 public:
  // Listens on 127.0.0.1 when it returns. Backend and clock outlive the server, and nobody else
  // touches the backend while it runs. Errors: server.port (in use, or not allowed).
  [[nodiscard]] static Result<std::unique_ptr<BackendServer>> start(
      backend::Backend& backend, const glue::DeviceClock& clock, BackendServerOptions options = {});

  // Closes every connection; a request that is being decided is decided first.
  ~BackendServer();
  BackendServer(const BackendServer&) = delete;
  BackendServer& operator=(const BackendServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string origin() const;  // "http://127.0.0.1:<port>"

  // Runs `look` between two requests and returns when it is done: what somebody else does to the
  // documents, and what a test wants to know. Any thread but the server's own.
  void with_backend(const std::function<void(backend::Backend&, Instant now)>& look);

 private:
  class Listener;
  explicit BackendServer(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace landfall::net
